"""Turn the rows of a campaign into flat records, as a warehouse needs them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from operator import attrgetter
from typing import Any

import msgspec
from pydantic_core import PydanticSerializationError, to_json

from airflow_provider_revox.client.spelling import whole_number
from airflow_provider_revox.client.timestamps import seconds_since_1970
from airflow_provider_revox.results.attempts import each_once, last_first
from airflow_provider_revox.results.columns import Layout, Source
from airflow_provider_revox.results.shapes import RowShape, valid_text

Record = list[Any]
"""The values of a record, in the order of the columns. Every file can hold them, and JSON in them is text."""
_encode = msgspec.json.Encoder().encode
_parse = datetime.fromisoformat
_Getter = Callable[[Any], tuple[Any, ...]]
_WITHIN_ROW: Mapping[Source, str] = {"row": "", "call": "call.", "attempt": "call.last_call_attempt."}


class Flattener:
    """
    Turns the rows of one campaign into records.

    :param campaign_id: The campaign of the rows.
    :param layout: What a record is.
    :param shape: The shape that has read the rows.
    """

    def __init__(self, campaign_id: str, layout: Layout, shape: RowShape) -> None:
        self._campaign_id = campaign_id
        self._every_attempt = layout.record_of == "attempts"
        self._variables = layout.variables
        self._no_attempt = shape.attempt()
        self._no_call = shape.call(last_call_attempt=self._no_attempt)
        columns = layout.columns
        # The getter puts the values into the order of the columns. For a value that the task computes it
        # inserts the id, which is replaced later.
        self._read: _Getter = attrgetter(
            *(
                _WITHIN_ROW[source] + field if source != "task" else "id"
                for _, source, field in columns.values()
            )
        )
        place = list(columns).index
        self._timestamps, self._objects = (
            [place(name) for name, (kind, source, _) in columns.items() if (kind, source) in wanted]
            for wanted in ([("timestamp", "call"), ("timestamp", "attempt")], [("json", "attempt")])
        )
        self._row_index = place("row_index")
        self._count, self._duration = place("attempts"), place("duration_seconds")
        self._answered_at, self._ended_at = place("answered_at"), place("ended_at")
        self._number = place("attempt_number") if self._every_attempt else None

    def __call__(self, row: Any) -> list[Record]:
        """
        Return the records of a row: one, or one for each attempt, the last attempt first.

        A row without an attempt has one record, so that every row is in the file.

        :param row: A row as the shape has read it. It is changed.
        """
        call, input_data = row.call, row.input_data or {}
        # Once, since each attempt of a call has it, and it may be long.
        row.input_data = _json(input_data)
        variables = [_variable(input_data.get(name)) for name in self._variables]
        if call is None:
            row.call = self._no_call
            return [self._record(row, 0, None) + variables]
        last, count = call.last_call_attempt, _integer(call.calls_count)
        if count is None:
            count = len(each_once(call))
        shown = last_first(call) if self._every_attempt or last is None else [last]
        made = max(count, len(shown))
        records = []
        for place, attempt in enumerate(shown if self._every_attempt else shown[:1]):
            call.last_call_attempt = attempt
            records.append(self._record(row, count, made - place) + variables)
        if not shown:
            call.last_call_attempt = self._no_attempt
            records.append(self._record(row, count, None) + variables)
        return records

    def _record(self, row: Any, count: int, number: int | None) -> Record:
        values = [*self._read(row)]
        for place in self._timestamps:
            if values[place] is not None:
                values[place] = timestamp(values[place])
        for place in self._objects:
            values[place] = _json(values[place]) if values[place] else None
        values[0] = self._campaign_id
        values[self._row_index] = _integer(row.row_index)
        values[self._count] = count
        if self._number is not None:
            values[self._number] = number
        answered_at, ended_at = values[self._answered_at], values[self._ended_at]
        values[self._duration] = _seconds(answered_at, ended_at) if answered_at and ended_at else None
        return values


def json_bytes(value: Any) -> bytes:
    """
    Return a value as JSON that every file can hold.

    Half a surrogate pair becomes a question mark. NaN and infinities become null.
    """
    try:
        return _encode(value)
    except (ValueError, OverflowError, RecursionError, msgspec.MsgspecError):
        pass
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
        return to_json(json.loads(text), inf_nan_mode="null")


def _json(value: Any) -> str:
    return json_bytes(value).decode()


def _variable(value: Any) -> str | None:
    return valid_text(value) if value is None or type(value) is str else _json(value)


def _integer(value: Any) -> int | None:
    if type(value) is int and -(2**31) < value < 2**31:  # most numbers, in a third of the time
        return value
    number = whole_number(value)
    return number if number is not None and abs(number) < 2**63 else None


def timestamp(value: Any) -> str | None:
    """Return a timestamp as ISO 8601 in UTC with milliseconds."""
    if value is None:
        return None
    try:
        # Most timestamps have this form, and are read in a third of the time.
        if type(value) is str and value[4:20:3] == "--T::." and value[23:] == "Z" and value[11:13] != "24":
            _parse(value)
            return value[:23] + "+00:00"
        seconds = seconds_since_1970(value)
        if seconds is None:
            return None
        return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    except (OverflowError, ValueError, OSError):
        return None


def _seconds(start: str, end: str) -> float:
    return (_parse(end) - _parse(start)).total_seconds()
