"""Write results into a file, and count them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from operator import itemgetter
from types import TracebackType
from typing import Any, Self

from airflow_provider_revox.client.words import is_word
from airflow_provider_revox.files.draft import Draft, TextDraft
from airflow_provider_revox.files.formats import file_format
from airflow_provider_revox.results.columns import SCHEMA_VERSION, Layout
from airflow_provider_revox.results.flatten import Record

NONE = "none"
"""Counts rows without a status, result or outcome."""
OTHER = "other"
"""Counts rows whose status, result or outcome is not a plain word, or none of the most frequent words."""
MOST_WORDS = 50
"""How many different words of a kind are shown: XCom, the asset's event and the log must stay small."""

PROSE = "outcome_summary"
METADATA = "airflow-provider-revox.schema"
"""The key in a Parquet file's metadata that names its columns: ``calls 1`` is version 1 of those of calls."""


@dataclass
class ResultCounts:
    """
    Counts results; nothing in it is personal.

    Words are counted once for each row of the campaign, with its last attempt.
    """

    words: Counter[tuple[str | None, ...]] = field(default_factory=Counter)
    """How many rows have the same status, result and outcome."""
    records: int = 0
    variables_found: set[str] = field(default_factory=set)
    """The variable columns in which a row has a value."""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return self.words.total()

    def add(self, other: ResultCounts) -> None:
        """Add the counts of other results."""
        self.words.update(other.words)
        self.records += other.records
        self.variables_found |= other.variables_found

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as they go to XCom."""
        by_status, by_result, by_outcome = counters = [Counter[str]() for _ in range(3)]
        for words, rows in self.words.items():
            for counter, word in zip(counters, words, strict=True):
                counter[word or NONE] += rows
        return {
            "rows": self.rows,
            "records": self.records,
            "by_status": _shown(by_status),
            "by_result": _shown(by_result),
            "by_outcome": _shown(by_outcome),
        }


class Results:
    """
    Writes results to a file, and counts them. The file is there when it is complete, or not at all.

    Use it as a context manager.

    :param path: A path or URL. Its suffix says the format.
    :param layout: What a record is.
    :ivar counts: Counts the results that are kept.
    :raises InvalidRequestError: The path has no suffix that can be written, or pyarrow is not installed.
    """

    def __init__(self, path: str, layout: Layout) -> None:
        self._path = path
        self._draft = _open_draft(path, layout)
        self._start = self._draft.mark()
        place = list(layout.types).index
        self._words_of: Callable[[Record], tuple[Any, ...]] = itemgetter(
            place("status"), place("result"), place("outcome")
        )
        self._variables = [(name, place(name)) for name in layout.variables]
        self.begin()

    def begin(self) -> None:
        """Forget all results."""
        self.counts, self._new, self._mark = ResultCounts(), ResultCounts(), self._start
        self._draft.rewind(self._start)

    def add(self, rows: Iterable[list[Record]]) -> None:
        """Add the records of each row, the last attempt first."""
        new, counted = self._new, self._new.words
        records: list[Record] = []
        for of_row in rows:
            words = self._words_of(of_row[0])
            counted[words if words in counted else tuple(map(_word, words))] += 1
            records += of_row
        for name, place in self._variables:
            if name not in new.variables_found and any(record[place] is not None for record in records):
                new.variables_found.add(name)
        new.records += len(records)
        self._draft.add(records)

    def keep(self) -> None:
        """Keep the results that were added last."""
        self._mark = self._draft.mark()
        self.counts.add(self._new)
        self._new = ResultCounts()

    def forget(self) -> None:
        """Forget the results that were added since the last ones were kept."""
        self._draft.rewind(self._mark)
        self._new = ResultCounts()

    def publish(self) -> None:
        """Write the file with the results that are kept."""
        self.forget()
        self._draft.publish(self._path)

    def __enter__(self) -> Self:
        self._draft.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._draft.__exit__(kind, error, trace)


def _open_draft(path: str, layout: Layout) -> Draft:
    form, types = file_format(path), layout.types
    if form.kind == "parquet":
        from airflow_provider_revox.files.parquet_draft import ParquetDraft

        return ParquetDraft(form.name, types, {METADATA: f"{layout.record_of} {SCHEMA_VERSION}"})
    return TextDraft(form, types, prose=[PROSE])


def _shown(counter: Counter[str]) -> dict[str, int]:
    """Return the counts of the most frequent words, and of all others as one."""
    frequent = sorted(counter.items(), key=lambda item: (-item[1], item[0]))
    shown = Counter(dict(frequent[:MOST_WORDS]))
    if rest := sum(count for _, count in frequent[MOST_WORDS:]):
        shown[OTHER] += rest
    return dict(sorted(shown.items()))


def _word(value: str | None) -> str | None:
    """Return the word to count. Other text may be about a person, and the counts are shown."""
    return value if not value or is_word(value) else OTHER
