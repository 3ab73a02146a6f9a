"""Decide whether a text is an id. What a server calls an id gets into log lines, XComs and URLs."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from urllib.parse import quote

from airflow_provider_revox.client.decoding import folded
from airflow_provider_revox.client.errors import InvalidRequestError

_FEWEST_DIGITS = 6
_WITHOUT_COUNTRY = 9
"""The last 9 digits of a number identify its person."""
_FEWEST_AT_THE_END = 7
"""7 digits or more that stand alone in an id, and at the end of a sent number, are taken for that number."""
_SHORT_NUMBER = 9
"""Of a number with at most 9 digits, the last 6 are enough."""
_FEWEST_LETTERS = 3
_is_id = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}").fullmatch
_is_uuid = re.compile(r"[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}").fullmatch
_is_hex = re.compile(r"(?=.*[A-Fa-f])[0-9A-Fa-f-]{16,}").fullmatch
_looks_like_phone_number = re.compile(
    r"[\s(]*(?:(?:tel|phone|mobile|number|sms|p|n)[\s:._-]*)?(?:\+[\d\s().:_/-]+|\(?\d(?:[\s().:_/-]*\d){6,}\s*)",
    re.IGNORECASE,
).fullmatch


def id_problem(text: str) -> str:
    """
    Return why a text is not an id, without the text; empty: it is an id.

    Revox does not document its ids. So any word of ASCII letters, digits and ``_.:-`` is one, if it has at
    most 128 characters and does not look like a phone number.
    """
    if not text:
        return "must not be empty"
    if _looks_like_phone_number(text[:200]) and not _is_uuid(text):
        return "looks like a phone number, so it is not taken for an id"
    if not _is_id(text):
        return "is not an id: it must be a word of at most 128 letters, digits and _.:-"
    return ""


def has_number_of(text: str, sent: Callable[[], Iterable[str]]) -> bool:
    """
    Return whether an id has one of the phone numbers that were sent, with or without its country code.

    :param sent: Returns what was sent. Numbers are in E.164 format, and the rest does not count.
    """
    digits, in_one_piece = re.sub(r"\D", "", text), re.sub(r"[_.:-]", "", text)
    if len(digits) < _FEWEST_DIGITS:
        return False
    # In random hex digits, so few digits stand together by chance.
    runs = set() if _is_hex(text) else set(re.findall(r"\d+", f"{text} {in_one_piece}"))
    alone = {run.lstrip("0") for run in runs}
    ends = tuple(run for run in alone if len(run) >= _FEWEST_AT_THE_END)
    short_ends = tuple(run for run in alone if len(run) >= _FEWEST_AT_THE_END - 1)
    numbers = (value[1:] for value in sent() if value.startswith("+") and len(value) > _FEWEST_DIGITS)
    return any(
        number in digits
        or number[-_WITHOUT_COUNTRY:] in in_one_piece
        or number.endswith(ends if len(number) > _SHORT_NUMBER else short_ends)
        for number in numbers
    )


def has_name_of(text: str, sent: Callable[[], Iterable[str]]) -> bool:
    """
    Return whether an id is a word of what was sent, or two of them.

    Only an id of nothing but letters can be one.

    :param sent: Returns what was sent.
    """
    name = re.sub(r"[_.:-]", "", text).casefold()
    if len(name) < _FEWEST_LETTERS or not name.isalpha():
        return False
    return any(
        name in words or name in map("".join, itertools.pairwise(words))
        for value in sent()
        if (words := re.findall(r"[^\W\d_]+", folded(value)))
    )


def is_row_id(text: str) -> bool:
    """
    Return whether a text may be the id of a row.

    Such an id gets only into files that have the numbers of people, too. So it may look like a number.
    """
    return 0 < len(text) <= 128 and text.isprintable()


def campaign_path(campaign_id: str) -> str:
    """
    Return the path of a campaign.

    :raises InvalidRequestError: The text is not an id. Errors show paths, so a number must not get into one.
    """
    return _path("campaigns", "campaign", campaign_id)


def call_path(call_id: str) -> str:
    """
    Return the path of a call.

    :raises InvalidRequestError: The text is not an id.
    """
    return _path("call", "call", call_id)


def assistant_path(assistant_id: str) -> str:
    """
    Return the path of an assistant.

    :raises InvalidRequestError: The text is not an id.
    """
    return _path("assistants", "assistant", assistant_id)


def _path(folder: str, noun: str, id_: str) -> str:
    if problem := id_problem(id_):
        article = "an" if noun.startswith("a") else "a"
        raise InvalidRequestError([f"{noun}_id: {problem}; give the id of {article} {noun}"])
    return f"/{folder}/{quote(id_, safe='')}"
