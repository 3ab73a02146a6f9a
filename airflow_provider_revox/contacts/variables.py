"""Write the values of a record as text, for prompt variables."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.blank import is_blank
from airflow_provider_revox.files.field_names import composed
from airflow_provider_revox.phone_numbers.number_types import Float32

_MOST_DIGITS = 1000


def variable_map(fields: Sequence[str] | Mapping[str, str] | None) -> dict[str, str]:
    """
    Return the field of each prompt variable.

    :param fields: The names of fields, which are the names of the variables, too; or ``{variable: field}``.
    :return: The fields are composed, the variables are as they were given.
    :raises InvalidRequestError: The value is neither.
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
    return {variable: composed(field) for variable, field in variables.items()}


def is_unicode(text: str) -> bool:
    """Tell whether UTF-8 can hold a text. It can't hold half a surrogate pair, which a cut may leave."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def is_missing(value: Any) -> bool:
    """Tell whether a value is missing: ``None``, blank text, or the NaN of a data frame."""
    if isinstance(value, str):
        return is_blank(value)
    try:
        return bool(value is None or value != value)
    except (TypeError, ArithmeticError):  # NA of pandas, and a signaling NaN
        return True
    except ValueError:  # an array
        return False


def as_text(value: Any) -> str | None:
    """
    Write a value as people write it.

    Text stays as it is. Whole numbers become digits without a decimal point, ``3.0`` too. Other numbers have
    a point and no exponent; a float of 32 bits has no more digits than its source shows. Booleans become
    ``true`` and ``false``. Dates and times become ISO 8601.

    :return: ``None`` if there is no single way to write the value.
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
        case Float32() if math.isfinite(value):
            return _as_text(value.as_decimal())
        case float():
            if not math.isfinite(value):
                return None
            # float.__repr__, since a float of numpy has another repr.
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
