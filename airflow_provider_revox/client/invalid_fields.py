"""What is wrong with a request or an answer, in words and without its values."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError


def describe_invalid(error: ValidationError, whole: str = "campaign") -> list[str]:
    """
    Say what is wrong and where, without the values: ``contacts[3].to_phone_number: ...``.

    :param error: From one of the request models.
    :param whole: What to call the request where the problem is in no field.
    :return: One line per problem.
    """
    problems = error.errors(include_input=False)
    return [f"{_where(problem['loc']) or whole}: {_what(problem)}" for problem in problems]


_LISTS = ("contacts", "calling_windows", "allowed_days", "campaigns", "rows")


def _where(loc: tuple[int | str, ...]) -> str:
    path = ""
    for position, part in enumerate(loc):
        if part == "[key]":
            continue
        if isinstance(part, int) and position and loc[position - 1] in _LISTS:
            path += f"[{part}]"
        else:
            # Anything but a plain field name may be somebody's data that slipped into a key.
            path += f".{part if re.fullmatch('[A-Za-z_][A-Za-z_ -]{0,40}', str(part)) else '…'}"
    return path.removeprefix(".")


def _what(problem: Mapping[str, Any]) -> str:
    return str(problem["msg"]).removeprefix("Value error, ")
