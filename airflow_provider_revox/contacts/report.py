"""Count every record, and keep those that can't be called."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import astuple, dataclass, field
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.options import OnInvalid

DUPLICATE_NUMBER = "duplicate_number"
_IN_MEMORY = 1 << 20  # characters


@dataclass(frozen=True)
class Rejection:
    """
    A record that can't be called. Nothing in it is personal.

    :param row: The position of the record in the input, from 0.
    :param field: The field with the problem; empty for the record as a whole.
    :param reason: A short word, as the report counts it.
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
    Counts records. ``received`` is always ``to_call`` + ``invalid`` + ``duplicate`` + ``suppressed``.

    :param to_call: How many contacts to call.
    :param duplicate: How many records have a number that another record has, too.
    :param invalid_by_reason: How many records can't be called, by reason.
    :param suppressed_by_reason: How many records must not be called, by reason.
    """

    to_call: int = 0
    duplicate: int = 0
    invalid_by_reason: Counter[str] = field(default_factory=Counter)
    suppressed_by_reason: Counter[str] = field(default_factory=Counter)

    @property
    def invalid(self) -> int:
        """How many records can't be called."""
        return self.invalid_by_reason.total()

    @property
    def suppressed(self) -> int:
        """How many records must not be called."""
        return self.suppressed_by_reason.total()

    @property
    def has_only_invalid(self) -> bool:
        """Whether there are records, and all of them are invalid."""
        return 0 < self.invalid == self.received

    @property
    def received(self) -> int:
        """How many records were read."""
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
    """Keeps the records that can't be called; in a temporary file if there are many."""

    def __init__(self) -> None:
        self._kept = SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="ascii")  # noqa: SIM115 - it lives as long as this object
        self._count: Counter[bool] = Counter()

    def add(self, rejection: Rejection) -> None:
        """Keep a record that can't be called."""
        self._kept.write(json.dumps(astuple(rejection)) + "\n")
        self._count[rejection.reason == DUPLICATE_NUMBER] += 1

    def __len__(self) -> int:
        return self._count.total()

    def __iter__(self) -> Iterator[Rejection]:
        self._kept.seek(0)
        for line in self._kept:
            yield Rejection(*json.loads(line))

    def refused(self, on_invalid: OnInvalid) -> int:
        """Return how many records make :meth:`refuse` raise its error."""
        return len(self) if on_invalid == "fail" else self._count[True]

    def refuse(self, on_invalid: OnInvalid) -> None:
        """
        Refuse the whole list if a record can't be called, unless the user wants to skip such records.

        A number that came twice is always an error if ``on_duplicate`` is ``"error"``.

        :raises InvalidRequestError: It says for each such record the row (from 0), the field and the problem,
            without the value.
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

    def refuse_all(self) -> None:
        """
        Refuse a list whose records are all invalid. A skipped task would look as if nobody were to be called.

        :raises InvalidRequestError: It shows the first of the invalid records.
        """
        shown = [str(one) for one in islice(self, InvalidRequestError.MAX_SHOWN - 1)]
        problem = "contacts: every record is invalid, so nobody is left to call"
        raise InvalidRequestError([problem, *shown], more=len(self) - len(shown))

    def write(self, path: str) -> None:
        """Write the records that can't be called to a file: row number, field, reason, problem."""
        from airflow_provider_revox.files.records import write_records

        rows = (
            {"row": one.row, "field": one.field, "reason": one.reason, "problem": one.problem} for one in self
        )
        write_records(path, rows, fields=["row", "field", "reason", "problem"])
