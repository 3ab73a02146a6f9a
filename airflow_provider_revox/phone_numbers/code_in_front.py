"""Decide whether digits in front of a number are a country code, though it is read as part of the number."""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.text import clean, digits_behind_groups
from airflow_provider_revox.phone_numbers.to_e164 import from_international, reading, without_plus
from airflow_provider_revox.phone_numbers.usual_form import (
    groups_of,
    has_usual_length,
    international_form,
    is_mobile,
    national_form,
    usual_groups,
)


def _any_of(codes: Iterable[str]) -> str:
    """Return a pattern of codes that tries digit by digit, which is faster than code by code."""
    tails: dict[str, list[str]] = {}
    for code in filter(None, codes):
        tails.setdefault(code[0], []).append(code[1:])
    return f"(?:{'|'.join(first + _any_of(rest) for first, rest in tails.items())})"


_CODE = _any_of(map(str, phonenumbers.COUNTRY_CODE_TO_REGION_CODE))
_begins_with_code_twice = re.compile(r"\+([17]|[2-9][0-9]{1,2})0?\1").match
_has_code_in_front = re.compile(
    rf"[^0-9+]*(?:(?:0|(?:\+|00)[^0-9]*{_CODE}[^0-9]*0?)[^0-9]*)?{_CODE}[^0-9]+[0-9]"
).match


def is_suspected(text: str, number: str) -> bool:
    """
    Tell, at little cost, whether a number has to be looked at by :func:`refuse`.

    :param text: The number as it is written.
    :param number: The number in E.164, as it was read.
    """
    if _begins_with_code_twice(number) is not None:
        return True
    return _has_code_in_front(text if text.isascii() else clean(text)) is not None


def refuse(text: str, digits: str, number: str) -> None:
    """
    Refuse a number that may be another one, behind a country code that was not read as one.

    In Germany, 0 49 151 23456789 and +49 49 151 23456789 are +49 151 23456789, or a number of the area 0491.
    In Russia, 49 30 123436 is +49 30 123436, or a number of the area 493. The groups tell if they are those
    in which people write the number: 0491 5123456789 and (493) 012-34-36.

    :param text: The number as it is written.
    :param digits: Its digits.
    :param number: The number in E.164, as it was read.
    :raises NumberError: Both are numbers.
    """
    if digits[0] not in "0+":
        _refuse_without_plus(text, digits, number)
    national = phonenumbers.national_significant_number(phonenumbers.parse(number))
    behind_zero = national.removeprefix("0")  # Italy's numbers keep their zero
    other = reading(lambda: from_international(behind_zero, "valid"))
    if other in (None, number):
        return
    code = str(phonenumbers.parse(other).country_code)
    behind = digits_behind_groups(text, digits)
    if behind == groups_of(national_form(number)):
        return  # (0-682) 77637 is how people write it in Lithuania
    groups = {count for count in behind if count < len(behind_zero)}
    there = groups_of(international_form(other))
    has_own_code = number.startswith(f"+{code}")
    if has_own_code and digits[0] == "0" and behind and behind in (there, there[1:]):
        is_clear = False  # 04357 813 0452 is +43 4357 8130452, or +43 57 813 0452
    elif digits[0] == "0" and {len(digits) - 1, len(digits) - 1 - len(code)} <= set(behind):
        is_clear = False  # Lund is 046-812 34 56, and not 0 46 8123456
    elif groups:
        usual = usual_groups(number)
        is_clear = max(groups) == max(usual, default=0) and (
            groups <= usual
            or max(groups) != len(behind_zero) - len(code)
            # 0676 745 77 99 is a mobile in Austria, and not 0 and +676 745 7799.
            or (digits[0] in "0+" and not has_own_code and is_mobile(number))
        )
    else:
        # Landlines of any length are written without a space, too. Mobiles have one length, and no landline
        # has a zero behind its area code: 4903 0123456 is 49 and 030 123456.
        has_zero = number.startswith(f"+{code}{code}0") and " 0" in national_form(number)
        is_clear = has_usual_length(number) or not (has_zero or is_mobile(other))
    if not is_clear:
        raise NumberError("ambiguous")


def _refuse_without_plus(text: str, digits: str, number: str) -> None:
    """Refuse a number whose groups are those of another country's number that has lost its plus."""
    abroad = without_plus(digits)
    if abroad in (None, number):
        return
    behind, usual = digits_behind_groups(text, digits), groups_of(national_form(number))
    if behind == usual:
        return
    there = groups_of(international_form(abroad))
    if behind == there or (there[0] in behind and there[0] not in usual):
        raise NumberError("ambiguous")
