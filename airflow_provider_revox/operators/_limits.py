"""Refuse options of a launch: those that do not go together, and limits that render to nothing."""

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
    "up_to",
)
"""Options that say when, how or how many people may be called. Without them, Revox decides."""


def given_limits(operator: object) -> list[str]:
    """Return the names of the limits that the user has given, before they are rendered."""
    return [name for name in LIMITS if getattr(operator, name, None) is not None]


def check_limits(operator: object, given: Iterable[str], **read: Any) -> None:
    """
    Refuse a limit that the user has given and that renders to nothing: people would be called without it.

    :param given: What :func:`given_limits` returned.
    :param read: Limits that were read from their rendered text.
    :raises InvalidRequestError: There is such a limit.
    """
    problem = "was given, but its template or task gave None; give a value, or leave the option out"
    values = {name: read.get(name, getattr(operator, name)) for name in given}
    if problems := [f"{name}: {problem}" for name, value in values.items() if value is None]:
        raise InvalidRequestError(problems)


def check_launch(operator: Any) -> None:
    """
    Refuse what a campaign that is not launched can't have.

    :raises ValueError: The option ``launch`` is neither true nor false, or another option needs a launch.
    """
    if operator.launch is not True and operator.launch is not False:
        raise ValueError("launch must be True or False")
    if operator.launch:
        return
    if operator.wait_for_completion:
        raise ValueError(
            "wait_for_completion=True needs launch=True: a campaign that is not launched is never completed. "
            "Let LaunchCampaignOperator wait"
        )
    if operator.scheduled_at is not None:
        raise ValueError(
            "scheduled_at needs launch=True: it says when calls start. Give it to LaunchCampaignOperator"
        )
