"""Turn the fields of an Airflow connection into the settings of a client."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from airflow.providers.common.compat.sdk import mask_secret

from airflow_provider_revox.client.config import DEFAULT_BASE_URL, ClientConfig
from airflow_provider_revox.client.errors import InvalidConfigurationError
from airflow_provider_revox.client.transport import secrets
from airflow_provider_revox.hooks.connection_form import CONN_FIELDS

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Connection


def client_config(connection: Connection, extra: Mapping[str, Any]) -> ClientConfig:
    """
    Read the fields of a connection.

    :param connection: Of type ``revox``.
    :param extra: Its extras. Numbers and booleans may be text, as forms store them.
    :raises InvalidConfigurationError: A field can't be used. The text names the field and the reason.
    """
    if not isinstance(extra, Mapping):
        raise InvalidConfigurationError("the extras must be a JSON object")
    options: dict[str, Any] = {
        name: _READERS[spec["schema"]["type"][0]](name, extra[name])
        for name, spec in CONN_FIELDS.items()
        if extra.get(name) not in (None, "")
    }
    return ClientConfig(
        api_key=(connection.password or "").strip(),
        base_url=_base_url(connection) or DEFAULT_BASE_URL,
        **options,
    )


def mask_secrets(config: ClientConfig) -> None:
    """
    Give the key, the proxy and its password to Airflow's secrets masker.

    :raises InvalidConfigurationError: The proxy of the environment speaks no http.
    """
    for secret in filter(None, [*secrets(config), config.proxy]):
        mask_secret(secret)


def error_of_connection(conn_id: str, error: InvalidConfigurationError) -> InvalidConfigurationError:
    """Return an error that names the connection, and has no frames with its password."""
    return InvalidConfigurationError(f"connection {conn_id!r}: {error}")


def _base_url(connection: Connection) -> str:
    """
    Join host, port and schema of a connection.

    The host may be a whole URL. Airflow splits a URI such as ``revox://:key@www.getrevox.com:443/api``, and
    calls the path ``schema``; users of other providers give ``https`` as the schema.

    :raises InvalidConfigurationError: Two parts contradict each other.
    """
    scheme, separator, host = (connection.host or "").strip().rpartition("://")
    host, _, path = host.partition("/")
    schema = (connection.schema or "").strip().strip("/")
    if ":" in schema:
        raise InvalidConfigurationError("the schema must be https, http or a part of the path, such as api")
    if schema.lower() in ("http", "https"):
        if separator and scheme.lower() != schema.lower():
            raise InvalidConfigurationError("the schema and the base URL (host) name two protocols")
        scheme, schema = schema.lower(), ""
    if not host:
        if path or connection.port or schema or separator:
            raise InvalidConfigurationError("the base URL (host) has no host name")
        return ""
    host = _with_port(host, connection.port)
    return "/".join(filter(None, [f"{scheme or 'https'}://{host}", path.rstrip("/"), schema]))


def _with_port(host: str, port: int | None) -> str:
    """
    Put the port behind the host, and an IPv6 address into brackets.

    :raises InvalidConfigurationError: The host has another port already.
    """
    # Everything else is no IPv6 address, has brackets already, or has its port.
    with suppress(ValueError):
        host = f"[{ipaddress.IPv6Address(host)}]"
    if not port:
        return host
    _, separator, own = host.rpartition("]")[2].partition(":")
    if separator and own != str(port):
        raise InvalidConfigurationError("the port and the base URL (host) name two ports")
    return host if separator else f"{host}:{port}"


def _read_number(name: str, value: Any) -> float:
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError):
        raise InvalidConfigurationError(f"extra {name} must be a number") from None


def _read_integer(name: str, value: Any) -> int:
    number = _read_number(name, value)
    if not number.is_integer():
        raise InvalidConfigurationError(f"extra {name} must be a whole number")
    return int(number)


def _read_boolean(name: str, value: Any) -> bool:
    if str(value).lower() not in ("true", "false"):
        raise InvalidConfigurationError(f"extra {name} must be true or false")
    return str(value).lower() == "true"


def _read_string(name: str, value: Any) -> str:
    return str(value).strip() if name == "proxy" else str(value)


_READERS = {
    "number": _read_number,
    "integer": _read_integer,
    "boolean": _read_boolean,
    "string": _read_string,
}
