"""
Turn the digits that people dial into E.164, country by country.

``phonenumbers`` decides. It takes its time, though, since it reads text that may be anything, and this module
sees only ``+`` and ASCII digits. So the functions ``try_...`` answer as ``phonenumbers`` does where the rules
of :mod:`.region_rules` leave one reading, and give up (``None``) everywhere else.
"""

from __future__ import annotations

from collections.abc import Callable

import phonenumbers
from phonenumbers import (
    NumberParseException,
    PhoneNumberFormat,
    ValidationResult,
)

from airflow_provider_revox.phone_numbers.already_e164 import is_e164
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.region_rules import (
    MAX_CODE_DIGITS,
    Check,
    CountryRules,
    RegionRules,
    country_rules,
    region_rules,
)
from airflow_provider_revox.phone_numbers.usual_form import has_usual_length, is_usual

_WRONG_LENGTH = {
    NumberParseException.TOO_SHORT_AFTER_IDD,
    NumberParseException.TOO_SHORT_NSN,
    NumberParseException.TOO_LONG,
}


def is_region(name: str) -> bool:
    """Tell whether a name, in capitals, is a region whose numbers are known."""
    return name in phonenumbers.SUPPORTED_REGIONS


def read_digits(digits: str, region: str | None, check: Check) -> str:
    """
    Return the number in E.164.

    :param digits: Digits, perhaps with ``+`` in front.
    :param region: The region of a number without a country code.
    :param check: How strictly to check it.
    :raises NumberError: There is no such number.
    """
    if digits[0] == "+":
        return from_international(digits[1:], check)
    if region is not None:
        return from_national(digits, region, check)
    if digits.startswith("00"):
        return from_international(digits[2:], check)
    raise NumberError("no_region")


def from_whole_number(digits: str, region: str, check: Check) -> str:
    """
    Read a number of a spreadsheet, which has no zero in front.

    :raises NumberError: There is no such number, or there are two.
    """
    number = from_national(digits, region, check)
    with_zero = "0" + digits
    rules = region_rules(region)
    # In Hungary, 06 is dialled before an area code.
    if not rules.has_the_shape(with_zero) and not rules.is_trunk_prefix(with_zero[:2]):
        return number
    # In Italy, 0382 330848 and 382 330848 are two people. Most mobiles have one digit more, though, and with
    # a zero in front they would be longer than landlines are.
    refuse_other_reading(number, lambda: from_national(with_zero, region, "valid"))
    return number


def refuse_other_reading(number: str, read: Callable[[], str]) -> None:
    """
    Refuse a number if a zero more or less makes it another number that is as likely.

    :param number: The number in E.164.
    :param read: Reads the other number.
    :raises NumberError: There are two numbers.
    """
    other = reading(read)
    if other is None or other == number or (has_usual_length(number) and not has_usual_length(other)):
        return
    raise NumberError("ambiguous")


def from_international(digits: str, check: Check) -> str:
    """
    Read the digits that follow ``+``.

    :raises NumberError: There is no such number.
    """
    # With a region, phonenumbers would read an unknown country code as the start of a national number.
    return try_international(digits, check) or read_by_phonenumbers("+" + digits, None, check)


def from_national(digits: str, region: str, check: Check) -> str:
    """
    Read the digits that people dial within a region.

    :raises NumberError: There is no such number, or there are two.
    """
    rules = region_rules(region)
    if digits.startswith("00"):
        if rules.dials_00 and not digits.startswith("000"):
            return from_international(digits[2:], check)
        return _after_unusual_00(digits, region, check)
    if digits.startswith(rules.code):
        number = _after_own_code(digits, region, check)
    else:
        number = _from_national(digits, region, check)
    if digits[0] != "0":  # no country code begins with 0
        is_ambiguous = _has_other_country_code(digits, number)
    else:
        is_ambiguous = _begins_as_calls_abroad(digits, number, rules)
    if is_ambiguous:
        raise NumberError("ambiguous")
    return number


def try_international(digits: str, check: Check) -> str | None:
    """Read the digits that follow ``+`` if they have one reading only."""
    country, national = _without_country_code(digits)
    return None if country is None else country.read(national, check)


def try_national(digits: str, region: str, check: Check) -> str | None:
    """Read the digits that people dial within a region as ``phonenumbers`` does, if they are plain."""
    rules = region_rules(region)
    if rules.dials_abroad is not None and rules.dials_abroad(digits):
        return None
    country = country_rules(rules.code)
    if country is None:
        return None
    if not digits.startswith(rules.code) or rules.has_the_shape(digits):
        national = rules.without_trunk_prefix(digits)
        return None if national is None else country.checked(national, check)
    # The number has its country code without the plus: an export wrote it as a number.
    rest = digits[len(rules.code) :]
    return country.read(rest, check) if rules.without_trunk_prefix(rest) == rest else None


