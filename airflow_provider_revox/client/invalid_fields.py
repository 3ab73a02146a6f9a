"""Say in words which field of a request or an answer is wrong, without its value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError


def describe_invalid(error: ValidationError, whole: str = "campaign") -> list[str]:
    """
    Say which fields are wrong and why, without their values: ``contacts[3].to_phone_number: ...``.

    :param error: What pydantic found.
    :param whole: What to call the request if no single field is wrong.
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
            # A key that is not a plain field name may be somebody's data in the wrong place.
            path += f".{part if re.fullmatch('[A-Za-z_][A-Za-z_ -]{0,40}', str(part)) else '…'}"
    return path.removeprefix(".")


def _what(problem: Mapping[str, Any]) -> str:
    return str(problem["msg"]).removeprefix("Value error, ")
