"""Templates render to text; this reads the values back that the text stands for."""

from __future__ import annotations

import ast
import json
from collections.abc import Mapping
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError

NUMERIC_FIELDS = ("max_retry_attempts", "retry_delay_seconds")


def read_literal(value: Any, field: str, *, more: str = "") -> Any:
    """
    Read text as JSON, or as Python's own notation of lists and dicts; other values pass.

    :param value: What a template rendered to, or a value that was none.
    :param field: Its name, for the error.
    :param more: What else it could have been.
    :raises InvalidRequestError: The text is neither.
    """
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except (ValueError, RecursionError):
        pass
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        pass
    # Raised here: the errors above quote the text, and must not hang on this one.
    raise InvalidRequestError(
        [
            f"{field}: is text that is neither JSON nor a Python literal{more}; "
            "pass the upstream task's output itself, or render with | tojson"
        ]
    )


def read_integer(value: Any) -> Any:
    """Read text as a whole number; text that is none is left for the check of the request."""
    return int(value) if isinstance(value, str) and value.strip().isdecimal() else value


def read_retry_config(config: Any) -> Any:
    """Read the numbers in a ``call_retry_config``, at any depth."""
    if isinstance(config, Mapping):
        return {
            name: read_integer(value) if name in NUMERIC_FIELDS else read_retry_config(value)
            for name, value in config.items()
        }
    if isinstance(config, (list, tuple)):
        return [read_retry_config(item) for item in config]
    return config
