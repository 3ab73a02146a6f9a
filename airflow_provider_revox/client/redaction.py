"""Remove people's data and the API key from what a server says. When in doubt, show nothing of it."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from airflow_provider_revox.client.decoding import as_utf8, folded, other_readings, plain

MAX_READ = 20_000
MAX_COMPARED = 2_000
MAX_SHOWN = 300
HIDDEN = "…"

_NUMBER = re.compile(r"(?<![^\W_])\+?\d(?:[\W_]{0,4}\d){5,}(?![^\W_])")
_SPREAD_NUMBER = re.compile(r"\d(?:(?:\D{0,3}|[^A-WYZa-wyz]{0,12})\d){5}")
_MASKED_NUMBER = re.compile(
    r"[*#xX\u00d7\u2022\u25cf.]{2,}[\W_]{0,3}\d|\d[\W_]{0,3}[*#xX\u00d7\u2022\u25cf.]{2,}(?!\w)"
)
_GROUPS_OF_DIGITS = re.compile(r"\d+(?:[\W_]{1,4}\d+)*")
_FEWEST_DIGITS = 3
"""3 digits or more with gaps between them may be one value."""
_TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)?")
_EMAIL = re.compile(r"[^\s@]{0,64}@\S+")
# A word with digits and letters may be something else in base64 or hex, if it is long or has six digits.
_OPAQUE = re.compile(
    r"(?<![A-Za-z0-9+/_=-])(?:(?=[A-Za-z+/_=-]*\d)(?=[\d+/_=-]*[A-Za-z])[A-Za-z0-9+/_=-]{20,}"
    r"|[A-Za-z+/_=-]*(?:\d[A-Za-z+/_=-]*){6,})"
)
_HEX_IN_PAIRS = re.compile(
    r"(?<![A-Za-z0-9])(?=[0-9\W_]*[A-Fa-f])(?:[0-9A-Fa-f]{2}[\W_]{1,2}){3,}[0-9A-Fa-f]{2}(?![A-Za-z0-9])"
)
"""Bytes as ``5a:6f:c3:ab`` or ``=5A=6F=C3=AB``. Without a letter they are redacted as a number."""
# "Max" is a name, too. So only the whole fields say nothing.
_FIELD = re.compile(r"(?<!\w)(?:max_concurrent_calls|max_retry_attempts)(?!\w)")
_WORD = re.compile(r"[^\W_]+")
_SPELLED_OUT = re.compile(r"(?<![^\W_])[^\W_](?:[\W_]+[^\W_](?![^\W_]))+")
"""A word with gaps between its letters."""
_MANY_DIGITS = 6
"""6 digits or more in a whole text may be a number with words between its digits."""
_PART_OF_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+")
"""A word in ``contactAna`` or ``user2Ana``."""
_BEGINNING = 3
"""A sent word of 3 letters or more is found at the beginning and the end of other words, too."""
_REPLACED = re.compile(r"\ufffd|\?[\w?]")
"""A letter that a server could not write."""
_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")
_BETWEEN_WORDS = re.compile(r"[^\w\n]|_")
_MESSAGE_KEYS = ("message", "error", "errors", "detail", "issues", "msg", "title", "description")
_LONG_WORD = 5
"""A sent word of 5 letters or more is found inside of other words, too."""
_PART = 4
"""4 letters or more of a sent word or of a key are too many to show."""
_PART_OF_KEY = 6


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_SAYS_NOTHING = _words(
    "a able abort aborted accept accepted according action active add after again against allow allowed "
    "allows already also an and any api are array assistant at attempt attempts available bad based be "
    "because been before below between body boolean both busy but by call called calling calls campaign "
    "campaigns can cancel cancelled cannot characters choose completed concurrent config configuration "
    "conflict contact contacts contain contains correct could create created credits current currently "
    "daily data date day days delay delete deleted denied detail details did do does draft duplicate "
    "during each either email empty end ended ending enough enum error errors every exceeded exist "
    "exists expected expired fail failed fails false field fields file finished first following for "
    "forbidden format found from future gateway greater had has have hour hours https iana id in input "
    "insufficient integer internal invalid is iso issue issues it items its json key keys known "
    "language last late later launch launched least length less limit limits list longer made "
    "maintenance match matches maximum member members message minimum minutes missing moment month more "
    "most must name next no none not null number numbers object occurred of off on once one only or "
    "order organization other out over overlap parameter past path pattern pause paused pending per "
    "permission phone please possible previously process prompt prompts properties property provided "
    "queued quota range rate reach reached read received recognized refused regular remove removed "
    "repeat request requests required resource result results resume retry row rows running sandbox "
    "schedule scheduled second seconds see selected selection server service set should since size some "
    "soon start started starts state statistics status stop stopped string support supported tag taken "
    "than that the them then there these they this those time timeout times timestamp timezone to today "
    "token too total true try two type types unable unauthorized unavailable under unexpected unique "
    "unknown unprocessable unrecognized unsupported up update updated upgrade url use used user using "
    "utc valid validation value values variable variables verified verify version voice wait warning "
    "was weekday weekdays were when which while window windows with within without wrong yet you your "
    "zone"
)
"""Words of error messages. They stay, even if a text about a person has them, too."""


def server_message(body: bytes, sensitive: Iterable[str], secrets: Collection[str] = ()) -> str:
    """
    Return the explanation in the body of an error.

    Revox does not document these bodies. So the usual members are tried, and plain text is used as it is.

    :param body: The body of an answer that is not a success.
    :param sensitive: Texts of requests that must not be repeated.
    :param secrets: Keys and passwords.
    :return: At most 300 characters without personal data. Empty if there is no explanation, or if it may say
        something about a person in a way that is not recognised for sure.
    """
    explanation = _explanation(body)
    whole = plain(explanation)
    if not whole:
        return ""
    compared = "".join(letter for letter in whole[:MAX_COMPARED] if letter.isprintable())
    sent = {clean for value in set(sensitive) if (clean := _clean(value))}
    if _HEX_IN_PAIRS.search(compared):
        return ""
    shown = redact(_without_secrets(compared, secrets), sent)
    if len(whole) > MAX_COMPARED and len(shown) <= MAX_SHOWN:
        # The cut may have gone through a number or a name.
        shown = shown.rpartition(" ")[0] + HIDDEN
    readings = [shown]
    if (repaired := as_utf8(explanation)) != explanation:
        readings.append((plain(repaired) or whole)[:MAX_COMPARED])
    if any(_is_in_doubt(reading, sent, secrets) for reading in readings):
        return ""
    return shown if len(shown) <= MAX_SHOWN else f"{shown[:MAX_SHOWN]}{HIDDEN}"


def redact(text: str, sensitive: Iterable[str]) -> str:
    """Remove ``sensitive`` texts as whole words, and all times, long numbers, e-mail addresses and codes."""
    in_text = text.casefold()
    found = {value for value in sensitive if value and value.casefold() in in_text}
    # The longest first, since one may be the beginning of another.
    for value in sorted(found, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", HIDDEN, text, flags=re.IGNORECASE)
    for pattern in (_TIMESTAMP, _EMAIL, _NUMBER, _OPAQUE):
        text = pattern.sub(HIDDEN, text)
    return text


def _without_secrets(text: str, secrets: Collection[str]) -> str:
    for secret in secrets:
        text = re.sub(re.escape(secret), HIDDEN, text, flags=re.IGNORECASE)
    return text


def _clean(value: str) -> str:
    if value.isascii() and not any(sign in value for sign in "&%\\="):
        return " ".join(value.split())
    return plain(value) or value


def _is_in_doubt(text: str, sent: Collection[str], secrets: Collection[str]) -> bool:
    """Return whether something of what was sent may be left in a text, in any form."""
    text = _FIELD.sub(HIDDEN, text)
    readings = [text, *other_readings(text)]
    if any(_SPREAD_NUMBER.search(reading) for reading in readings):
        return True
    words = {word for reading in readings for word in _WORD.findall(folded(reading))}
    words |= {"".join(_WORD.findall(found)) for reading in readings for found in _spelled_out(reading)}
    words = {word for word in words if len(word) > 1} - _SAYS_NOTHING
    squeezed = "\n".join("".join(_WORD.findall(folded(reading))) for reading in readings)
    parts = {word for word in words if len(word) >= _PART}
    if any(_has_part(squeezed, parts, secret) for secret in secrets):
        return True
    if not sent:
        return False
    if _MASKED_NUMBER.search(text) or any(letter.isalpha() and letter > "\x7f" for letter in text):
        return True  # the API writes in English
    # All values at once, since there may be a million of them.
    values, left = "\n".join(sent), ""
    together = folded(values)
    sent_words = _sent_words(together)
    if not values.isascii():
        if _REPLACED.search(text):
            return True
        # A server may leave out the letters that it can't write, or put a sign in their place.
        left = values.encode("ascii", "ignore").decode().casefold()
        together += f"\n{left}"
        left += "\n" + _NOT_ASCII.sub(" ", values).casefold()
    all_words = sent_words | _sent_words(left)
    gapless = _BETWEEN_WORDS.sub("", together)
    without_gaps = set(gapless.split("\n")) - _SAYS_NOTHING
    in_order = _WORD.findall(folded(text))
    written = {folded(part) for word in _WORD.findall(text) for part in _PART_OF_NAME.findall(word)}
    written = written.union(in_order) - _SAYS_NOTHING
    return (
        not words.isdisjoint(sent_words)
        or not written.isdisjoint(all_words)
        or any(end in all_words for word in written for end in _ends(word))
        or any("".join(pair) in all_words for pair in itertools.pairwise(in_order))
        or any(_is_sent_number(found, gapless, without_gaps) for found in _GROUPS_OF_DIGITS.findall(text))
        or _is_sent_number(text, gapless, without_gaps, _MANY_DIGITS)
        or any(part in together or part in gapless for part in parts)
        or any(part in together for word in words if not word.isascii() for part in _syllables(word))
        or any(word in squeezed for word in itertools.chain(all_words, without_gaps) if _is_long(word))
    )


def _spelled_out(text: str) -> list[str]:
    return _SPELLED_OUT.findall(folded(text))


def _has_part(squeezed: str, parts: Collection[str], secret: str) -> bool:
    key = "".join(_WORD.findall(folded(secret)))
    if any(part in key for part in parts):
        return True
    length = min(_PART_OF_KEY, len(key))
    return any(key[at : at + length] in squeezed for at in range(len(key) - length + 1))


def _ends(word: str) -> Iterator[str]:
    """Yield what a word begins and ends with."""
    for at in range(_BEGINNING, len(word)):
        yield word[:at]
        yield word[-at:]


def _is_sent_number(found: str, gapless: str, without_gaps: Collection[str], part: int = _PART) -> bool:
    """Return whether the digits of a text are together a number that was sent, or a part of one."""
    digits = "".join(filter(str.isdigit, found)).lstrip("0")
    return (len(digits) >= part and digits in gapless) or (
        len(digits) >= _FEWEST_DIGITS and digits in without_gaps
    )


def _sent_words(folded_values: str) -> set[str]:
    return {
        word
        for word in _WORD.findall(folded_values)
        if len(word) > 2 or (len(word) == 2 and not word.isdecimal())
    } - _SAYS_NOTHING


def _is_long(word: str) -> bool:
    return len(word) >= _LONG_WORD or (len(word) > 1 and not word.isascii())


def _syllables(word: str) -> Iterator[str]:
    """Yield the parts that are a name in Chinese and the like, and some letters in other scripts."""
    length = 2 if min(word) >= "\u2e80" else _PART
    return (word[at : at + length] for at in range(len(word) - length + 1))


def _explanation(body: bytes) -> str:
    try:
        text = body[:MAX_READ].decode("utf-8-sig", "strict").strip()
    except UnicodeDecodeError as error:
        if error.start < MAX_READ - 3:
            return ""  # what can't be read can't be compared with what was sent
        text = body[: error.start].decode().strip()
    try:
        return "; ".join(dict.fromkeys(_messages(json.loads(text))))
    except (ValueError, RecursionError):
        return "" if text.startswith(("<", "{", "[")) else text


def _messages(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for item in content:
            yield from _messages(item)
    elif isinstance(content, dict):
        for key in _MESSAGE_KEYS:
            if key in content:
                yield from _messages(content[key])
