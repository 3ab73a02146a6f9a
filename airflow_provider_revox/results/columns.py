"""Turn a row of a campaign and its call into flat columns, as a warehouse needs them."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.timestamps import seconds_since_1970
from airflow_provider_revox.files.parquet import ColumnType

_is_usual = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z").fullmatch

COLUMNS: Mapping[str, ColumnType] = {
    "campaign_id": "text",
    "row_id": "text",
    "row_index": "integer",
    "phone_number": "text",
    "call_id": "text",
    "status": "text",
    "result": "text",
    "outcome": "text",
    "attempts": "integer",
    "answered_at": "timestamp",
    "ended_at": "timestamp",
    "duration_seconds": "number",
    "recording_url": "text",
    "end_reason": "text",
    "dial_error": "text",
    "structured_output": "json",
    "input_data": "json",
}
"""The columns and their types; prompt variables may follow. All values are text or numbers."""


def flatten(campaign_id: str, row: Mapping[str, Any], variables: Sequence[str] = ()) -> list[Any]:
    """
    Return the values of :data:`COLUMNS`, and then those of some prompt variables.

    A value whose type is not the one that the API describes becomes None, so that each column keeps its type.

    :param campaign_id: The campaign of the row.
    :param row: The row as the API shows it, with its ``id``.
    :param variables: The prompt variables that become columns.
    """
    call = _object(row.get("call"))
    attempts = call.get("call_attempts")
    listed = attempts if isinstance(attempts, list) else []
    last = _object(call.get("last_call_attempt")) or _object(next(iter(listed), None))
    answered, answered_at = _timestamp(last.get("answered_at"))
    ended, ended_at = _timestamp(last.get("ended_at"))
    attempts_made = _integer(call.get("calls_count"))
    structured_output = _object(last.get("structured_output"))
    input_data = _object(row.get("input_data"))
    return [
        campaign_id,
        row["id"],
        _integer(row.get("row_index")),
        _text(row.get("phone_number")),
        _text(call.get("id")),
        _text(call.get("status")),
        _text(last.get("result")),
        _text(call.get("outcome")),
        len(listed) if attempts_made is None else attempts_made,
        answered_at,
        ended_at,
        round(ended - answered, 3) if answered_at and ended_at else None,
        _text(last.get("recording_url")),
        _text(last.get("end_reason")),
        _text(last.get("dial_error")),
        json_bytes(structured_output).decode() if structured_output else None,
        json_bytes(input_data).decode(),
        *(_variable(input_data.get(name)) for name in variables),
    ]


def json_bytes(value: Any) -> bytes:
    """
    Return a value as JSON that every file can hold.

    Half a surrogate pair becomes a question mark. NaN and infinities become null.
    """
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def check_variables(names: Any) -> list[str]:
    """
    Return the names of the prompt variables that become columns.

    :raises InvalidRequestError: The value is not a list of names, or a column has one of the names already.
    """
    if names is None:
        return []
    problem = ""
    if isinstance(names, str) or not isinstance(names, Sequence):
        problem = "must be a list of names of prompt variables"
    elif any(not isinstance(name, str) or not name.strip() for name in names):
        problem = "has an item that is not the name of a prompt variable"
    elif len(set(names)) < len(names):
        problem = "has a name twice"
    elif taken := sorted(COLUMNS.keys() & set(names)):
        problem = f"{', '.join(taken)}: the file has a column of this name already; see input_data in it"
    if problem:
        raise InvalidRequestError([f"variable_columns: {problem}"])
    return list(names)


def _variable(value: Any) -> str | None:
    return value if value is None or isinstance(value, str) else json_bytes(value).decode()


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) else None


def _integer(value: Any) -> int | None:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if type(value) is int and abs(value) < 2**63 else None


def _timestamp(value: Any) -> tuple[float, str | None]:
    """Return a timestamp in seconds since 1970 and as text."""
    try:
        if isinstance(value, str) and _is_usual(value):  # as below, but faster
            return datetime.fromisoformat(value).timestamp(), f"{value[:-1]}+00:00"
        seconds = seconds_since_1970(value)
        if seconds is None:
            return 0.0, None
        return seconds, datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):
        return 0.0, None
