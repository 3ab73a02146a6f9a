"""Write results into a file, and count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import from_json

from airflow_provider_revox.client.words import is_word
from airflow_provider_revox.files.formats import file_format
from airflow_provider_revox.files.records import write_rows
from airflow_provider_revox.results.columns import SCHEMA_VERSION, Layout

NONE = "none"
"""Counts rows without a status, result or outcome."""
OTHER = "other"
"""Counts rows whose status, result or outcome is not a plain word, or none of the most frequent words."""
MOST_WORDS = 50
"""How many different words of a kind are shown: XCom, the asset's event and the log must stay small."""

PROSE = "outcome_summary"
METADATA = "airflow-provider-revox.schema"
"""The name under which a Parquet file says its columns: ``calls 1`` is version 1 of those of calls."""


@dataclass
class ResultCounts:
    """
    Counts the results that were written; nothing in it is personal.

    Words are counted once for each row of the campaign, with its last attempt.
    """

    rows: int = 0
    records: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    by_result: Counter[str] = field(default_factory=Counter)
    by_outcome: Counter[str] = field(default_factory=Counter)
    variables_found: set[str] = field(default_factory=set)
    """The variable columns in which a row has a value."""

    def counted(self, results: Iterable[Sequence[Any]], layout: Layout) -> Iterator[Sequence[Any]]:
        """Count results, and pass them on. The records of a row follow each other."""
        place = list(layout.types).index
        counters = [
            (self.by_status, place("status")),
            (self.by_result, place("result")),
            (self.by_outcome, place("outcome")),
        ]
        row_id, sought = place("row_id"), {name: place(name) for name in layout.variables}
        last = None
        for values in results:
            self.records += 1
            if values[row_id] != last:
                last = values[row_id]
                self.rows += 1
                for counter, at in counters:
                    word = values[at]
                    counter[word if word in counter else _word(word)] += 1
                if sought:
                    for name in [name for name, at in sought.items() if values[at] is not None]:
                        del sought[name]
                        self.variables_found.add(name)
            yield values

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as they go to XCom."""
        return {
            "rows": self.rows,
            "records": self.records,
            "by_status": _shown(self.by_status),
            "by_result": _shown(self.by_result),
            "by_outcome": _shown(self.by_outcome),
        }


def _shown(counter: Counter[str]) -> dict[str, int]:
    """Return the counts of the most frequent words, and of all others as one."""
    frequent = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    shown = Counter(dict(frequent[:MOST_WORDS]))
    if rest := sum(count for _, count in frequent[MOST_WORDS:]):
        shown[OTHER] += rest
    return dict(sorted(shown.items()))


def _word(value: Any) -> str:
    """Return the word to count. Other text may be about a person, and the counts are shown."""
    if not value:
        return NONE
    return value if isinstance(value, str) and is_word(value) else OTHER


def write_results(path: str, results: Iterable[Sequence[Any]], layout: Layout) -> ResultCounts:
    """
    Write results to a file that is there when it is complete, or not at all.

    :param path: A path or URL. Its suffix says the format.
    :param results: Records from :class:`~airflow_provider_revox.results.flatten.Flattener`.
    :param layout: What a record is.
    :return: The counts of the results.
    :raises InvalidRequestError: The path has no suffix that can be written.
    """
    counts = ResultCounts()
    records = counts.counted(results, layout)
    form, types = file_format(path), layout.types
    if form.kind == "parquet":
        from airflow_provider_revox.files.parquet import write_parquet

        metadata = {METADATA: f"{layout.record_of} {SCHEMA_VERSION}"}
        write_parquet(path, form.name, records, types, metadata)
    elif form.kind == "jsonl":
        write_rows(path, _nested(records, layout), fields=list(types))
    else:
        quoted = [
            place for place, (name, kind) in enumerate(types.items()) if kind == "json" or name == PROSE
        ]
        write_rows(path, records, fields=list(types), quoted=quoted)
    return counts


def _nested(records: Iterable[Sequence[Any]], layout: Layout) -> Iterator[list[Any]]:
    """Return the records with objects in place of JSON."""
    places = [place for place, kind in enumerate(layout.types.values()) if kind == "json"]
    for values in records:
        nested = list(values)
        for place in places:
            if nested[place] is not None:
                nested[place] = from_json(nested[place])
        yield nested
