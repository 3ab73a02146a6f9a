"""Results into a file that is there when it is complete, or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from airflow_provider_revox.contacts.files import write_records
from airflow_provider_revox.contacts.storage import file_format
from airflow_provider_revox.results.columns import (
    CAMPAIGN_COLUMN,
    COLUMNS,
    ColumnType,
    json_text,
    variable_text,
)

NONE = "none"
"""How rows without a status, result or outcome are counted."""


@dataclass
class Tally:
    """Counts what was written; nothing in it is personal."""

    rows: int = 0
    by_status: Counter[str] = field(default_factory=Counter)
    by_result: Counter[str] = field(default_factory=Counter)
    by_outcome: Counter[str] = field(default_factory=Counter)
    variables: Counter[str] = field(default_factory=Counter)

    def to_dict(self) -> dict[str, Any]:
        """Return the counts as they go to XCom."""
        return {
            "rows": self.rows,
            "by_status": dict(sorted(self.by_status.items())),
            "by_result": dict(sorted(self.by_result.items())),
            "by_outcome": dict(sorted(self.by_outcome.items())),
        }


def write_results(
    path: str, results: Iterable[Sequence[Any]], *, campaign_id: str, variables: Sequence[str]
) -> Tally:
    """
    Write results.

    :param path: A path or URL; its name says what kind of file it becomes.
    :param results: Each the values of :data:`~airflow_provider_revox.results.columns.COLUMNS`.
    :param variables: Which prompt variables become columns, too.
    :raises InvalidRequestError: The path is of another kind.
    """
    tally = Tally()
    form = file_format(path)
    types: dict[str, ColumnType] = {CAMPAIGN_COLUMN: "text", **COLUMNS, **dict.fromkeys(variables, "text")}
    records = _records(results, campaign_id, variables, tally, nested=form.kind == "jsonl")
    if form.kind == "parquet":
        from airflow_provider_revox.results.parquet import write_parquet

        write_parquet(path, form.name, records, types)
    else:
        write_records(path, records, fields=list(types))
    return tally


def _records(
    results: Iterable[Sequence[Any]],
    campaign_id: str,
    variables: Sequence[str],
    tally: Tally,
    *,
    nested: bool,
) -> Iterator[dict[str, Any]]:
    names = list(COLUMNS)
    for values in results:
        record = dict(zip(names, values, strict=True))
        record[CAMPAIGN_COLUMN] = campaign_id
        told = record["input_data"]
        for name in variables:
            if name in told:
                record[name] = variable_text(told[name])
                tally.variables[name] += 1
        tally.rows += 1
        tally.by_status[record["status"] or NONE] += 1
        tally.by_result[record["result"] or NONE] += 1
        tally.by_outcome[record["outcome"] or NONE] += 1
        if not nested:
            record["input_data"] = json_text(told)
            record["structured_output"] = json_text(record["structured_output"])
        yield record
