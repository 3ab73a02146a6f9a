"""The form of a phone number that the API takes: E.164."""

from __future__ import annotations

import re

_is_e164 = re.compile(r"\+[1-9][0-9]{1,14}").fullmatch

E164_SHAPE = r"\+[1-9][0-9]{7,14}"
"""A pattern: what numbers in E.164 format look like."""

# Some text looks like E.164 and is not: +33 0612345678, with the zero that is dialled within France, is the
# number +33 612345678. It must not be called beside it, nor get past a do-not-call list. These patterns are
# grouped by the first digit, since Python finds them faster so. They follow from the numbering plans.
_NO_COUNTRY_HAS = {
    "2": "1[04579]|59|8[0-9]|9[23456]",
    "3": "79|8[48]",
    "4": "2[2456789]",
    "6": "71|84|9[3-9]",
    "8": "0[1-79]|3[0-9]|5[14789]|7[1-79]|8[4579]|9[0-9]",
    "9": "69|78|9[0179]",
}
_ZERO_AFTER_CODE = {
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
_DIALLED_WITHIN_COUNTRY = {
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
_RULES = (_NO_COUNTRY_HAS, _ZERO_AFTER_CODE, _DIALLED_WITHIN_COUNTRY)
ONLY_LOOKS_LIKE_E164 = "|".join(
    rf"\+{digit}(?:{'|'.join(rules[digit] for rules in _RULES if digit in rules)})" for digit in "123456789"
)
"""A pattern: how text begins that has the shape, and is read again as what a person would dial."""


def is_e164(number: str) -> bool:
    """Tell whether a number is in E.164 format: ``+``, country code, at most 15 ASCII digits in all."""
    return _is_e164(number) is not None
