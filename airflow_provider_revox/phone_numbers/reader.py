"""Phone numbers as people, spreadsheets and CRMs write them: read into E.164, or refused."""

from __future__ import annotations

import math
import operator
import re
import unicodedata
from decimal import Decimal
from functools import cache
from typing import Any, Literal, Protocol

from airflow_provider_revox.phone_numbers.e164 import E164_SHAPE, ONLY_LOOKS_LIKE_E164

_is_plain = re.compile(rf"(?!{ONLY_LOOKS_LIKE_E164}){E164_SHAPE}").fullmatch
Check = Literal["valid", "possible"] | None
_MAX_CHARS = 250
_TOO_LARGE = 10**15
"""Numbers have 15 digits at most; to there a float holds each digit."""

REASONS = {
    "missing": "is missing",
    "empty": "is empty",
    "boolean": "is a truth value; is this the field with the number?",
    "nan": "is not a number (NaN), which is how tables mark what is missing",
    "infinite": "is infinite",
    "wrong_type": "must be text or a whole number; is this the field with the number?",
    "fraction": "has decimals, which no phone number has; is this the field with the number?",
    "scientific": "is in scientific notation, which loses digits; export the column as text",
    "extension": "has an extension, which cannot be dialled; remove it, or use the direct number",
    "letters": "has letters; write it in digits",
    "not_a_number": "cannot be read as a phone number; write one number, in E.164 format",
    "too_long": "is too long for a phone number",
    "no_region": "has no country code; set default_region, or write it in E.164 format",
    "unknown_region": "has a region that does not exist; write it in two letters, such as US, GB or FR",
    "unknown_country": "has a country code that does not exist",
    "ambiguous": "can be read as more than one number; write it in E.164 format",
    "not_possible": "has too few or too many digits for its country",
    "local_only": "can only be dialled within its area; add the area code",
    "not_valid": "is no number of its country; digits are missing or wrong",
}
"""What can be wrong with a number: a word to count by, and what to say of the field."""


class NumberError(ValueError):
    """
    What was given is no phone number to call. Neither text nor repr has the value in it.

    :param reason: A key of :data:`REASONS`.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason

    def __str__(self) -> str:
        return REASONS[self.reason]


class NumberReader:
    """
    Reads phone numbers into E.164.

    Text that is plainly in E.164 format stays as it is, unchecked. All else is normalised, and checked if
    ``check`` says so: what was changed may have been misread. A number is never read into a country that
    neither it nor a region names.

    :param default_region: Where numbers without a country code belong, as in ISO 3166-1 alpha-2 (``FR``).
        Without it they are refused.
    :param check: What a number that had to be normalised must be: ``"valid"``, in a range of numbers its
        country has given out; ``"possible"``, of a length that can be dialled from abroad; ``None``, only
        well-formed.
    :raises NumberError: ``default_region`` cannot be a region. (Whether it is one is known when the first
        number needs it.)
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

        :param value: Text, or a number as spreadsheets hold them.
        :param region: Where this number belongs if it has no country code; empty is the default region.
        :raises NumberError: Says what is wrong, without the value.
        """
        if type(value) is str:
            if _is_plain(value):
                return str(value)
        elif issubclass(type(value), str):
            return self.read(str.__str__(value), region)
        number = self._normalised(value, region)
        # What is not plain may be read as another number once more, unless it is one that is in use.
        return number if _is_plain(number) else _rules().from_international(number[1:], "valid")

    def _normalised(self, value: Any, region: Any) -> str:
        if type(value) is not str:
            number = _from_number(value)
            if (home := self._home(region)) is None:
                raise NumberError("ambiguous")  # with its country code or without? Text would have a plus
            return _rules().from_national(number, home, self._check)
        number, trunk = _from_text(value)
        # Whether the zero of +44 (0)20 is dialled depends on the country: only a check tells.
        check = "valid" if trunk else self._check
        if number[0] == "+":
            return _rules().from_international(number[1:], check)
        if (home := self._home(region)) is not None:
            return _rules().from_national(number, home, check)
        if number.startswith("00"):
            return _rules().from_international(number[2:], check)
        raise NumberError("no_region")

    def _home(self, region: Any) -> str | None:
        if region is not None and type(region) is not str:
            region = _region(region)
        if region not in self._homes:
            home = _region(region) or self._default
            if home is not None and not _rules().is_region(home):
                raise NumberError("unknown_region")
            self._homes[region] = home
        return self._homes[region]


class _Rules(Protocol):
    """What the module ``_national`` does."""

    def is_region(self, name: str) -> bool: ...
    def from_international(self, digits: str, check: Check) -> str: ...
    def from_national(self, digits: str, region: str, check: Check) -> str: ...


@cache
def _rules() -> _Rules:
    # Most lists are in E.164 format already, and then nobody waits for phonenumbers to be imported.
    from airflow_provider_revox.phone_numbers import dialling_rules as _national

    return _national


def _region(name: Any) -> str | None:
    if name is None or (type(name) is float and math.isnan(name)):  # how tables mark what is missing
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
    """For ``str.translate``: digits, dashes and spaces of any script as ASCII, invisible marks as nothing."""

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
    """Return what is dialled, digits with or without ``+``, and whether its trunk prefix is in brackets."""
    if len(text) > _MAX_CHARS:
        raise NumberError("too_long")
    if not text.isascii():
        text = text.translate(_TO_ASCII)
    text = text.strip()
    if text[:1] not in _FIRST:
        text = _unwrapped(text)
    if "." in text or "," in text:
        text = _without_decimals(text)
    number = text.replace(" ", "")  # mostly that does, and takes a fifth of the time
    if not number.isdecimal():
        number = number.translate(_SEPARATORS)
    digits = number[1:] if number[:1] == "+" else number
    if not digits.isdecimal() or text[0] not in _FIRST or text[-1] not in _LAST:
        raise NumberError(_why_unreadable(text))
    if "/" in text and _ENDINGS(text):
        raise NumberError("ambiguous")  # 0612345678/79 is two numbers
    return number, "(" in text and "(0)" in text.replace(" ", "")


def _unwrapped(text: str) -> str:
    text = text.removeprefix("'").lstrip()  # Excel's mark for text
    if text[:4].lower() == "tel:":
        text = text[4:].lstrip()
    if not text:
        raise NumberError("empty")
    return text


def _without_decimals(text: str) -> str:
    """Return a number that a spreadsheet wrote as a decimal one; the point would pass for a separator."""
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
    except Exception:  # whatever an object of any class does when it is asked for a number
        whole, reason = 0, "wrong_type"
    if reason:
        raise NumberError(reason)
    if whole >= _TOO_LARGE:
        raise NumberError("too_long")
    if whole <= 0:
        raise NumberError("not_a_number")
    return str(whole)


def _whole(value: Any) -> tuple[int, str]:
    """Return the whole number, or why it is none. Exact types: a subclass may compute whatever it likes."""
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
    # Before int(), which would write out every zero of 1E+999999999; and no abs(), which would round it.
    if not -_TOO_LARGE < value < _TOO_LARGE:
        return 0, "too_long"
    whole = int(value)
    return whole, "" if whole == value else "fraction"