def read_by_phonenumbers(dialled: str, region: str | None, check: Check) -> str:
    """
    Read any digits with ``phonenumbers`` itself.

    :param region: The region in which they are dialled; ``None``: they begin with ``+`` and a country code.
    :raises NumberError: There is no such number.
    """
    reason = ""
    try:
        number = phonenumbers.parse(dialled, region)
    except NumberParseException as error:
        if error.error_type in _WRONG_LENGTH:
            reason = "not_possible"
        elif error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
            reason = "unknown_country"
        else:
            reason = "not_a_number"
    if not reason:
        reason = _reason(number, check)
    if not reason:
        text = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        if is_e164(text):
            return text
        reason = "not_possible"
    # Raised outside of the except block, since the library's own error may show the number.
    raise NumberError(reason)


def _from_national(digits: str, region: str, check: Check) -> str:
    return try_national(digits, region, check) or read_by_phonenumbers(digits, region, check)


def _reason(number: phonenumbers.PhoneNumber, check: Check) -> str:
    """Return why a number does not pass the check; empty if it passes."""
    if check is None or (check == "valid" and phonenumbers.is_valid_number(number)):
        return ""
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return "local_only"  # phonenumbers calls it possible, but it can't be dialled from elsewhere
    if possible != ValidationResult.IS_POSSIBLE:
        return "not_possible"
    return "not_valid" if check == "valid" else ""


def _after_own_code(digits: str, region: str, check: Check) -> str:
    """
    Read digits that begin with the country code of their own region.

    It may be the country code, whose plus a spreadsheet has eaten. Or it is the start of an area code: in
    Germany, 4915123456789 is +49 151 23456789, or a number of the area 4915.
    """

    def national(strictness: Check) -> str | None:
        return reading(lambda: _from_national(digits, region, strictness))

    def readings(strictness: Check) -> set[str]:
        international = reading(lambda: from_international(digits, strictness))
        return {number for number in (national(strictness), international) if number is not None}

    found = readings("valid")
    if check != "valid" and national("valid") is None:
        # The user expects numbers that phonenumbers does not know, so a valid one is not the only reading.
        found |= readings("possible" if found else check)
    if len(found) > 1:
        raise NumberError("ambiguous")
    return found.pop() if found else _from_national(digits, region, check)


def _has_other_country_code(digits: str, number: str) -> bool:
    """
    Tell whether digits may be a number of another country that has lost its plus.

    They are none if people of the number's country write it with exactly these digits.
    """
    abroad = without_plus(digits)
    return abroad not in (None, number) and not is_usual(digits, number)


def _begins_as_calls_abroad(digits: str, number: str, rules: RegionRules) -> bool:
    """
    Tell whether a zero and the region's own code look like the start of a call to another country.

    In the Seychelles, 0248 641 2345 may be +248 641 2345, or +48 641 2345 behind their prefix 02.
    """
    if not digits.startswith("0" + rules.code) or number.startswith("+" + rules.code):
        return False
    return reading(lambda: from_international(digits[1:], "valid")) == "+" + digits[1:]


def without_plus(digits: str) -> str | None:
    """Return the valid number that digits are behind a plus; ``None``: there is none."""
    country, national = _without_country_code(digits)
    if country is None or not country.has_the_shape(national):
        return None
    return reading(lambda: from_international(digits, "valid"))


def _without_country_code(digits: str) -> tuple[CountryRules | None, str]:
    """Return the country with whose code digits begin, and the rest; ``None``: no country has such a code."""
    for length in range(1, min(MAX_CODE_DIGITS, len(digits)) + 1):
        if (country := country_rules(digits[:length])) is not None:
            return country, digits[length:]
    return None, digits


def reading(read: Callable[[], str]) -> str | None:
    """Return the number that a function reads; ``None``: it refuses."""
    try:
        return read()
    except NumberError:
        return None


def _after_unusual_00(digits: str, region: str, check: Check) -> str:
    """
    Read 00... in a region where calls abroad do not start with a plain 00.

    There 00 may start a longer prefix: in Brazil, two digits for the carrier follow. Or somebody wrote 00 as
    people do in Europe. The same digits may then be a number in either of two countries.
    """
    number = read_by_phonenumbers(digits, region, check)
    try:
        other = from_international(digits[2:], "valid")
    except NumberError:
        # In Singapore, 0065 65 8123 4567 has the own code twice, or calls +56 581 234 567 by the prefix 006.
        other = "" if digits[2:].startswith(region_rules(region).code) else number
    if other != number:
        raise NumberError("ambiguous")
    return number
