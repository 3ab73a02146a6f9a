"""Every record that came in is accounted for."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from tempfile import SpooledTemporaryFile
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.options import OnInvalid

DUPLICATE_NUMBER = "duplicate_number"
_IN_MEMORY = 1 << 20  # characters


@dataclass(frozen=True)
class Rejection:
    """
    A record that is not called, without anything personal.

    :param row: Its place in the input, from 0.
    :param field: The field it is about; empty for the record as a whole.
    :param reason: A short word, as counted in the report.
    :param problem: What is wrong and what to do, for people.
    """

    row: int
    field: str
    reason: str
    problem: str

    def __str__(self) -> str:
        return f"contacts[{self.row}]{f'.{self.field}' if self.field else ''}: {self.problem}"


@dataclass
class ContactReport:
    """
    Counts records: ``received`` = ``to_call`` + ``invalid`` + ``duplicate`` + ``suppressed``, always.

    :param invalid_by_reason: How many records could not be called, and why.
    :param suppressed_by_reason: How many records must not be called, and why.
    """

    to_call: int = 0
    duplicate: int = 0
    invalid_by_reason: Counter[str] = field(default_factory=Counter)
    suppressed_by_reason: Counter[str] = field(default_factory=Counter)

    @property
    def invalid(self) -> int:
        """How many records could not be called."""
        return self.invalid_by_reason.total()

    @property
    def suppressed(self) -> int:
        """How many records must not be called."""
        return self.suppressed_by_reason.total()

    @property
    def received(self) -> int:
        """How many records came in."""
        return self.to_call + self.invalid + self.duplicate + self.suppressed

    def to_dict(self) -> dict[str, Any]:
        """Return the report as it is pushed to XCom."""
        return {
            "received": self.received,
            "to_call": self.to_call,
            "invalid": self.invalid,
            "invalid_by_reason": dict(sorted(self.invalid_by_reason.items())),
            "duplicate": self.duplicate,
            "suppressed": self.suppressed,
            "suppressed_by_reason": dict(sorted(self.suppressed_by_reason.items())),
        }

    def __str__(self) -> str:
        parts = [f"{self.to_call:,} to call"]
        if self.invalid:
            parts.append(f"{self.invalid:,} invalid ({_in_words(self.invalid_by_reason)})")
        parts += [f"{self.duplicate:,} duplicate"] if self.duplicate else []
        if self.suppressed:
            parts.append(f"{self.suppressed:,} suppressed ({_in_words(self.suppressed_by_reason)})")
        return f"{self.received:,} received: {', '.join(parts)}"


def _in_words(reasons: Counter[str]) -> str:
    return ", ".join(f"{count:,} {reason}" for reason, count in reasons.most_common())


class Rejections:
    """The records that can't be called: kept in a temporary file where there are many."""

    def __init__(self) -> None:
        self._kept = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="ascii")  # noqa: SIM115 (as long-lived as this)
        self._count: Counter[bool] = Counter()

    def add(self, rejection: Rejection) -> None:
        """Keep one."""
        self._kept.write(json.dumps(astuple(rejection)) + "\n")
        self._count[rejection.reason == DUPLICATE_NUMBER] += 1

    def __len__(self) -> int:
        return self._count.total()

    def __iter__(self) -> Iterator[Rejection]:
        self._kept.seek(0)
        for line in self._kept:
            yield Rejection(*json.loads(line))

    def refused(self, on_invalid: OnInvalid) -> int:
        """Return how many of them :meth:`refuse` refuses."""
        return len(self) if on_invalid == "fail" else self._count[True]

    def refuse(self, on_invalid: OnInvalid) -> None:
        """
        Refuse to call anybody while a record can't be called, unless such records are to be skipped.

        :raises InvalidRequestError: Says for each such record which row and field it is (rows count from 0),
            and what is wrong, without the value.
        """
        refused = self.refused(on_invalid)
        if not refused:
            return
        problems: list[str] = []
        for rejection in self:
            if on_invalid == "fail" or rejection.reason == DUPLICATE_NUMBER:
                problems.append(str(rejection))
                if len(problems) == InvalidRequestError.MAX_SHOWN:
                    break
        raise InvalidRequestError(problems, more=refused - len(problems))

    def write(self, path: str) -> None:
        """Write them to a file, one a row: row number, field, reason, problem."""
        from airflow_provider_revox.files.records import write_records

        rows = (
            {"row": one.row, "field": one.field, "reason": one.reason, "problem": one.problem} for one in self
        )
        write_records(path, rows, fields=["row", "field", "reason", "problem"])
