"""Read phone numbers as people, spreadsheets and CRMs write them: into E.164, or a reason why not."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_revox.phone_numbers.already_e164 import is_plainly_e164
from airflow_provider_revox.phone_numbers.numeric import digits_of
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.text import NO_DOUBTS, clean, read_text

if TYPE_CHECKING:
    from airflow_provider_revox.phone_numbers.region_rules import Check
    from airflow_provider_revox.phone_numbers.text import Written


class NumberReader:
    """
    Reads phone numbers into E.164.

    Text that is plainly in E.164 format stays as it is. The reader rewrites every other value. It may misread
    the value, so it checks the result. It never adds a country code that neither value nor region names, and
    refuses what it can read as two numbers.

    :param default_region: The region of numbers without a country code, in ISO 3166-1 alpha-2 (``FR``).
        Default: the reader refuses such numbers.
    :param check: How strictly to check a number that was rewritten: ``"valid"``, it lies in a range that its
        country has given out; ``"possible"``, its length can be dialled from abroad; ``None``, not at all.
    :raises NumberError: ``default_region`` is not written as a region. (The first number that needs it shows
        whether the region exists.)
    """

    def __init__(self, default_region: str | None = None, *, check: Check = "valid") -> None:
        if check not in ("valid", "possible", None):
            raise ValueError('check must be "valid", "possible" or None')
        self._check = check
        self._default = _region(default_region)
        self._homes: dict[str | None, str | None] = {}

    def without_default_region(self) -> NumberReader:
        """Return a reader that checks as strictly, and refuses numbers without a country code."""
        return NumberReader(check=self._check)

    def read(self, value: Any, region: Any = None) -> str:
        """
        Return the number in E.164 format.

        :param value: Text, or a number as spreadsheets hold it.
        :param region: The region of this number if it has no country code. Default: ``default_region``.
        :raises NumberError: It says what is wrong, and does not show the value.
        """
        if type(value) is str:
            if is_plainly_e164(value):
                return str(value)
        elif issubclass(type(value), str):
            return self.read(str.__str__(value), region)
        number = self._rewritten(value, region)
        # A second reader may read another number into this one, unless the number is in use.
        return number if is_plainly_e164(number) else _to_e164().read_digits(number, None, "valid")

    def _rewritten(self, value: Any, region: Any) -> str:
        if type(value) is str:
            digits, number = self._from_text(value, region)
        else:
            value = digits = digits_of(value)
            if (home := self._home(region)) is None:
                raise NumberError("ambiguous")  # it may or may not have a country code
            number = _to_e164().from_whole_number(digits, home, self._check)
        if _code_in_front().is_suspected(value, number):
            _code_in_front().refuse(value, digits, number)
        return number

    def _from_text(self, text: str, region: Any) -> tuple[str, str]:
        """Return the digits in a text, and the number."""
        written = read_text(text)
        digits, has_zero, doubts = written
        # Some countries dial the zero of +44 (0)20 and others do not. Only a check tells.
        check = "valid" if has_zero else self._check
        home = None if digits[0] == "+" else self._home(region)
        if doubts is NO_DOUBTS:
            return digits, _to_e164().read_digits(digits, home, check)
        return digits, _doubts().read_doubtful(written, home, check)

    def _home(self, region: Any) -> str | None:
        if region is not None and type(region) is not str:
            region = _region(region)
        if region not in self._homes:
            home = _region(region) or self._default
            if home is not None and not _to_e164().is_region(home):
                raise NumberError("unknown_region")
            self._homes[region] = home
        return self._homes[region]


class _DiallingRules(Protocol):
    """The functions of :mod:`.to_e164`."""

    def is_region(self, name: str) -> bool: ...
    def from_whole_number(self, digits: str, region: str, check: Check) -> str: ...
    def read_digits(self, digits: str, region: str | None, check: Check) -> str: ...


@cache
def _to_e164() -> _DiallingRules:
    # Importing phonenumbers takes time, and a list in E.164 format does not need it.
    from airflow_provider_revox.phone_numbers import to_e164

    return to_e164


class _RulesOfDoubt(Protocol):
    """The functions of :mod:`.doubts`."""

    def read_doubtful(self, written: Written, region: str | None, check: Check) -> str: ...


@cache
def _doubts() -> _RulesOfDoubt:
    # This module imports phonenumbers, too.
    from airflow_provider_revox.phone_numbers import doubts

    return doubts


class _RulesOfCodeInFront(Protocol):
    """The functions of :mod:`.code_in_front`."""

    def is_suspected(self, text: str, number: str) -> bool: ...
    def refuse(self, text: str, digits: str, number: str) -> None: ...


@cache
def _code_in_front() -> _RulesOfCodeInFront:
    # This module imports phonenumbers, too.
    from airflow_provider_revox.phone_numbers import code_in_front

    return code_in_front


def _region(name: Any) -> str | None:
    if name is None or (type(name) is float and math.isnan(name)):  # tables write a missing value so
        return None
    if type(name) is str:
        if len(name) == 2 and name.isascii() and name.isalpha():
            return name.upper()
        if (bare := clean(name)) != name:
            return _region(bare)
        if not name:
            return None
    raise NumberError("unknown_region")
