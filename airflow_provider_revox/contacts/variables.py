"""Values of a record become what the assistant is told: text, predictably."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any


def variable_map(fields: Sequence[str] | Mapping[str, str] | None) -> dict[str, str]:
    """
    Return which variable is read from which field.

    :param fields: Names that are both, or ``{variable: field}``.
    """
    if isinstance(fields, Mapping):
        return dict(fields)
    return {field: field for field in fields or ()}


def is_unicode(text: str) -> bool:
    """Whether UTF-8 can hold a text: half a surrogate pair, which some sources cut off, it can't."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_missing(value: Any) -> bool:
    """Whether a value stands for nothing: ``None``, empty text, or the "not a number" of a data frame."""
    try:
        return bool(value is None or value == "" or value != value)
    except TypeError:  # pandas' NA won't say
        return True
    except ValueError:  # nor will an array
        return False


def as_text(value: Any) -> str | None:
    """
    Write a value as people would: ``None`` where nobody could say how.

    Text stays as it is. Whole numbers are digits, without a decimal point even if they came as ``3.0``; other
    numbers have a point and no exponent. Booleans are ``true`` and ``false``. Dates and times are ISO 8601.
    """
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case int():
            return str(value)
        case float():
            if not math.isfinite(value):
                return None
            return str(int(value)) if value.is_integer() else format(Decimal(repr(value)), "f")
        case Decimal():
            if not value.is_finite():
                return None
            return str(int(value)) if value == value.to_integral_value() else format(value.normalize(), "f")
        case date():  # a datetime is a date, too
            return value.isoformat()
        case _:
            return None
