"""
From dialled digits to E.164, country by country.

``phonenumbers`` decides. It spends its time on text that may be anything, though, and this module only ever
sees ``+`` and ASCII digits. So each country's own rules are compiled once into :class:`_Plan`, which answers
where these rules leave one reading, as ``phonenumbers`` would, and gives up (None) everywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, ValidationResult

from airflow_provider_revox.phone_numbers.e164 import is_e164
from airflow_provider_revox.phone_numbers.reader import Check, NumberError

_Matcher = Callable[[str], "re.Match[str] | None"]
_nothing = re.compile(r"(?!)").fullmatch
_MAX_DIGITS = 15
_MAX_CODE = 3
_WRONG_LENGTH = {
    NumberParseException.TOO_SHORT_AFTER_IDD,
    NumberParseException.TOO_SHORT_NSN,
    NumberParseException.TOO_LONG,
}


def is_region(name: str) -> bool:
    """Whether ``name``, in capitals, is a region whose numbers are known."""
    return name in phonenumbers.SUPPORTED_REGIONS


def from_international(digits: str, check: Check) -> str:
    """
    Read what follows ``+``.

    :raises NumberError: No such number.
    """
    # Without a region on purpose: with one, a country code that does not exist would be tried as national.
    return fast_international(digits, check) or slow("+" + digits, None, check)


def from_national(digits: str, region: str, check: Check) -> str:
    """
    Read what is dialled in ``region``.

    :raises NumberError: No such number, or two of them.
    """
    plan = _plan(region)
    if digits.startswith("00"):
        if plan.dials_00 and not digits.startswith("000"):
            return from_international(digits[2:], check)
        return _after_other_prefix(digits, region, check)
    return fast_national(digits, region, check) or slow(digits, region, check)


def fast_international(digits: str, check: Check) -> str | None:
    """Read the clear cases of what follows ``+``."""
    for length in range(1, min(_MAX_CODE, len(digits)) + 1):  # nothing may follow the prefix
        if (country := _country(digits[:length])) is not None:
            return country.number(digits[length:], check)
    return None


def fast_national(digits: str, region: str, check: Check) -> str | None:
    """Read the clear cases of what is dialled in ``region``."""
    plan = _plan(region)
    if plan.abroad is not None and plan.abroad(digits):
        return None
    country = _country(plan.code)
    if country is None:
        return None
    if not digits.startswith(plan.code) or plan.fits(digits):
        national = plan.significant(digits)
        return None if national is None else country.checked(national, check)
    # The country code without its plus, as exports that hold numbers as numbers have it.
    rest = digits[len(plan.code) :]
    return country.number(rest, check) if plan.significant(rest) == rest else None


def slow(dialled: str, region: str | None, check: Check) -> str:
    """
    Read any digits as ``phonenumbers`` does.

    :raises NumberError: No such number.
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
        reason = _problem(number, check)
    if not reason:
        text = phonenumbers.format_number(number, PhoneNumberFormat.E164)
        if is_e164(text):
            return text
        reason = "not_possible"
    # Outside the except block: what is raised here must not have other exceptions in tow.
    raise NumberError(reason)


def _problem(number: phonenumbers.PhoneNumber, check: Check) -> str:
    if check is None or (check == "valid" and phonenumbers.is_valid_number(number)):
        return ""
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == ValidationResult.IS_POSSIBLE_LOCAL_ONLY:
        return "local_only"  # "possible" to phonenumbers, but nobody can call it from elsewhere
    if possible != ValidationResult.IS_POSSIBLE:
        return "not_possible"
    return "not_valid" if check == "valid" else ""


def _after_other_prefix(digits: str, region: str, check: Check) -> str:
    """
    Read 00... where calls abroad do not start with a plain 00.

    There 00 may be the start of a longer prefix (in Brazil 00 and two digits for the carrier), or the 00 of
    a colleague in Europe; the same digits may then be a number in either of two countries.
    """
    number = slow(digits, region, check)
    try:
        other = from_international(digits[2:], "valid")
    except NumberError:
        return number
    if other != number:
        raise NumberError("ambiguous")
    return number


