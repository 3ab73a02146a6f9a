"""Check the Airflow connection that a URL names, as in ``s3://conn_id@bucket/due.csv``."""

from __future__ import annotations

import re
from functools import cache
from urllib.parse import urlsplit

from airflow_provider_revox.client.errors import InvalidRequestError

_PLAIN = re.compile(r"[A-Za-z][\w.-]{0,249}", re.ASCII)
"""A connection id that an error may show. Other text before the ``@`` may hold a password."""


def check_named_connection(url: str, name: str) -> None:
    """
    Check that the connection exists which a URL names.

    Some storages go on without it: S3 would take the credentials of the machine, or none, so a misspelt name
    would lead to another account.

    :param url: A URL. If it names no connection, nothing is checked.
    :param name: How errors name the file.
    :raises InvalidRequestError: Airflow has no such connection.
    """
    try:
        conn_id = urlsplit(url).netloc.rpartition("@")[0]
    except ValueError:  # no valid URL, which Airflow says, too
        return
    if not conn_id or _exists(conn_id):
        return
    named = (
        f"the connection {conn_id}" if _PLAIN.fullmatch(conn_id) else "a connection (the text before the @)"
    )
    raise InvalidRequestError(
        [f"{name}: its path names {named} that does not exist; add it to Airflow, or correct the path"]
    )


def _exists(conn_id: str) -> bool:
    from airflow.providers.common.compat.sdk import AirflowNotFoundException

    try:
        _look_up(conn_id)
    except AirflowNotFoundException:
        return False
    return True


@cache
def _look_up(conn_id: str) -> None:
    """
    Ask Airflow for a connection. An error is not remembered; a connection that was found is.

    A task opens hundreds of files through one connection, and Airflow 3 asks its server each time.
    """
    from airflow.providers.common.compat.sdk import BaseHook

    BaseHook.get_connection(conn_id)
