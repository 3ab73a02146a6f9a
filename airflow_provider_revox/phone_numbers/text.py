"""Read the digits of a phone number out of text, and note what may be a second number or a remark."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import NamedTuple

from airflow_provider_revox.phone_numbers.problems import NumberError

_MAX_CHARS = 250
LONGEST_AREA_CODE = 6
"""Digits, with the trunk prefix or a country code. 6 digits or fewer are not a number of their own."""
_MAX_DIGITS_OF_TWO = 30
"""Digits of the two longest numbers. More take long to tell apart, and are not one number in any case."""
_MIN_DIGITS_OF_TWO = 14
"""Digits of a number in a short area and another one without it: 01 234567 234 568."""
_SHORTEST_WITHOUT_AREA_CODE = 4
"""Digits of the shortest numbers of Luxembourg, which has no area codes."""
_SHORTEST = 7
"""Characters of the first of two numbers, if only a space or a dash separates them."""


class _ToAscii(dict[int, str | None]):
    """Turns digits, dashes and spaces of any script into ASCII, and drops format characters."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if (digit := unicodedata.decimal(character, None)) is not None:
            return str(digit)
        return {"Pd": "-", "Zs": " ", "Cf": ""}.get(unicodedata.category(character), character)


# Unicode calls these default-ignorable, too, but not format characters: fillers and variation selectors. With
# the last one a digit becomes an emoji of a key.
_INVISIBLE = (
    *(0x034F, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFFA0),
    *range(0x180B, 0x1810),
    *range(0x2060, 0x2070),
    *range(0xFE00, 0xFE10),
    *range(0xFFF0, 0xFFF9),
    *range(0xE0000, 0xE1000),
    0x20E3,
)
_TO_ASCII = _ToAscii(dict.fromkeys(_INVISIBLE))
_TO_ASCII.update(zip(map(ord, "\uff0b\uff0e\uff0f\uff08\uff09\u2212\u30fc\u2019"), "+./()--'", strict=True))
_SEPARATORS = str.maketrans("", "", " -./()")
_BESIDES_BRACKETS = str.maketrans("", "", " -./")
_FIRST = frozenset("+(0123456789")
_LAST = frozenset(").0123456789")
_DECIMALS = re.compile(r"([^.,]*)[.,]([0-9]{1,2})").fullmatch
_ENDINGS = re.compile(r"/ *[0-9]{1,2}$").search
_SCIENTIFIC = re.compile(r"[0-9][.,]?[0-9]*E[+-]?[0-9]+$", re.IGNORECASE).search
_EXTENSION = re.compile(r"[0-9][^0-9]*(?:ext|x|#|poste|isub)[^0-9]*[0-9]+$", re.IGNORECASE).search
_MARK = re.compile(r"(?:tel|p):\s*", re.IGNORECASE).match  # of links, and of Meta's lead exports
_BRACKETS = re.compile(r"[^()]*(?:\([^()]+\)[^()]*)*").fullmatch
_PLAIN = re.compile(
    r"(?:[+0][0-9]*|\((?!0\))[0-9]{1,5}\)[ \-]?[1-9][0-9]*)(?:[ .\-][0-9]+)*|[0-9]+"
).fullmatch
_GROUP = re.compile(r"[0-9]+").findall
_FRACTION = r"(?: ?[./\-] ?[0-9]{1,2}){1,2}(?:[.\-]* |/)"
# Behind a group, a fraction or hours: 2. 030 123456, 1/2 030 123456, 24/7 030 123456. A number has one
# separator throughout: 6.12.05.78.90.
_LATE_ZERO = re.compile(rf"\(?[1-9][0-9]{{0,2}}(?:{_FRACTION}|\)|[ .\-/])[ .\-/]*\(?0").match
_DATE = r" (?=(?:0?[1-9]|[12][0-9]|3[01])\.(?:0?[1-9]|1[0-2])\.(?:[0-9]{2}|[0-9]{4})?$)"
_HOURS = r"(?<=[0-9]{5}) (?=[0-9]{1,2}-[0-9]{1,2}$)"
_LONG_END = r"[ .\-](?=[0-9]{6,}$)"
"""What stands before a last group as long as a number without its area code: 01 234567 234568."""
_has_second_at_end = re.compile(rf"{_DATE}|{_LONG_END}").search
_has_hours_at_end = re.compile(_HOURS).search
_PUNCTUATION = r"[.\-] ?[.\-]| \. |\. (?=[0-9]{1,2}$)"
# A dash or two spaces before a short rest belong to one number: 030 123456 - 0.
_BETWEEN_TWO = re.compile(
    rf"/|{_PUNCTUATION}|{_DATE}|{_HOURS}|{_LONG_END}|(?: -|- |  )(?=(?:[ .\-/()]*[0-9]){{5}})"
).finditer
_BEFORE_SECOND_HALF = re.compile(r"[ .\-]+(?=[0-9](?:[ .\-]*[0-9]){5,}$)").finditer
_BEFORE_ZERO = re.compile(r"[ \-]\(?(?=0(?:[ .\-/()]*[0-9]){6})")


