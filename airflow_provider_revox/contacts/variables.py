"""Values of a record become what the assistant is told: text, predictably."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError

_MOST_DIGITS = 1000


def variable_map(fields: Sequence[str] | Mapping[str, str] | None) -> dict[str, str]:
    """
    Return which variable is read from which field.

    :param fields: Names that are both, or ``{variable: field}``.
    :raises InvalidRequestError: They are something else.
    """
    variables: dict[Any, Any] = {}
    if isinstance(fields, Mapping):
        variables = dict(fields)
    elif fields is None or (isinstance(fields, Sequence) and not isinstance(fields, str)):
        variables = {field: field for field in fields or ()}
    else:
        variables = {"": None}
    if not all(isinstance(part, str) and part for pair in variables.items() for part in pair):
        raise InvalidRequestError(
            ["variable_fields: must be a list of names of fields, or a mapping of variable to field"]
        )
    return variables


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
    except (TypeError, ArithmeticError):  # pandas' NA won't say, nor will a signaling NaN
        return True
    except ValueError:  # nor will an array
        return False


def as_text(value: Any) -> str | None:
    """
    Write a value as people would: ``None`` where nobody could say how.

    Text stays as it is. Whole numbers are digits, without a decimal point even if they came as ``3.0``; other
    numbers have a point and no exponent. Booleans are ``true`` and ``false``. Dates and times are ISO 8601.
    """
    try:
        return _as_text(value)
    except (ValueError, ArithmeticError):  # a number of thousands of digits
        return None


def _as_text(value: Any) -> str | None:
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
            # Not its own repr: numpy's floats are floats, and say what they are.
            return str(int(value)) if value.is_integer() else format(Decimal(float.__repr__(value)), "f")
        case Decimal():
            if not value.is_finite() or abs(value.adjusted()) > _MOST_DIGITS:
                return None
            text = format(value, "f")
            return text.rstrip("0").rstrip(".") if "." in text else text
        case date():  # a datetime is a date, too
            return value.isoformat()
        case _:
            return None
