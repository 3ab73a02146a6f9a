"""Decide whether text that may hold more than one number, or a remark, is one number after all."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.region_rules import Check, is_country_code, region_rules
from airflow_provider_revox.phone_numbers.text import LONGEST_AREA_CODE, Written
from airflow_provider_revox.phone_numbers.to_e164 import read_digits, reading, refuse_other_reading
from airflow_provider_revox.phone_numbers.usual_form import is_usual, usual_groups


def read_doubtful(written: Written, region: str | None, check: Check) -> str:
    """
    Return the number in E.164.

    :param written: A number as it is written, with doubts.
    :param region: The region of a number without a country code.
    :param check: How strictly to check it.
    :raises NumberError: There is no such number, or the text may hold something besides one number.
    """
    digits, has_zero, doubts = written
    before = doubts.before_brackets
    if has_zero and before and before[-1][0] not in "+0":
        # 49 (0)30 123456: who writes the zero in brackets has written the country code before it.
        digits, before = "+" + digits, ["+" + one for one in before]
    for one in before:
        if not _may_stand_before_brackets(one, region):
            raise NumberError("not_a_number")
    for head in doubts.heads:
        if _is_number(head, region):
            raise NumberError("ambiguous")
    for head, tail in doubts.pairs:
        if _is_number(head, region) and _is_number(tail, region):
            raise NumberError("ambiguous")
    for head, tail in doubts.halves:
        if _are_halves(head, tail, region):
            raise NumberError("ambiguous")
    number = read_digits(digits, region, check)
    if has_zero:
        without_zero = _without_bracketed_zero(digits, before, region)
        # In Italy the zero belongs to the numbers of landlines, and mobiles have none.
        refuse_other_reading(number, lambda: read_digits(without_zero, region, "valid"))
    if doubts.may_begin_with_remark and region is not None:
        has_code = digits.startswith(("+", region_rules(region).code))
        if not has_code and not is_usual(digits, number):
            raise NumberError("ambiguous")
    return number


def _are_halves(head: str, tail: str, region: str | None) -> bool:
    """Tell whether the head is a whole number, and the tail about as long as its local part."""
    number = reading(lambda: read_digits(head, region, "valid"))
    return number is not None and abs(max(usual_groups(number), default=0) - len(tail)) <= 1


def _without_bracketed_zero(digits: str, before: Sequence[str], region: str | None) -> str:
    """Return the digits without the zero that stands in brackets, with their country code if it is known."""
    code = next((one for one in before if digits[len(one)] == "0"), "")
    rest = digits[len(code) + 1 :]
    if code or region is None:
        return code + rest
    return f"+{region_rules(region).code}{rest}"


def _is_number(digits: str, region: str | None) -> bool:
    # Luxembourg has no area codes, and numbers of 4 to 11 digits.
    has_area_codes = region is None or region_rules(region).has_trunk_prefix
    if has_area_codes and len(digits.lstrip("+")) <= LONGEST_AREA_CODE:
        return False
    try:
        read_digits(digits, region, "valid")
    except NumberError as error:
        return error.reason == "ambiguous"  # more than one number
    return True


def _may_stand_before_brackets(digits: str, region: str | None) -> bool:
    """Tell whether digits are a country code or a trunk prefix, and not a number with a remark behind it."""
    if digits[0] == "+" or digits.startswith("00"):
        code = digits.removeprefix("+").removeprefix("00")
        # In some countries a digit for mobile phones stands between country code and area code: +54 9 (11).
        return is_country_code(code) or is_country_code(code[:-1])
    return (
        region is None or digits == region_rules(region).code or region_rules(region).is_trunk_prefix(digits)
    )
