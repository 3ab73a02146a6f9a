"""Read the values back from the text that templates render to."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.phone_numbers.number_types import from_json

NUMERIC_FIELDS = ("max_retry_attempts", "retry_delay_seconds")


def read_literal(value: Any, field: str, *, more: str = "") -> Any:
    """
    Read text as JSON or as a Python literal; return any other value unchanged.

    :param value: The text that a template rendered to, or a value of another type.
    :param field: The field's name, for the error.
    :param more: What else the field accepts, for the error.
    :raises InvalidRequestError: The text is neither.
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value, parse_float=from_json)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        pass
    # Not raised inside "except": the errors there quote the text, and would be shown with this one.
    raise InvalidRequestError(
        [
            f"{field}: is text that is neither JSON nor a Python literal{more}; "
            "pass the upstream task's output itself, or render with | tojson"
        ]
    )


def is_missing(value: Any) -> bool:
    """Return whether a value is none, empty or the word None, which a template renders none to."""
    return value is None or (isinstance(value, str) and value.strip() in ("", "None"))


def read_campaign_id(value: Any, task: object) -> str:
    """
    Return the id of one campaign, without spaces around it.

    :param value: The task's ``campaign_id``, rendered.
    :param task: The operator or sensor, for the error.
    :raises InvalidRequestError: There is no id, or there are several.
    """
    if isinstance(value, str) and not is_missing(value):
        return value.strip()
    if not isinstance(value, str):
        problem = type(value).__name__
    else:
        problem = "the word None" if value.strip() else "empty"
    raise InvalidRequestError(
        [
            f"campaign_id: must be the id of one campaign, not {problem}. Check the task or the template "
            "that it comes from. For several campaigns, use "
            f"{type(task).__name__}.partial(...).expand(campaign_id=...)"
        ]
    )


def read_integer(value: Any) -> Any:
    """Read digits as a whole number; return any other value unchanged, for the check of the request."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


def read_retry_config(config: Any) -> Any:
    """Read the digits in a ``call_retry_config`` as numbers, at any depth."""
    if isinstance(config, Mapping):
        return {
            name: read_integer(value) if name in NUMERIC_FIELDS else read_retry_config(value)
            for name, value in config.items()
        }
    if isinstance(config, (list, tuple)):
        return [read_retry_config(item) for item in config]
    return config
