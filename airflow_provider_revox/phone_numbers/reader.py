"""Read phone numbers as people, spreadsheets and CRMs write them: into E.164, or a reason why not."""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

from airflow_provider_revox.phone_numbers.e164 import is_plainly_e164
from airflow_provider_revox.phone_numbers.problems import NumberError

if TYPE_CHECKING:
    from airflow_provider_revox.phone_numbers.validity import Check

_MAX_CHARS = 250
_TOO_LARGE = 10**15
"""Phone numbers have at most 15 digits. A float holds every digit of such a number."""


class NumberReader:
    """
    Reads phone numbers into E.164.

    Text that is plainly in E.164 format stays as it is. The reader rewrites every other value. It may misread
    the value, so it checks the result. It never adds a country code that neither value nor region names.

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
        return number if is_plainly_e164(number) else _validity().from_international(number[1:], "valid")

    def _rewritten(self, value: Any, region: Any) -> str:
        if type(value) is not str:
            number = _from_number(value)
            if (home := self._home(region)) is None:
                raise NumberError("ambiguous")  # it may or may not have a country code
            return _validity().from_national(number, home, self._check)
        number, trunk = _from_text(value)
        # Some countries dial the zero of +44 (0)20 and others do not. Only a check tells.
        check = "valid" if trunk else self._check
        if number[0] == "+":
            return _validity().from_international(number[1:], check)
        if (home := self._home(region)) is not None:
            return _validity().from_national(number, home, check)
        if number.startswith("00"):
            return _validity().from_international(number[2:], check)
        raise NumberError("no_region")

    def _home(self, region: Any) -> str | None:
        if region is not None and type(region) is not str:
            region = _region(region)
        if region not in self._homes:
            home = _region(region) or self._default
            if home is not None and not _validity().is_region(home):
                raise NumberError("unknown_region")
            self._homes[region] = home
        return self._homes[region]


class _DiallingRules(Protocol):
    """The functions of :mod:`.validity`."""

    def is_region(self, name: str) -> bool: ...
    def from_international(self, digits: str, check: Check) -> str: ...
    def from_national(self, digits: str, region: str, check: Check) -> str: ...


@cache
def _validity() -> _DiallingRules:
    # Importing phonenumbers takes time, and a list in E.164 format does not need it.
    from airflow_provider_revox.phone_numbers import validity

    return validity


def _region(name: Any) -> str | None:
    if name is None or (type(name) is float and math.isnan(name)):  # tables write a missing value so
        return None
    if type(name) is str:
        if len(name) == 2 and name.isascii() and name.isalpha():
            return name.upper()
        if (bare := name.strip()) != name:
            return _region(bare)
        if not name:
            return None
    raise NumberError("unknown_region")


class _ToAscii(dict[int, str | None]):
    """Turns digits, dashes and spaces of any script into ASCII, and drops invisible marks."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if (digit := unicodedata.decimal(character, None)) is not None:
            return str(digit)
        return {"Pd": "-", "Zs": " "}.get(unicodedata.category(character), character)


_INVISIBLE = (0xAD, *range(0x200B, 0x2010), *range(0x202A, 0x202F), 0x2060, *range(0x2066, 0x206A), 0xFEFF)
_TO_ASCII = _ToAscii(dict.fromkeys(_INVISIBLE))
_TO_ASCII.update(zip(map(ord, "\uff0b\uff0e\uff0f\uff08\uff09\u2212\u30fc\u2019"), "+./()--'", strict=True))
_SEPARATORS = str.maketrans("", "", " -./()")
_FIRST = frozenset("+(0123456789")
_LAST = frozenset(").0123456789")
_DECIMALS = re.compile(r"([^.,]*)[.,]([0-9]{1,2})").fullmatch
_ENDINGS = re.compile(r"/ *[0-9]{1,2}$").search
_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]*E[+-]?[0-9]+$", re.IGNORECASE).search
_EXTENSION = re.compile(r"[0-9][^0-9]*(?:ext|x|#|poste|isub)[^0-9]*[0-9]+$", re.IGNORECASE).search


def _from_text(text: str) -> tuple[str, bool]:
    """Return the digits, with ``+`` if the text has it, and whether the text has the zero in brackets."""
    if len(text) > _MAX_CHARS:
        raise NumberError("too_long")
    if not text.isascii():
        text = text.translate(_TO_ASCII)
    text = text.strip()
    if text[:1] not in _FIRST:
        text = _without_mark(text)
    if "." in text or "," in text:
        text = _without_decimals(text)
    number = text.replace(" ", "")  # enough for most numbers, in a fifth of the time
    if not number.isdecimal():
        number = number.translate(_SEPARATORS)
    digits = number[1:] if number[:1] == "+" else number
    if not digits.isdecimal() or text[0] not in _FIRST or text[-1] not in _LAST:
        raise NumberError(_why_unreadable(text))
    if "/" in text and _ENDINGS(text):
        raise NumberError("ambiguous")  # 0612345678/79 is two numbers
    return number, "(" in text and "(0)" in text.replace(" ", "")


def _without_mark(text: str) -> str:
    """Return the text without the mark that Excel or a link puts before a number."""
    text = text.removeprefix("'").lstrip()  # Excel's mark for text
    if text[:4].lower() == "tel:":
        text = text[4:].lstrip()
    if not text:
        raise NumberError("empty")
    return text


def _without_decimals(text: str) -> str:
    """Return the number of a spreadsheet that wrote it with decimals, as ``33612345678.0``."""
    if (match := _DECIMALS(text)) is None:
        return text
    if match[2] != "0":
        raise NumberError("fraction")
    return match[1]


def _why_unreadable(text: str) -> str:
    if _SCIENTIFIC(text):
        return "scientific"
    if _EXTENSION(text):
        return "extension"
    return "letters" if any(character.isalpha() for character in text) else "not_a_number"


def _from_number(value: Any) -> str:
    if value is None:
        raise NumberError("missing")
    if type(value) is bool:
        raise NumberError("boolean")
    try:
        whole, reason = _whole(value)
    except Exception:  # an object of any class may raise anything here
        whole, reason = 0, "wrong_type"
    if reason:
        raise NumberError(reason)
    if whole >= _TOO_LARGE:
        raise NumberError("too_long")
    if whole <= 0:
        raise NumberError("not_a_number")
    return str(whole)


def _whole(value: Any) -> tuple[int, str]:
    """Return the whole number, or the reason why there is none."""
    # The methods of a subclass may do anything, so these are the ones of Python's own classes.
    kind = type(value)
    if issubclass(kind, float):
        value = float.__float__(value)
    elif issubclass(kind, Decimal):
        value = Decimal(value)
    else:
        return int.__index__(value) if issubclass(kind, int) else operator.index(value), ""
    if math.isnan(value):
        return 0, "nan"
    if value in (math.inf, -math.inf):
        return 0, "infinite"
    # int() would write out every zero of 1E+999999999, and abs() would round it.
    if not -_TOO_LARGE < value < _TOO_LARGE:
        return 0, "too_long"
    whole = int(value)
    return whole, "" if whole == value else "fraction"
