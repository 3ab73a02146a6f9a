"""Return the rows of data frames and the values of columns and arrays; mark their floats of 32 bits."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from contextlib import suppress
from ctypes import c_float
from itertools import repeat
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.field_names import fields_of
from airflow_provider_revox.files.headerless import refuse_numbers
from airflow_provider_revox.phone_numbers.number_types import Float32

_SHORT_CODES = ("e", "f")
"""The codes of floats of 16 and of 32 bits in arrays."""


def rows_of(value: Any, field: str, wanted: Collection[str]) -> Any:
    """
    Return the rows of a polars or pandas frame as records; other values pass.

    A frame returns all its floats as Python's own, of 64 bits. So the marks say which had fewer.

    :param field: How errors name the value.
    :param wanted: The fields that the task asks for, composed.
    :raises InvalidRequestError: The name of a column is a number, or several have the name of a wanted field.
    """
    if hasattr(value, "to_dicts"):
        value = _with_names_apart(value, field, wanted)
        return _with_marks(value.to_dicts(), value)
    if hasattr(value, "to_dict") and hasattr(value, "columns"):
        value = _with_names_apart(value, field, wanted)
        return _with_marks(value.to_dict("records"), value)
    return value


def _with_names_apart(frame: Any, field: str, wanted: Collection[str]) -> Any:
    """Return a frame whose columns have different names. Of two with one name, rows have only the last."""
    names = list(map(str, frame.columns))
    fields = fields_of(names, f"{field}: header", wanted) if any(names) else names
    if len(set(names)) == len(names):
        return frame
    return frame.set_axis([name or f"column {place}" for place, name in enumerate(fields, 1)], axis="columns")


def values_of(value: Iterable[Any], field: str) -> Iterable[Any]:
    """
    Return the values of a column or an array, and mark the floats of 32 bits; other values pass.

    :param field: How errors name the value.
    :raises InvalidRequestError: The name of the column is a number, or Python can't read a memoryview.
    """
    if isinstance(value, array | memoryview):
        code = value.typecode if isinstance(value, array) else value.format[-1]
        with suppress(NotImplementedError):
            return list(map(_marked, value)) if code in _SHORT_CODES else list(value)
        raise InvalidRequestError([f"{field}: is a memoryview that Python can't read; give a list instead"])
    kind = getattr(value, "dtype", None)
    if kind is None or getattr(value, "ndim", 1) != 1:
        return value
    refuse_numbers([getattr(value, "name", None)], f"{field}: header")
    return value if _keeps_its_floats(kind) else list(map(_marked, value))


def _with_marks(rows: list[dict[Any, Any]], frame: Any) -> list[dict[Any, Any]]:
    kinds = getattr(frame, "dtypes", repeat(None))
    for place, (name, kind) in enumerate(zip(frame.columns, kinds, strict=False)):
        if not _keeps_its_floats(kind):
            for row in rows:
                row[name] = _marked(row[name])
        elif _is_object(kind) and hasattr(frame, "iloc"):
            # A column of objects may hold floats of any size, and only the column itself shows them.
            for row, source in zip(rows, frame.iloc[:, place], strict=True):
                if not isinstance(source, float):
                    row[name] = _marked(row[name])
    return rows


def _marked(value: Any) -> Any:
    """Mark a float that 32 bits can hold. Another one has more bits, whatever its column says."""
    return Float32(value) if type(value) is float and c_float(value).value == value else value


def _keeps_its_floats(kind: Any) -> bool:
    """
    Return whether a column returns its floats unchanged: they have 64 bits, or it holds objects.

    :param kind: The type of the column, in the words of numpy, pandas, Arrow or polars. There are many types,
        so a type that is not known to have 64 bits is taken for one that has fewer.
    """
    kind = _of_values(kind)
    has_64_bits = getattr(kind, "kind", None) == "f" and getattr(kind, "itemsize", 0) >= 8
    return has_64_bits or str(kind).lower() == "float64" or _is_object(kind)


def _is_object(kind: Any) -> bool:
    return str(_of_values(kind)).lower() == "object"


def _of_values(kind: Any) -> Any:
    """Return the type of the values of a categorical or sparse column; other types pass."""
    categories = getattr(kind, "categories", None)
    return getattr(kind, "subtype", getattr(categories, "dtype", kind))
