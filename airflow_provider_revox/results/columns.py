"""A row of a campaign and its call, made flat: one column per thing a warehouse asks about."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Literal

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.moments import seconds_since_1970

ColumnType = Literal["text", "integer", "number", "moment", "json"]

COLUMNS: Mapping[str, ColumnType] = {
    "row_id": "text",
    "row_index": "integer",
    "phone_number": "text",
    "call_id": "text",
    "status": "text",
    "result": "text",
    "outcome": "text",
    "attempts": "integer",
    "answered_at": "moment",
    "ended_at": "moment",
    "duration_seconds": "number",
    "recording_url": "text",
    "end_reason": "text",
    "dial_error": "text",
    "structured_output": "json",
    "input_data": "json",
}
"""What a row becomes. The campaign's id goes before these, variables that are columns go after them."""

CAMPAIGN_COLUMN = "campaign_id"


def flatten(row: Mapping[str, Any]) -> list[Any]:
    """
    Return the values of :data:`COLUMNS`.

    What came in another type than the API describes is None: a file needs columns that keep theirs.

    :param row: As the API shows it; its ``id`` is there.
    """
    call = _object(row.get("call"))
    attempts = call.get("call_attempts")
    listed = attempts if isinstance(attempts, list) else []
    last = _object(call.get("last_call_attempt")) or _object(next(iter(listed), None))
    answered, answered_at = _moment(last.get("answered_at"))
    ended, ended_at = _moment(last.get("ended_at"))
    made = _integer(call.get("calls_count"))
    return [
        row["id"],
        _integer(row.get("row_index")),
        _text(row.get("phone_number")),
        _text(call.get("id")),
        _text(call.get("status")),
        _text(last.get("result")),
        _text(call.get("outcome")),
        len(listed) if made is None else made,
        answered_at,
        ended_at,
        round(ended - answered, 3) if answered_at and ended_at else None,
        _text(last.get("recording_url")),
        _text(last.get("end_reason")),
        _text(last.get("dial_error")),
        _object(last.get("structured_output")) or None,
        _object(row.get("input_data")),
    ]


def check_variables(names: Any) -> list[str]:
    """
    Check which variables shall be columns of their own.

    :raises InvalidRequestError: It is no list of names, or one of them is taken.
    """
    if names is None:
        return []
    problem = ""
    if isinstance(names, str) or not isinstance(names, Sequence):
        problem = "must be a list of names of prompt variables"
    elif any(not isinstance(name, str) or not name.strip() for name in names):
        problem = "has something in it that is no name of a prompt variable"
    elif len(set(names)) < len(names):
        problem = "has a name twice"
    elif taken := sorted({CAMPAIGN_COLUMN, *COLUMNS} & set(names)):
        problem = f"{', '.join(taken)}: the file has a column of this name already; see input_data in it"
    if problem:
        raise InvalidRequestError([f"variable_columns: {problem}"])
    return list(names)


def variable_text(value: Any) -> str | None:
    """Return a variable as text, which is what the API says it is."""
    return value if value is None or isinstance(value, str) else json_text(value)


def json_text(value: Any) -> str | None:
    """Return a value as JSON, for files that have no type for it."""
    return None if value is None else json.dumps(value, ensure_ascii=False)


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and abs(value) < 2**63 else None


def _moment(value: Any) -> tuple[float, str | None]:
    """Return a moment in seconds since 1970 and as text."""
    seconds = seconds_since_1970(value)
    if seconds is None:
        return 0.0, None
    try:
        return seconds, datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):
        return 0.0, None
