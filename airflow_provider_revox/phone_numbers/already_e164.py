"""The form of a phone number that the API takes: E.164."""

from __future__ import annotations

import re

_is_e164 = re.compile(r"\+[1-9][0-9]{1,14}").fullmatch

_SHAPE = r"\+[1-9][0-9]{7,14}"
"""Pattern of the phone numbers that people have: a few digits fewer are in E.164 format, too."""

# +33 0612345678, with the zero that people dial within France, has the shape but is the number +33 612345678.
# One person must not be called under both, and both must be found on a do-not-call list. These patterns tell
# such text by how it begins, as the numbering plans say. Python searches faster if it knows the first digit.
_NO_COUNTRY = {
    "2": "1[04579]|59|8[0-9]|9[23456]",
    "3": "79|8[48]",
    "4": "2[2456789]",
    "6": "71|84|9[3-9]",
    "8": "0[1-79]|3[0-9]|5[14789]|7[1-79]|8[4579]|9[0-9]",
    "9": "69|78|9[0179]",
}
_CODE_AND_ZERO = {
    "1": "0",
    "2": "[07]0|[1-689][0-9]0",
    "3": "[0-469]0|[578][0-9]0",
    "4": "[013-9]0|2[0-9]0",
    "5": "[1-8]0|[09][0-9]0",
    "6": "[0-6]0|[7-9][0-9]0",
    "7": "0",
    "8": "[1246]0|[0357-9][0-9]0",
    "9": "[0-58]0|[679][0-9]0",
}
_DIALLED_WITHIN = {
    "1": "[01]",
    "2": "9810",
    "3": "708|758|78[89]|5215",
    "4": "231001|4180020",
    "5": "21|4|590|0619",
    "6": "72[0-258]|921|1183",
    "7": "8",
    "8": "6(?:1[12]|179)",
    "9": "938",
}
_RULES = (_NO_COUNTRY, _CODE_AND_ZERO, _DIALLED_WITHIN)
_ONLY_LOOKS_LIKE_E164 = "|".join(
    rf"\+{digit}(?:{'|'.join(rules[digit] for rules in _RULES if digit in rules)})" for digit in "123456789"
)
"""Pattern of how text begins that has the shape of E.164 and needs to be read."""

_is_plainly_e164 = re.compile(rf"(?!{_ONLY_LOOKS_LIKE_E164}){_SHAPE}").fullmatch
_have_the_shape = re.compile(rf"(?:{_SHAPE}\n)*+").fullmatch
_find_lookalike = re.compile(_ONLY_LOOKS_LIKE_E164).search


def is_e164(number: str) -> bool:
    """Tell whether a number is in E.164 format: ``+``, country code, at most 15 ASCII digits in all."""
    return _is_e164(number) is not None


def is_plainly_e164(number: str) -> bool:
    """Tell whether every reader reads exactly this number into the text."""
    return _is_plainly_e164(number) is not None


def are_plainly_e164(numbers: list[str]) -> bool:
    """Tell :func:`is_plainly_e164` of all numbers at once, which takes a fifth of the time."""
    lines = "\n".join([*numbers, ""])
    return (
        lines.count("\n") == len(numbers)
        and _have_the_shape(lines) is not None
        and _find_lookalike(lines) is None
    )
