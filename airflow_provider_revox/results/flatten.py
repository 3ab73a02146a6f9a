"""Turn the rows of a campaign into flat records, as a warehouse needs them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from operator import itemgetter
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

from airflow_provider_revox.client.timestamps import seconds_since_1970
from airflow_provider_revox.results.columns import Column, Layout, Source

_is_usual = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z").fullmatch
_TEXT_OR_NONE = frozenset((str, type(None)))

Record = tuple[Any, ...]
"""The values of a record, in the order of the columns. JSON can hold them, and JSON in them is text."""


class Flattener:
    """
    Turn the rows of one campaign into records.

    A value whose type is not the one that the API describes becomes None, so that each column keeps its type.

    :param campaign_id: The campaign of the rows.
    :param layout: What a record is.
    """

    def __init__(self, campaign_id: str, layout: Layout) -> None:
        self._campaign_id = campaign_id
        self._every_attempt = layout.record_of == "attempts"
        self._transcripts = layout.transcripts
        self._variables = layout.variables
        columns = layout.columns
        self._row_texts = _texts(columns, "row")
        self._call_texts = _texts(columns, "call")
        self._attempt_texts = _texts(columns, "attempt")
        # Text is read in one go, which is fast. So values come in another order than that of the columns.
        made = [
            "campaign_id", *self._row_texts, *self._call_texts, *self._attempt_texts,
            "row_index", "attempts", "created_at", "scheduled_at", "input_data",
            "started_at", "answered_at", "ended_at", "duration_seconds",
            "handled_by_ai", "handled_by_human", "structured_output",
            "attempt_number", "transcript", "post_call_transcript",
        ]  # fmt: skip
        self._in_order: Callable[[Any], Record] = itemgetter(*map(made.index, columns))

    def __call__(self, row: Mapping[str, Any]) -> list[Record]:
        """
        Return the records of a row: one, or one for each attempt, the last attempt first.

        A row without an attempt has one record, so that every row is in the file.

        :param row: The row as the API shows it, with its ``id``.
        """
        call = _object(row.get("call"))
        listed = call.get("call_attempts")
        attempts = listed if type(listed) is list else []
        made = whole_number(call.get("calls_count"))
        made = len(attempts) if made is None else made
        input_data = _object(row.get("input_data"))
        texts = [
            self._campaign_id,
            *map(row.get, self._row_texts.values()),
            *map(call.get, self._call_texts.values()),
        ]
        of_call = [
            whole_number(row.get("row_index")),
            made,
            timestamp(call.get("created_at"))[1],
            timestamp(call.get("scheduled_at"))[1],
            json_text(input_data),
        ]
        variables = tuple(_variable(input_data.get(name)) for name in self._variables)
        last = _object(call.get("last_call_attempt"))
        if not (self._every_attempt and attempts):
            last = last or (_object(attempts[0]) if attempts else last)
            number = max(made, 1) if last else None
            return [self._record(texts, of_call, last, number, variables)]
        made = max(made, len(attempts))
        return [
            self._record(texts, of_call, _object(attempt), made - place, variables)
            for place, attempt in enumerate(attempts)
        ]

    def _record(
        self,
        texts: list[Any],
        of_call: list[Any],
        attempt: Mapping[str, Any],
        number: int | None,
        variables: Record,
    ) -> Record:
        texts = [*texts, *map(attempt.get, self._attempt_texts.values())]
        if not _TEXT_OR_NONE.issuperset(map(type, texts)):
            texts = [text if type(text) is str else None for text in texts]
        answered, answered_at = timestamp(attempt.get("answered_at"))
        ended, ended_at = timestamp(attempt.get("ended_at"))
        structured_output = attempt.get("structured_output")
        values = [
            *texts,
            *of_call,
            timestamp(attempt.get("started_at"))[1],
            answered_at,
            ended_at,
            round((ended - answered).total_seconds(), 3) if answered and ended else None,
            _flag(attempt.get("handled_by_ai")),
            _flag(attempt.get("handled_by_human")),
            json_text(structured_output) if structured_output and type(structured_output) is dict else None,
            number,
        ]
        if self._transcripts:
            values += _transcript(attempt.get("transcript")), _transcript(attempt.get("post_call_transcript"))
        return self._in_order(values) + variables


def _texts(columns: Mapping[str, Column], source: Source) -> dict[str, str]:
    """Return the columns of text that show a source, each with the field that it shows."""
    return {
        name: column.field
        for name, column in columns.items()
        if column.source == source and column.kind == "text"
    }


def json_bytes(value: Any) -> bytes:
    """
    Return a value as JSON that every file can hold.

    Half a surrogate pair becomes a question mark. NaN and infinities become null.
    """
    try:
        return to_json(value, inf_nan_mode="null")
    except PydanticSerializationError:
        return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")


def json_text(value: Any) -> str:
    """Return a value as JSON, as :func:`json_bytes` does."""
    return json_bytes(value).decode()


def _transcript(value: Any) -> str | None:
    return json_text(value) if type(value) is list else None


def _variable(value: Any) -> str | None:
    return value if value is None or type(value) is str else json_text(value)


def _object(value: Any) -> dict[str, Any]:
    return value if type(value) is dict else {}


def _flag(value: Any) -> bool | None:
    return value if type(value) is bool else None


def whole_number(value: Any) -> int | None:
    """Return a whole number that a file can hold. Revox may write it with a fraction of zero."""
    if type(value) is float and value.is_integer():
        value = int(value)
    return value if type(value) is int and abs(value) < 2**63 else None


def timestamp(value: Any) -> tuple[datetime | None, str | None]:
    """Return a timestamp, and as text: ISO 8601 in UTC with milliseconds."""
    if value is None:
        return None, None
    try:
        if type(value) is str and _is_usual(value):  # as below, but faster
            return datetime.fromisoformat(value), f"{value[:-1]}+00:00"
        seconds = seconds_since_1970(value)
        if seconds is None:
            return None, None
        moment = datetime.fromtimestamp(seconds, UTC)
    except (OverflowError, ValueError, OSError):
        return None, None
    return moment, moment.isoformat(timespec="milliseconds")
