"""
Turn the digits that people dial into E.164, country by country.

``phonenumbers`` decides. It takes its time, though, since it reads text that may be anything, and this module
sees only ``+`` and ASCII digits. So :class:`_RegionRules` compiles the rules of each region once. It answers
as ``phonenumbers`` does where the rules leave one reading, and gives up (``None``) everywhere else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Literal

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, ValidationResult

from airflow_provider_revox.phone_numbers.e164 import is_e164
from airflow_provider_revox.phone_numbers.problems import NumberError

Check = Literal["valid", "possible"] | None
"""How strictly to check a number; described at ``NumberReader``."""

_Matcher = Callable[[str], "re.Match[str] | None"]
_match_nothing = re.compile(r"(?!)").fullmatch
_MAX_DIGITS = 15
_MAX_CODE_DIGITS = 3
_WRONG_LENGTH = {
    NumberParseException.TOO_SHORT_AFTER_IDD,
    NumberParseException.TOO_SHORT_NSN,
    NumberParseException.TOO_LONG,
}


def is_region(name: str) -> bool:
    """Tell whether a name, in capitals, is a region whose numbers are known."""
    return name in phonenumbers.SUPPORTED_REGIONS


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
    rules = _region_rules(region)
    if digits.startswith("00"):
        if rules.dials_00 and not digits.startswith("000"):
            return from_international(digits[2:], check)
        return _after_unusual_00(digits, region, check)
    return try_national(digits, region, check) or read_by_phonenumbers(digits, region, check)


def try_international(digits: str, check: Check) -> str | None:
    """Read the digits that follow ``+`` if they have one reading only."""
    for length in range(1, min(_MAX_CODE_DIGITS, len(digits)) + 1):
        if (country := _country_rules(digits[:length])) is not None:
            return country.read(digits[length:], check)
    return None


def try_national(digits: str, region: str, check: Check) -> str | None:
    """Read the digits that people dial within a region if they have one reading only."""
    rules = _region_rules(region)
    if rules.dials_abroad is not None and rules.dials_abroad(digits):
        return None
    country = _country_rules(rules.code)
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
        return number
    if other != number:
        raise NumberError("ambiguous")
    return number


class _RegionRules:
    """Describes the numbers of one region, from the metadata of ``phonenumbers``."""

    def __init__(self, metadata: PhoneMetadata) -> None:
        self.code = str(metadata.country_code)
        self.dials_00 = metadata.international_prefix == "00"
        self.dials_abroad = _prefix_matcher(metadata.international_prefix)
        self.leading_digits = _matcher(metadata.leading_digits)
        prefix = metadata.national_prefix_for_parsing or ""
        self._trunk = prefix if prefix.isdecimal() else ""
        self._prefix = None if self._trunk else _matcher(prefix)
        # Every region has a general description, though the type says that it may be None.
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
        self._ranges: dict[int, _Matcher] = {}  # by number of digits

    def has_the_shape(self, national: str) -> bool:
        """Tell whether digits without prefix and country code look like a number of the region."""
        return len(national) in self.lengths and self._is_general(national) is not None

    def without_trunk_prefix(self, national: str) -> str | None:
        """Return the number without its trunk prefix; ``None`` if it has no single reading."""
        if self._trunk:
            national = national.removeprefix(self._trunk)
        elif self._prefix is not None and (match := self._prefix(national)) is not None:
            if match.lastindex is not None:
                return None  # a carrier's code, or a prefix that stands for another one
            national = national[match.end() :]
        return national if self.has_the_shape(national) else None

    def is_valid(self, national: str) -> bool:
        """Tell whether digits are a number of the region: mobile, fixed line or any other kind."""
        return self.has_the_shape(national) and self.is_in_a_range(national)

    def is_in_a_range(self, national: str) -> bool:
        """Tell whether digits that have the shape lie in a range of any kind."""
        length = len(national)
        if (ranges := self._ranges.get(length)) is None:
            ranges = self._ranges[length] = self._compile_ranges(length)
        return ranges(national) is not None

    def _compile_ranges(self, length: int) -> _Matcher:
        kinds = [
            f"(?:{kind.national_number_pattern})"
            for kind in self._kinds
            if not kind.possible_length or length in kind.possible_length
        ]
        if not kinds:
            return _match_nothing
        return re.compile("|".join(kinds)).fullmatch


class _CountryRules:
    """
    Describes the numbers of one country code, which several regions may share.

    :param regions: Their rules. Those of the first hold for numbers that no other region claims.
    """

    def __init__(self, code: str, regions: list[_RegionRules]) -> None:
        self._start = "+" + code
        self._max_length = _MAX_DIGITS - len(code)
        self._main = regions[0]
        self._regions = regions

    def read(self, national: str, check: Check) -> str | None:
        """Return in E.164 the number with these digits after the country code; ``None`` if unclear."""
        significant = self._main.without_trunk_prefix(national)
        return None if significant is None else self.checked(significant, check)

    def checked(self, significant: str, check: Check) -> str | None:
        """Return in E.164 a number that has the shape of the country's numbers, if it passes the check."""
        if len(significant) > self._max_length:
            return None
        if check == "valid":
            if not self._is_valid(significant):
                return None
        elif check == "possible" and len(significant) not in self._main.lengths:
            return None
        return self._start + significant

    def _is_valid(self, significant: str) -> bool:
        if len(self._regions) == 1:
            return self._main.is_in_a_range(significant)
        for region in self._regions:
            if region.leading_digits is not None:
                if region.leading_digits(significant):
                    return region.is_valid(significant)
            elif region.is_valid(significant):
                return True
        return False


@cache
def _region_rules(region: str) -> _RegionRules:
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise LookupError("no such region")  # the reader asks is_region first
    return _RegionRules(metadata)


@cache
def _country_rules(code: str) -> _CountryRules | None:
    regions = None if code.startswith("0") else phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code))
    if regions is None:
        return None
    # Some codes, such as +800, belong to no region.
    metadata = (PhoneMetadata.metadata_for_region_or_calling_code(int(code), region) for region in regions)
    return _CountryRules(code, [_RegionRules(each) for each in metadata if each is not None])


def _matcher(pattern: str | None) -> _Matcher | None:
    return re.compile(pattern).match if pattern else None


def _prefix_matcher(prefix: str | None) -> Callable[[str], object] | None:
    if prefix is not None and prefix.isdecimal():
        return lambda digits: digits.startswith(prefix)
    return _matcher(prefix)
