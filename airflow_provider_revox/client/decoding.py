"""Undo the ways in which a server may write a text, so that the text can be compared with what was sent."""

from __future__ import annotations

import base64
import html
import re
import unicodedata
from collections.abc import Iterator
from contextlib import suppress

_ROUNDS = 6
"""How often a text may be escaped."""
_ESCAPED = re.compile(
    r"\\u\{([0-9a-fA-F]{1,6})\}"  # JavaScript, Rust
    r"|(?:\\u|%u)([0-9a-fA-F]{4})"  # JSON; an old form of URLs
    r"|\\U([0-9a-fA-F]{8})|\\x([0-9a-fA-F]{2})"  # Python
    r"|\\([0-3][0-7]{2})"  # octal
    r"|\\(.)",
    re.DOTALL,
)
_PERCENT = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_QUOTED_PRINTABLE = re.compile(r"(?:=[0-9A-F]{2})+")
_SPACES = dict.fromkeys("nrtvf", " ")
# Categories: controls, format characters such as zero-width spaces, halves of surrogate pairs, private use.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u0640\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u202a-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff\ue000-\uf8ff"
    "\U000e0000-\U000e0fff\U000f0000-\U0010ffff]"
)
_MARKS = re.compile(
    "[\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u064b-\u065f\u0670\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
)
# Bytes of UTF-8 as Latin-1 or Windows-1252 shows them.
_NEXT = "[\x80-\xbf" + bytes(range(0x80, 0xA0)).decode("cp1252", "ignore") + "]"
_UTF8 = re.compile(f"[\xc2-\xdf]{_NEXT}|[\xe0-\xef]{_NEXT}{{2}}|[\xf0-\xf4]{_NEXT}{{3}}")
_WITHOUT_STROKES = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "æ": "ae", "œ": "oe", "þ": "th"}
)
_RUN = re.compile(r"[A-Za-z0-9+/_-]{8,}={0,2}|[A-Za-z0-9+/_-]{2,}={1,2}")


def plain(text: str) -> str | None:
    """
    Return the text without escapes and without characters that nobody sees, as one line.

    :return: ``None`` if it is escaped too often to be read.
    """
    for _ in range(_ROUNDS):
        before = text
        text = " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFKC", text)).split())
        text = _unescaped(text)
        if text == before:
            return text
    return None


def as_utf8(text: str) -> str:
    """
    Return the text as it was before its UTF-8 was read as Latin-1.

    :param text: As it came. :func:`plain` changes some of the signs that UTF-8 becomes.
    """
    for _ in range(_ROUNDS):
        before = text
        text = _UTF8.sub(_repair, _unescaped(text))
        if text == before:
            break
    return text


def _repair(found: re.Match[str]) -> str:
    try:
        return b"".join(
            letter.encode("latin-1" if letter <= "\xff" else "cp1252") for letter in found[0]
        ).decode()
    except UnicodeError:
        return found[0]


def _unescaped(text: str) -> str:
    if "&" in text:
        text = html.unescape(text)
    if "\\" in text or "%u" in text:
        text = _ESCAPED.sub(_unescape, text)
    if "%" in text:
        text = _PERCENT.sub(_unquote, text)
    return text


def _unescape(found: re.Match[str]) -> str:
    *codes, octal, letter = found.groups()
    if letter is not None:
        return _SPACES.get(letter, letter)
    code = int(octal, 8) if octal else int(next(filter(None, codes)), 16)
    return chr(code) if code <= 0x10FFFF else ""


def _unquote(found: re.Match[str]) -> str:
    codes = bytes.fromhex(found[0].replace("%", "").replace("=", ""))
    try:
        text = codes.decode()
    except UnicodeDecodeError:
        text = codes.decode("latin-1")
    # In "10%0612345678", a number follows the sign and no code.
    return text if text and not _CONTROL.search(text) else found[0]


def folded(text: str) -> str:
    """Return the text without case and accents."""
    if text.isascii():
        return text.casefold()
    # In capitals first: only there an "i" without its dot is the same letter.
    text = _INVISIBLE.sub("", text).upper().casefold().translate(_WITHOUT_STROKES)
    return _MARKS.sub("", unicodedata.normalize("NFKD", text))


def other_readings(text: str) -> Iterator[str]:
    """Yield what else a text may say: in a mail, with base64 or hex in it."""
    yield _QUOTED_PRINTABLE.sub(_unquote, text)
    for run in _RUN.findall(text):
        yield from _decoded(run)


def _decoded(run: str) -> Iterator[str]:
    digits = run.rstrip("=").replace("-", "+").replace("_", "/")
    for start in range(min(4, len(digits))):
        part = digits[start:]
        part = part[: len(part) - (len(part) % 4 == 1)]
        with suppress(ValueError):
            yield base64.b64decode(part + "=" * (-len(part) % 4)).decode("utf-8", "ignore")
    with suppress(ValueError):
        yield bytes.fromhex(run).decode("utf-8", "ignore")
