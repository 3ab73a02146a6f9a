"""
Read only what a file needs of each row.

A row has its assistant, its transcripts and more. msgspec skips what no column shows, so it takes a third of
the time that reading everything takes. It refuses rows with a value whose type is not the one that the API
describes. Those are read value by value: such a value becomes None.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, NamedTuple

import msgspec

from airflow_provider_revox.files.formats import ColumnType
from airflow_provider_revox.results.columns import Column, Layout, Source

Plain = str | int | float | bool | None
# The number of levels is limited: a server could nest a value more deeply than other code can read.
_OBJECT = dict[str, Plain]
_LIST = list[dict[str, Plain | _OBJECT]]
_LISTS = frozenset(("transcript", "post_call_transcript"))
_TYPES: dict[ColumnType, tuple[type, ...]] = {
    "text": (str,),
    "integer": (int, float),
    "number": (int, float),
    "timestamp": (str, int, float),
    "boolean": (bool,),
}


class _Field(NamedTuple):
    name: str
    types: tuple[type, ...]


_ID = _Field("id", (str,))


class RowShape:
    """
    Reads rows. A row has its call, and a call its attempts, each with the fields that columns show.

    :param layout: Its columns.
    """

    def __init__(self, layout: Layout) -> None:
        columns = layout.columns.values()
        self._row, self._call, self._attempt = (
            _fields(columns, source) for source in ("row", "call", "attempt")
        )
        if _ID not in self._attempt:  # also if no column shows it: it tells whether two attempts are the same
            self._attempt.append(_ID)
        self.attempt: Any = _struct("Attempt", self._attempt)
        # A file of calls shows the last attempt, which the call has apart. The others are only counted.
        self._only_counts = layout.record_of == "calls"
        listed: Any = _struct("Listed", [_ID]) if self._only_counts else self.attempt
        self.call: Any = _struct(
            "Call",
            self._call,
            ("last_call_attempt", self.attempt | None, None),
            ("call_attempts", list[listed] | None, None),
        )
        self.row: Any = _struct("Row", self._row, ("call", self.call | None, None))
        self._decode = msgspec.json.Decoder(list[self.row]).decode  # type: ignore[name-defined]

    def read_list(self, text: str) -> list[Any]:
        """
        Read a JSON list of rows.

        :raises ValueError: It is not a list of rows whose values have the types that the API describes.
        """
        try:
            rows = self._decode(text)
        except (msgspec.MsgspecError, RecursionError):
            pass
        else:
            if not (self._only_counts and any(map(_lacks_last_attempt, rows))):
                return rows
        raise ValueError("has a row that must be read value by value")

    def read(self, row: dict[str, Any]) -> Any:
        """Read a row as :mod:`json` has read it. A value of another type becomes None."""
        call = row.get("call")
        return self.row(call=self._read_call(call) if type(call) is dict else None, **_values(row, self._row))

    def _read_call(self, call: dict[str, Any]) -> Any:
        last, attempts = call.get("last_call_attempt"), call.get("call_attempts")
        return self.call(
            last_call_attempt=self._read_attempt(last) if type(last) is dict else None,
            call_attempts=[*map(self._read_attempt, attempts)] if type(attempts) is list else None,
            **_values(call, self._call),
        )

    def _read_attempt(self, attempt: Any) -> Any:
        return self.attempt(**_values(attempt, self._attempt)) if type(attempt) is dict else self.attempt()


def valid_text(value: Any) -> Any:
    """Return a text that every file can hold: half a surrogate pair becomes a question mark."""
    return value.encode("utf-8", "replace").decode() if type(value) is str else value


def _lacks_last_attempt(row: Any) -> bool:
    call = row.call
    return call is not None and call.last_call_attempt is None and bool(call.call_attempts)


def _fields(columns: Iterable[Column], source: Source) -> list[_Field]:
    return [
        _Field(field, _TYPES.get(kind) or ((list,) if field in _LISTS else (dict,)))
        for kind, shown, field in columns
        if shown == source
    ]


def _struct(name: str, fields: list[_Field], *more: tuple[str, Any, None]) -> type[msgspec.Struct]:
    described: list[tuple[str, Any, None]] = [(field, _annotation(types), None) for field, types in fields]
    return msgspec.defstruct(name, [*described, *more], gc=False)


def _annotation(types: tuple[type, ...]) -> Any:
    kept: dict[type, Any] = {dict: _OBJECT, list: _LIST}
    annotation: Any = None
    for kind in types:
        annotation = kept.get(kind, kind) | annotation
    return annotation


def _values(found: dict[str, Any], fields: list[_Field]) -> dict[str, Any]:
    return {name: valid_text(value) for name, types in fields if type(value := found.get(name)) in types}
