"""Read and write JSON Lines: one object a line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import date, time
from decimal import Decimal
from json import JSONDecoder, JSONEncoder
from typing import Any, TextIO

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.blank import is_blank
from airflow_provider_revox.files.field_names import composed, is_written_in_one_way
from airflow_provider_revox.files.text import UnreadableLineError, lines
from airflow_provider_revox.phone_numbers.number_types import from_json


def json_records(
    blocks: Iterator[str], name: str, wanted: Collection[str] = (), *, may_be_empty: bool = True
) -> Iterator[dict[str, Any]]:
    """
    Read the records of a JSON Lines file.

    :param blocks: Its text, from :func:`~.text.text_blocks`.
    :param name: How errors name the file.
    :param wanted: The fields that the task asks for, composed.
    :param may_be_empty: Whether the file may have no record.
    :return: One record for each line that is not empty.
    :raises InvalidRequestError: It says which row is not a JSON object, or has a field twice. A row with a
        wanted field may have another one twice.
    """
    objects = _Objects(wanted)
    decode = JSONDecoder(parse_float=from_json, object_pairs_hook=objects).decode
    row = 0
    problem = ""
    try:
        for line in lines(blocks):
            if line[0] != "{" and is_blank(line):
                continue
            try:
                record = decode(line)
            except (ValueError, RecursionError):
                record = None
            except _RepeatedError as error:
                problem = f"has the field {error} twice"
                break
            if objects.doubtful and objects.lose_a_value(record):
                problem = "has a field twice"
                break
            if type(record) is not dict:
                problem = "is not a JSON object; each line must hold one whole object"
                break
            yield record
            row += 1
    except UnreadableLineError as error:
        problem = str(error)
    if problem:
        raise InvalidRequestError([f"{name}: row {row}: {problem}"])
    if not row and not may_be_empty:
        raise InvalidRequestError([f"{name}: is empty; if that is right, leave it out"])


def json_writer(text: TextIO, fields: Sequence[str]) -> Callable[[Sequence[Any]], object]:
    """
    Return a function that writes the values of a record as a line.

    The function raises TypeError, ValueError or RecursionError for a value that JSON can't hold.
    """

    def write(values: Sequence[Any]) -> None:
        text.write(f"{_encode(dict(zip(fields, values, strict=True)))}\n")

    return write


class _RepeatedError(Exception):
    """An object has a wanted field twice. Python would take the last one."""


class _Objects:
    """
    Makes objects of the names and values on a line.

    :param wanted: The fields that the task asks for, composed.
    """

    def __init__(self, wanted: Collection[str]) -> None:
        self._wanted = dict.fromkeys(wanted).keys()
        self._are_written_in_one_way = all(map(is_written_in_one_way, wanted))
        self.doubtful: list[Any] = []
        """The objects of the line that have a name twice, and no wanted field."""

    def __call__(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        record = dict(pairs)
        if len(record) == len(pairs) and self._are_written_in_one_way:
            return record
        names = [composed(name) for name, _ in pairs]
        for field in self._wanted:
            if names.count(field) > 1:
                raise _RepeatedError(field)
        if len(record) < len(pairs) and self._wanted.isdisjoint(names):
            self.doubtful.append(record)
        return record

    def lose_a_value(self, record: Any) -> bool:
        """
        Return whether a value may be lost that the task reads: in the record, or in one of its wanted fields.

        :param record: The line's outermost object. The next line is looked at anew.
        """
        read = [record] + [record.get(field) for field in self._wanted] if type(record) is dict else []
        doubtful, self.doubtful = self.doubtful, []
        return any(one is other for one in read for other in doubtful)


def _as_text(value: Any) -> str:
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


# In ASCII, so that text which is not valid Unicode can be written, too.
_encode = JSONEncoder(allow_nan=False, default=_as_text).encode