class Doubts(NamedTuple):
    """
    What may be more than the parts of one number. Everything is digits, perhaps after ``+``.

    :param before_brackets: What stands before a bracket. Only a country code or trunk prefix belongs there.
    :param heads: What stands before something that separates numbers. It must be no number of its own.
    :param pairs: What stands before and behind something else. They must not both be numbers of their own.
    :param halves: The same, in text as long as two numbers. They must not be two numbers of one area.
    :param may_begin_with_remark: Whether the second group begins with a zero, and the first does not, as in
        (2) 030 123456.
    """

    before_brackets: Sequence[str] = ()
    heads: Sequence[str] = ()
    pairs: Sequence[tuple[str, str]] = ()
    halves: Sequence[tuple[str, str]] = ()
    may_begin_with_remark: bool = False


NO_DOUBTS = Doubts()


Written = tuple[str, bool, Doubts]
"""
A number as it is written: its digits, with ``+`` if the text has it; whether the text has the zero that is
dialled only within a country, ``(0)``; what to look at before the digits are taken for one number.
"""


def clean(text: str) -> str:
    """Return text with digits, dashes and spaces of ASCII, and without format characters."""
    return text.translate(_TO_ASCII).strip()


def digits_behind_groups(text: str, digits: str) -> list[int]:
    """
    Return how many digits stand behind each group of digits.

    :param text: A number as it is written.
    :param digits: Its digits. What else the text has, as the decimals of 612345678.0, is behind them.
    """
    ends = accumulate(map(len, _GROUP(clean(text))))
    total = sum(map(str.isdigit, digits))
    return [total - end for end in ends if end < total]


def read_text(text: str) -> Written:
    """
    Return the digits in a text.

    :raises NumberError: The text is something else than a phone number.
    """
    if len(text) > _MAX_CHARS:
        raise NumberError("too_long")
    text = text.strip() if text.isascii() else clean(text)
    if text[:1] not in _FIRST:
        text = _without_mark(text)
    if "." in text or "," in text:
        text = _without_decimals(text)
    digits = text.replace(" ", "")  # enough for most numbers, in a fifth of the time
    if not digits.isdecimal():
        digits = digits.translate(_SEPARATORS)
    bare = digits[1:] if digits[:1] == "+" else digits
    if not bare.isdecimal() or text[0] not in _FIRST or text[-1] not in _LAST:
        raise NumberError(_why_unreadable(text))
    if len(bare) > _MAX_DIGITS_OF_TWO:
        raise NumberError("not_possible")
    if digits[:2] == "00" and not text.startswith(("00", "(00")):
        raise NumberError("ambiguous")  # 0 0151 23456789 gets an outside line, and does not call abroad
    if len(bare) < _MIN_DIGITS_OF_TWO and _PLAIN(text) and not _may_be_two(text):
        return digits, False, NO_DOUBTS
    return _with_doubts(text, digits)


def _may_be_two(text: str) -> bool:
    """Tell whether plain groups of digits, one separator between each, are enough for two numbers."""
    second = _has_second_at_end(text, _SHORTEST)
    if second and _is_long_enough(_digits(text[: second.start()])):
        return True
    if "-" in text[-3:] and _has_hours_at_end(text) is not None:
        return True
    return len(text) > 2 * _SHORTEST and _BEFORE_ZERO.search(text, _SHORTEST) is not None


def _is_long_enough(head: str) -> bool:
    """Tell whether digits before the last group may be a number, as 2721 in Luxembourg: 2721 123456."""
    # In 0664 1234567 and +44 7400 123456 they are too short.
    if head[0] in "+0":
        return len(head.lstrip("+")) > LONGEST_AREA_CODE
    return len(head) >= _SHORTEST_WITHOUT_AREA_CODE


def _with_doubts(text: str, digits: str) -> Written:
    if text.count("/") == 1 and _ENDINGS(text):
        raise NumberError("ambiguous")  # 0612345678/79 is two numbers
    heads = [text[: found.start()] for found in _BETWEEN_TWO(text)]
    before: list[str] = []
    has_zero = False
    if "(" in text or ")" in text:
        compact = text.translate(_BESIDES_BRACKETS)
        # Behind the number a bracket is a remark, as in 030 123456 (2), unless it holds the whole number.
        if _BRACKETS(compact) is None or (compact[-1] == ")" and compact.rfind("(") > 0):
            raise NumberError("not_a_number")
        has_zero = "(0)" in compact
        before = [compact[: found.start()] for found in re.finditer(r"(?<!^)\(", compact)]
        heads += [compact[: found.start()] for found in re.finditer(r"\)(?!$)", compact)]
    pairs = _split(text, _BEFORE_ZERO.finditer(text, _SHORTEST))
    halves = _split(text, _BEFORE_SECOND_HALF(text, _SHORTEST)) if len(digits) >= _MIN_DIGITS_OF_TWO else []
    doubts = Doubts(
        [_digits(one) for one in before],
        [_digits(one) for one in heads],
        pairs,
        halves,
        _LATE_ZERO(text) is not None,
    )
    return digits, has_zero, doubts if any(doubts) else NO_DOUBTS


def _split(text: str, places: Iterable[re.Match[str]]) -> list[tuple[str, str]]:
    return [(_digits(text[: found.start()]), _digits(text[found.end() :])) for found in places]


def _digits(text: str) -> str:
    return text.translate(_SEPARATORS)


def _without_mark(text: str) -> str:
    """Return the text without the mark that Excel, a link or an export puts before a number."""
    text = text.removeprefix("'").lstrip()  # Excel's mark for text
    if mark := _MARK(text):
        text = text[mark.end() :]
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
