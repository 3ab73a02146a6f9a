"""Results into a file that is there when it is complete, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from airflow_provider_revox.client.models import is_word
from airflow_provider_revox.files.records import write_records
from airflow_provider_revox.files.storage import file_format
from airflow_provider_revox.results.columns import COLUMNS, ColumnType

NONE = "none"
OTHER = "other"
"""How rows without a status, result or outcome are counted."""

_NAMES = list(COLUMNS)
_STATUS, _RESULT, _OUTCOME = map(_NAMES.index, ("status", "result", "outcome"))
_JSON = [name for name, kind in COLUMNS.items() if kind == "json"]


@dataclass
class Tally:
    """Counts what was written; nothing in it is personal."""

    rows: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    by_result: Counter[str] = field(default_factory=Counter)
    by_outcome: Counter[str] = field(default_factory=Counter)
    seen: set[int] = field(default_factory=set)
    """Of the variables that are columns, those that a row has."""

    def of(self, results: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """Count results on their way."""
        for values in results:
            self.rows += 1
            self.by_status[_word(values[_STATUS])] += 1
            self.by_result[_word(values[_RESULT])] += 1
            self.by_outcome[_word(values[_OUTCOME])] += 1
            self.seen.update(index for index, value in enumerate(values[len(_NAMES) :]) if value is not None)
            yield values

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as they go to XCom."""
        return {
            "rows": self.rows,
            "by_status": dict(sorted(self.by_status.items())),
            "by_result": dict(sorted(self.by_result.items())),
            "by_outcome": dict(sorted(self.by_outcome.items())),
        }


def _word(value: Any) -> str:
    """Return what is counted: text that is no plain word may be about a person, and this is shown."""
    if not value:
        return NONE
    return value if isinstance(value, str) and is_word(value) else OTHER


def write_results(path: str, results: Iterable[Sequence[Any]], *, variables: Sequence[str]) -> Tally:
    """
    Write results.

    :param path: A path or URL; its name says what kind of file it becomes.
    :param results: Each as :func:`~airflow_provider_revox.results.columns.flatten` made it.
    :param variables: Which prompt variables are columns, too.
    :raises InvalidRequestError: The path is of another kind.
    """
    tally = Tally()
    form = file_format(path)
    types: dict[str, ColumnType] = {**COLUMNS, **dict.fromkeys(variables, "text")}
    if form.kind == "parquet":
        from airflow_provider_revox.results.parquet import write_parquet

        write_parquet(path, form.name, tally.of(results), types)
    else:
        records = (dict(zip(types, values, strict=True)) for values in tally.of(results))
        write_records(path, map(_nested, records) if form.kind == "jsonl" else records, fields=list(types))
    return tally


def _nested(record: dict[str, Any]) -> dict[str, Any]:
    for name in _JSON:
        if record[name] is not None:
            record[name] = from_json(record[name])
    return record
