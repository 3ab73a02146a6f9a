"""Refuse a limit of a launch that was given and is nothing once it is rendered."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError

LIMITS = (
    "call_retry_config",
    "from_phone_number",
    "max_concurrent_calls",
    "max_contacts",
    "not_called_within",
    "scheduled_at",
)
"""Options that say when, how or how many people may be called. Without them, Revox decides."""


def given_limits(operator: object) -> list[str]:
    """Return the names of the limits that the user has given, before they are rendered."""
    return [name for name in LIMITS if getattr(operator, name) is not None]


def check_limits(operator: object, given: Iterable[str], **read: Any) -> None:
    """
    Refuse a limit that the user has given and that renders to nothing: people would be called without it.

    :param given: What :func:`given_limits` returned.
    :param read: Limits that were read from the text that they rendered to.
    :raises InvalidRequestError: There is such a limit.
    """
    problem = "was given, but its template or task gave None; give a value, or leave the option out"
    values = {name: read.get(name, getattr(operator, name)) for name in given}
    if problems := [f"{name}: {problem}" for name, value in values.items() if value is None]:
        raise InvalidRequestError(problems)
