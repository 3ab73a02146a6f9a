"""Read the digits of a phone number out of a number, as spreadsheets and databases hold it."""

from __future__ import annotations

import math
import operator
from decimal import Decimal
from typing import Any

from airflow_provider_revox.phone_numbers.number_types import Float32
from airflow_provider_revox.phone_numbers.problems import NumberError

_TOO_LARGE = 10**15
"""Phone numbers have at most 15 digits. A 64-bit float holds every digit of such a number."""
_OF_NUMPY_WITH_FEW_DIGITS = ("float16", "float32")


def digits_of(value: Any) -> str:
    """
    Return the digits of a whole number.

    :raises NumberError: The value is not a whole number, or its type can't hold all digits of one.
    """
    if value is None:
        raise NumberError("missing")
    if type(value) is bool:
        raise NumberError("boolean")
    try:
        whole, reason = _whole(value)
    except Exception:  # an object of any class may raise anything here
        whole, reason = 0, "wrong_type"
    if reason:
        raise NumberError(reason)
    if whole >= _TOO_LARGE:
        raise NumberError("too_long")
    if whole <= 0:
        raise NumberError("not_a_number")
    return str(whole)


def _whole(value: Any) -> tuple[int, str]:
    """Return the whole number, or the reason why there is none."""
    # The methods of a subclass may do anything, so these are the ones of Python's own classes.
    kind = type(value)
    if issubclass(kind, float):
        number: Any = float.__float__(value)
    elif issubclass(kind, Decimal):
        number = Decimal(value)
    elif kind.__name__ in _OF_NUMPY_WITH_FEW_DIGITS:
        return 0, "scientific"
    else:
        return int.__index__(value) if issubclass(kind, int) else operator.index(value), ""
    if math.isnan(number):
        return 0, "nan"
    if number in (math.inf, -math.inf):
        return 0, "infinite"
    if issubclass(kind, Float32):
        return 0, "scientific"
    # int() would write out every zero of 1E+999999999, and abs() would round it.
    if not -_TOO_LARGE < number < _TOO_LARGE:
        return 0, "too_long"
    if type(number) is Decimal and number and number.as_tuple().exponent > 0:  # type: ignore[operator]
        return 0, "scientific"
    whole = int(number)
    return whole, "" if whole == number else "fraction"