class _Plan:
    """What one region's numbers look like, from the metadata of ``phonenumbers``."""

    def __init__(self, metadata: PhoneMetadata) -> None:
        self.code = str(metadata.country_code)
        self.dials_00 = metadata.international_prefix == "00"
        self.abroad = _starts(metadata.international_prefix)
        self.leading = _matcher(metadata.leading_digits)
        prefix = metadata.national_prefix_for_parsing or ""
        self._trunk = prefix if prefix.isdecimal() else ""
        self._prefix = None if self._trunk else _matcher(prefix)
        # The attributes that may be None are so in the type only: each region has a general description.
        general = metadata.general_desc
        self._general = (general.national_number_pattern if general else None) or r"(?!)"
        self._is_general = re.compile(self._general).fullmatch
        self.lengths = frozenset(general.possible_length if general else ())
        self._kinds = [
            kind
            for kind in (
                metadata.mobile,
                metadata.fixed_line,
                metadata.toll_free,
                metadata.premium_rate,
                metadata.shared_cost,
                metadata.voip,
                metadata.personal_number,
                metadata.pager,
                metadata.uan,
                metadata.voicemail,
            )
            if kind is not None and kind.national_number_pattern
        ]
        self._valid: dict[int, _Matcher] = {}

    def fits(self, national: str) -> bool:
        """Whether this has the shape of the region's numbers, without prefix or country code."""
        return len(national) in self.lengths and self._is_general(national) is not None

    def significant(self, national: str) -> str | None:
        """Return the number without its trunk prefix."""
        if self._trunk:
            national = national.removeprefix(self._trunk)
        elif self._prefix is not None and (match := self._prefix(national)) is not None:
            if match.lastindex is not None:
                return None  # a carrier's code, or a prefix that is rewritten
            national = national[match.end() :]
        return national if self.fits(national) else None

    def is_valid(self, national: str) -> bool:
        """Whether a number of any kind is written like this."""
        return self.fits(national) and self.is_of_a_kind(national)

    def is_of_a_kind(self, national: str) -> bool:
        """Whether what fits is of one of the kinds, too."""
        length = len(national)
        if (valid := self._valid.get(length)) is None:
            valid = self._valid[length] = self._compiled(length)
        return valid(national) is not None

    def _compiled(self, length: int) -> _Matcher:
        kinds = [
            f"(?:{kind.national_number_pattern})"
            for kind in self._kinds
            if not kind.possible_length or length in kind.possible_length
        ]
        if not kinds:
            return _nothing
        return re.compile("|".join(kinds)).fullmatch


class _Country:
    """All regions that share a country code: the first has the say where the rest do not speak up."""

    def __init__(self, code: str, plans: list[_Plan]) -> None:
        self._start = "+" + code
        self._most = _MAX_DIGITS - len(code)
        self._main = plans[0]
        self._plans = plans
        self._alone = len(plans) == 1

    def number(self, national: str, check: Check) -> str | None:
        """Return in E.164 what follows the country code."""
        significant = self._main.significant(national)
        return None if significant is None else self.checked(significant, check)

    def checked(self, significant: str, check: Check) -> str | None:
        """Return the number in E.164 if it passes."""
        if len(significant) > self._most:
            return None
        if check == "valid":
            if not self._is_valid(significant):
                return None
        elif check == "possible" and len(significant) not in self._main.lengths:
            return None
        return self._start + significant

    def _is_valid(self, significant: str) -> bool:
        if self._alone:
            return self._main.is_of_a_kind(significant)  # and it fits, or it would not have come here
        for plan in self._plans:
            if plan.leading is not None:
                if plan.leading(significant):
                    return plan.is_valid(significant)
            elif plan.is_valid(significant):
                return True
        return False


@cache
def _plan(region: str) -> _Plan:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise LookupError("no such region")  # callers ask is_region first
    return _Plan(metadata)


@cache
def _country(code: str) -> _Country | None:
    regions = None if code.startswith("0") else phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code))
    if regions is None:
        return None
    # Some codes, such as +800, belong to no region.
    metadata = (PhoneMetadata.metadata_for_region_or_calling_code(int(code), region) for region in regions)
    return _Country(code, [_Plan(each) for each in metadata if each is not None])


def _matcher(pattern: str | None) -> _Matcher | None:
    return re.compile(pattern).match if pattern else None


def _starts(prefix: str | None) -> Callable[[str], object] | None:
    if prefix is not None and prefix.isdecimal():
        return lambda digits: digits.startswith(prefix)
    return _matcher(prefix)
