"""Turn the rows of a campaign into flat records, as a warehouse needs them."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from operator import attrgetter, itemgetter
from typing import Any

import msgspec
from pydantic_core import PydanticSerializationError, to_json

from airflow_provider_revox.client.spelling import whole_number
from airflow_provider_revox.client.timestamps import seconds_since_1970
from airflow_provider_revox.results.attempts import each_once, last_first
from airflow_provider_revox.results.columns import Layout
from airflow_provider_revox.results.shapes import RowShape

Record = tuple[Any, ...]
"""The values of a record, in the order of the columns. JSON can hold them, and JSON in them is text."""
_encode = msgspec.json.Encoder().encode
_parse = datetime.fromisoformat
_Getter = Callable[[Any], tuple[Any, ...]]


class Flattener:
    """
    Turn the rows of one campaign into records.

    :param campaign_id: The campaign of the rows.
    :param layout: What a record is.
    :param shape: What has read the rows.
    """

    def __init__(self, campaign_id: str, layout: Layout, shape: RowShape) -> None:
        self._campaign_id = campaign_id
        self._every_attempt = layout.record_of == "attempts"
        self._variables = layout.variables
        self._no_call, self._no_attempt = shape.call(), shape.attempt()
        columns = layout.columns
        row, call, attempt = (
            [name for name, column in columns.items() if column.source == source]
            for source in ("row", "call", "attempt")
        )
        self._of_row, self._of_call, self._of_attempt = (
            attrgetter(*(columns[name].field for name in names)) for names in (row, call, attempt)
        )
        # Values are read object by object, which is fast, and then put into the order of the columns.
        of_call = ["campaign_id", *row, *call]
        made = [*of_call, *attempt, "attempt_number", "duration_seconds"]
        self._in_order: _Getter = itemgetter(*map(made.index, columns))
        self._convert_call = _conversions(of_call, layout, json=lambda value: _json(value or {}))
        self._convert_attempt = _conversions(
            attempt, layout, json=lambda value: _json(value) if value else None
        )
        self._attempts = of_call.index("attempts")
        self._answered_at, self._ended_at = attempt.index("answered_at"), attempt.index("ended_at")

    def __call__(self, row: Any) -> list[Record]:
        """
        Return the records of a row: one, or one for each attempt, the last attempt first.

        A row without an attempt has one record, so that every row is in the file.

        :param row: A row as the shape has read it.
        """
        call = row.call or self._no_call
        values = [self._campaign_id, *self._of_row(row), *self._of_call(call)]
        for place, convert in self._convert_call:
            values[place] = convert(values[place])
        if values[self._attempts] is None:
            values[self._attempts] = len(each_once(call))
        input_data = row.input_data or {}
        variables = tuple([_variable(input_data.get(name)) for name in self._variables])
        last = call.last_call_attempt
        shown = last_first(call) if self._every_attempt or last is None else [last]
        if not shown:
            return [self._record(values, self._no_attempt, None) + variables]
        made = max(values[self._attempts], len(shown))
        if not self._every_attempt:
            del shown[1:]
        return [
            self._record(values, attempt, made - place) + variables for place, attempt in enumerate(shown)
        ]

    def _record(self, of_call: list[Any], attempt: Any, number: int | None) -> Record:
        values = [*self._of_attempt(attempt)]
        for place, convert in self._convert_attempt:
            if values[place] is not None:
                values[place] = convert(values[place])
        answered_at, ended_at = values[self._answered_at], values[self._ended_at]
        seconds = _seconds(answered_at, ended_at) if answered_at and ended_at else None
        return self._in_order([*of_call, *values, number, seconds])


def _conversions(
    names: list[str], layout: Layout, json: Callable[[Any], str | None]
) -> list[tuple[int, Callable[[Any], Any]]]:
    """Return the places of the values that are converted, each with its conversion."""
    convert: dict[str, Callable[[Any], Any]] = {
        "integer": _integer,
        "timestamp": timestamp,
        "json": json,
    }
    kinds = [layout.columns[name].kind for name in names]
    return [(place, convert[kind]) for place, kind in enumerate(kinds) if kind in convert]


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
    return value if value is None or type(value) is str else _json(value)


def _integer(value: Any) -> int | None:
    if type(value) is int and -(2**31) < value < 2**31:  # as most are, so they take a third of the time
        return value
    number = whole_number(value)
    return number if number is not None and abs(number) < 2**63 else None


def timestamp(value: Any) -> str | None:
    """Return a timestamp as ISO 8601 in UTC with milliseconds."""
    if value is None:
        return None
    try:
        # Most are written in one way, and are then read in a third of the time.
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
