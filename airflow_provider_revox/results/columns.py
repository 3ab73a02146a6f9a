"""Say which columns a results file has, and which field of the API each of them shows."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Literal, NamedTuple

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.formats import ColumnType

SCHEMA_VERSION = 1
"""The version of the columns. It rises with every change of their names, types or order."""

RecordOf = Literal["calls", "attempts"]
"""What a record of the file is: a call with its last attempt, or one attempt of a call."""

Source = Literal["row", "call", "attempt", "task"]
"""The object of the API that has the field; ``task``: the task computes the value."""


class Column(NamedTuple):
    """
    Describes a column.

    :param kind: The type of its values.
    :param source: Where a value comes from.
    :param field: The field of the source, or the fields from which the task computes the value.
    """

    kind: ColumnType
    source: Source
    field: str


ATTEMPTS: Mapping[str, Column] = {
    "campaign_id": Column("text", "task", "campaign_id"),
    "row_id": Column("text", "row", "id"),
    "row_index": Column("integer", "row", "row_index"),
    "phone_number": Column("text", "row", "phone_number"),
    "from_phone_number": Column("text", "call", "from_phone_number"),
    "direction": Column("text", "call", "direction"),
    "call_id": Column("text", "call", "id"),
    "created_at": Column("timestamp", "call", "created_at"),
    "scheduled_at": Column("timestamp", "call", "scheduled_at"),
    "status": Column("text", "call", "status"),
    "attempt_id": Column("text", "attempt", "id"),
    "attempt_number": Column("integer", "task", "call_attempts"),
    "result": Column("text", "attempt", "result"),
    "outcome": Column("text", "call", "outcome"),
    "outcome_summary": Column("text", "call", "outcome_summary"),
    "attempts": Column("integer", "call", "calls_count"),
    "attempt_status": Column("text", "attempt", "status"),
    "started_at": Column("timestamp", "attempt", "started_at"),
    "answered_at": Column("timestamp", "attempt", "answered_at"),
    "ended_at": Column("timestamp", "attempt", "ended_at"),
    "duration_seconds": Column("number", "task", "answered_at, ended_at"),
    "recording_url": Column("text", "attempt", "recording_url"),
    "ended_by": Column("text", "attempt", "ended_by"),
    "end_reason": Column("text", "attempt", "end_reason"),
    "dial_error": Column("text", "attempt", "dial_error"),
    "handled_by_ai": Column("boolean", "attempt", "handled_by_ai"),
    "handled_by_human": Column("boolean", "attempt", "handled_by_human"),
    "structured_output": Column("json", "attempt", "structured_output"),
    "input_data": Column("json", "row", "input_data"),
}
"""The columns of a file of attempts, in their order."""

_OF_ATTEMPTS_ONLY = ("attempt_id", "attempt_number")
CALLS: Mapping[str, Column] = {
    name: column for name, column in ATTEMPTS.items() if name not in _OF_ATTEMPTS_ONLY
}
"""The columns of a file of calls, in their order. Those of an attempt show the last one."""

TRANSCRIPTS: Mapping[str, Column] = {
    "transcript": Column("json", "attempt", "transcript"),
    "post_call_transcript": Column("json", "attempt", "post_call_transcript"),
}
"""The columns that are there on request, behind the others."""


class Layout(NamedTuple):
    """
    Describes the records of a file.

    :param record_of: What a record is.
    :param transcripts: Whether the records have the transcripts.
    :param variables: The prompt variables that are columns, too.
    """

    record_of: RecordOf = "calls"
    transcripts: bool = False
    variables: Sequence[str] = ()

    @property
    def columns(self) -> Mapping[str, Column]:
        """The columns in their order, without those of the prompt variables."""
        columns = CALLS if self.record_of == "calls" else ATTEMPTS
        return {**columns, **(TRANSCRIPTS if self.transcripts else {})}

    @property
    def types(self) -> dict[str, ColumnType]:
        """The type of every column, in their order."""
        types: dict[str, ColumnType] = {name: column.kind for name, column in self.columns.items()}
        return {**types, **dict.fromkeys(self.variables, "text")}


def check_variables(names: Any, columns: Collection[str]) -> list[str]:
    """
    Return the names of the prompt variables that become columns.

    :param columns: The other columns of the file.
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
    elif taken := sorted(set(columns) & set(names)):
        problem = f"{', '.join(taken)}: the file has a column of this name already; see input_data in it"
    if problem:
        raise InvalidRequestError([f"variable_columns: {problem}"])
    return list(names)
