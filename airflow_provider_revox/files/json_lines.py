"""Read and write JSON Lines: one object a line."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import date, time
from decimal import Decimal
from functools import partial
from json import JSONDecoder, JSONEncoder
from typing import Any, TextIO

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.field_names import composed
from airflow_provider_revox.files.text import UnreadableLineError, lines
from airflow_provider_revox.phone_numbers.number_types import from_json


def json_records(blocks: Iterator[str], name: str, wanted: Collection[str] = ()) -> Iterator[dict[str, Any]]:
    """
    Read the records of a JSON Lines file.

    :param blocks: Its text, from :func:`~.text.text_blocks`.
    :param name: How errors name the file.
    :param wanted: The fields that the task asks for, composed.
    :return: One record for each line that is not empty.
    :raises InvalidRequestError: It says which row is not a JSON object, or has a wanted field twice.
    """
    decode = JSONDecoder(parse_float=from_json, object_pairs_hook=partial(_object, wanted)).decode
    row = 0
    problem = ""
    try:
        for line in lines(blocks):
            if line.isspace():
                continue
            try:
                record = decode(line)
            except (ValueError, RecursionError):
                record = None
            except _RepeatedError as error:
                problem = f"has the field {error} twice"
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


def json_writer(text: TextIO, fields: Sequence[str]) -> Callable[[Mapping[str, Any]], object]:
    """
    Return a function that writes a record as a line.

    The function raises TypeError, ValueError or RecursionError for a value that JSON can't hold.
    """

    def write(record: Mapping[str, Any]) -> None:
        text.write(f"{_encode({field: record.get(field) for field in fields})}\n")

    return write


class _RepeatedError(Exception):
    """An object has a wanted field twice. Python would take the last one."""


def _object(wanted: Collection[str], pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [composed(name) for name, _ in pairs]
        for field in wanted:
            if names.count(field) > 1:
                raise _RepeatedError(field)
    return record


def _as_text(value: Any) -> str:
    if isinstance(value, (date, time)):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(type(value).__name__)


# In ASCII, so that text which is no valid Unicode can be written, too.
_encode = JSONEncoder(allow_nan=False, default=_as_text).encode
