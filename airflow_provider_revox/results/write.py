"""Write results into a file, and count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from airflow_provider_revox.client.words import is_word
from airflow_provider_revox.files.formats import file_format
from airflow_provider_revox.files.parquet import ColumnType
from airflow_provider_revox.files.records import write_rows
from airflow_provider_revox.results.columns import COLUMNS

NONE = "none"
"""Counts rows without a status, result or outcome."""
OTHER = "other"
"""Counts rows whose status, result or outcome is not a plain word."""

_NAMES = list(COLUMNS)
_STATUS, _RESULT, _OUTCOME = map(_NAMES.index, ("status", "result", "outcome"))
_JSON = [place for place, kind in enumerate(COLUMNS.values()) if kind == "json"]


@dataclass
class ResultCounts:
    """Counts the results that were written; nothing in it is personal."""

    rows: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    by_result: Counter[str] = field(default_factory=Counter)
    by_outcome: Counter[str] = field(default_factory=Counter)
    variables_found: set[int] = field(default_factory=set)
    """The positions of the variable columns in which a row has a value."""

    def counted(self, results: Iterable[Sequence[Any]]) -> Iterator[Sequence[Any]]:
        """Count results, and pass them on."""
        counters = (self.by_status, _STATUS), (self.by_result, _RESULT), (self.by_outcome, _OUTCOME)
        for values in results:
            self.rows += 1
            for counter, place in counters:
                word = values[place]
                counter[word if word in counter else _word(word)] += 1
            if len(self.variables_found) + len(_NAMES) < len(values):
                self.variables_found.update(
                    index for index, value in enumerate(values[len(_NAMES) :]) if value is not None
                )
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
    """Return the word to count. Other text may be about a person, and the counts are shown."""
    if not value:
        return NONE
    return value if isinstance(value, str) and is_word(value) else OTHER


def write_results(path: str, results: Iterable[Sequence[Any]], *, variables: Sequence[str]) -> ResultCounts:
    """
    Write results to a file that is there when it is complete, or not at all.

    :param path: A path or URL. Its suffix says the format.
    :param results: Rows from :func:`~airflow_provider_revox.results.columns.flatten`.
    :param variables: The prompt variables that are columns, too.
    :return: The counts of the results.
    :raises InvalidRequestError: The path has no suffix that can be written.
    """
    counts = ResultCounts()
    form = file_format(path)
    types: dict[str, ColumnType] = {**COLUMNS, **dict.fromkeys(variables, "text")}
    if form.kind == "parquet":
        from airflow_provider_revox.files.parquet import write_parquet

        write_parquet(path, form.name, counts.counted(results), types)
    else:
        rows = counts.counted(results)
        write_rows(path, map(_nested, rows) if form.kind == "jsonl" else rows, fields=list(types))
    return counts


def _nested(values: Sequence[Any]) -> list[Any]:
    nested = list(values)
    for place in _JSON:
        if nested[place] is not None:
            nested[place] = from_json(nested[place])
    return nested
