"""Turn the fields of an Airflow connection into the settings of a client."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.config import DEFAULT_BASE_URL, ClientConfig
from airflow_provider_revox.client.errors import InvalidConfigurationError
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


@contextmanager
def named(conn_id: str) -> Iterator[None]:
    """Name the connection in an error about its settings."""
    try:
        yield
    except InvalidConfigurationError as error:
        raise InvalidConfigurationError(f"connection {conn_id!r}: {error}") from None


def _base_url(connection: Connection) -> str:
    """Join the parts of a URI such as ``revox://:key@www.getrevox.com/api``, which Airflow has split."""
    host = (connection.host or "").strip().rstrip("/")
    if not host:
        return host
    port = f":{connection.port}" if connection.port else ""
    path = f"/{connection.schema}" if connection.schema else ""
    return f"{host if '://' in host else f'https://{host}'}{port}{path}"


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
    return str(value)


_READERS = {
    "number": _read_number,
    "integer": _read_integer,
    "boolean": _read_boolean,
    "string": _read_string,
}
