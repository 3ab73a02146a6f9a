"""The dialling rules of each region and country code, compiled once from the metadata of ``phonenumbers``."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Literal

import phonenumbers
from phonenumbers import PhoneMetadata

Check = Literal["valid", "possible"] | None
"""How strictly to check a number; described at ``NumberReader``."""

_Matcher = Callable[[str], "re.Match[str] | None"]
_match_nothing = re.compile(r"(?!)").fullmatch
_MAX_DIGITS = 15
MAX_CODE_DIGITS = 3


class RegionRules:
    """Describes the numbers of one region, from the metadata of ``phonenumbers``."""

    def __init__(self, metadata: PhoneMetadata) -> None:
        self.code = str(metadata.country_code)
        self.dials_00 = metadata.international_prefix == "00"
        self.dials_abroad = _prefix_matcher(metadata.international_prefix)
        self.leading_digits = _matcher(metadata.leading_digits)
        self.has_trunk_prefix = metadata.national_prefix is not None
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

    def is_trunk_prefix(self, digits: str) -> bool:
        """Tell whether digits are what people dial before an area code: the trunk prefix."""
        if self._trunk:
            return digits == self._trunk
        match = self._prefix(digits) if self._prefix is not None else None
        return match is not None and match.end() == len(digits)

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


class CountryRules:
    """
    Describes the numbers of one country code, which several regions may share.

    :param regions: Their rules. Those of the first hold for numbers that no other region claims.
    """

    def __init__(self, code: str, regions: list[RegionRules]) -> None:
        self._start = "+" + code
        self._max_length = _MAX_DIGITS - len(code)
        self._main = regions[0]
        self._regions = regions

    def read(self, national: str, check: Check) -> str | None:
        """Return in E.164 the number with these digits after the country code; ``None`` if unclear."""
        significant = self._main.without_trunk_prefix(national)
        return None if significant is None else self.checked(significant, check)

    def has_the_shape(self, national: str) -> bool:
        """Tell whether the digits after the country code look like a number of the country."""
        return self._main.has_the_shape(national)

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
def region_rules(region: str) -> RegionRules:
    """Return the rules of a region, which must be one whose numbers are known."""
    metadata = PhoneMetadata.metadata_for_region(region)
    if metadata is None:
        raise LookupError("no such region")  # the reader asks is_region first
    return RegionRules(metadata)


@cache
def country_rules(code: str) -> CountryRules | None:
    """Return the rules of a country code; ``None``: no country has it."""
    regions = None if code.startswith("0") else phonenumbers.COUNTRY_CODE_TO_REGION_CODE.get(int(code))
    if regions is None:
        return None
    # Some codes, such as +800, belong to no region.
    metadata = (PhoneMetadata.metadata_for_region_or_calling_code(int(code), region) for region in regions)
    return CountryRules(code, [RegionRules(each) for each in metadata if each is not None])


def _matcher(pattern: str | None) -> _Matcher | None:
    return re.compile(pattern).match if pattern else None


def is_country_code(digits: str) -> bool:
    """Tell whether digits are the country code of some country."""
    return 0 < len(digits) <= MAX_CODE_DIGITS and country_rules(digits) is not None


def _prefix_matcher(prefix: str | None) -> Callable[[str], object] | None:
    if prefix is not None and prefix.isdecimal():
        return lambda digits: digits.startswith(prefix)
    return _matcher(prefix)
