"""
Decide whether an answer holds the whole list, or only a page of it.

Revox's lists have no pages today. If that changes, nobody tells this client, and it can't know how the new
fields are spelled. If it takes a page for the whole list, people are called twice. So every usual spelling
counts, at every level of the answer, but not inside the items of the list.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from airflow_provider_revox.client.page_words import (
    AFTER,
    AT_THE_END,
    BEHIND_LAST,
    COUNT,
    COUNTED,
    CURSOR,
    CUT,
    ESTIMATE,
    EXPLANATION,
    HEADER,
    IS_TOTAL,
    MORE,
    NO_PAGE,
    NUMBER,
    OF_ITEM,
    OFFSET,
    OTHER_ITEMS,
    OTHER_TOPICS,
    PAGER,
    REMAINDER,
    SAME_AS,
    SIZE,
    TOTAL,
    VENDOR_HEADERS,
    VOCABULARY,
    Words,
)
from airflow_provider_revox.client.spelling import leads_somewhere, plain

_is_plain = re.compile(r"[A-Za-z_@$.-]{1,60}").fullmatch
_links_to_next = re.compile(r"""rel\s*=\s*["']?[^"',;]*\bnext\b""", re.IGNORECASE).search
_part_of_all = re.compile(
    r"[^\d]{0,40}(\d{1,9})\s*(?:-|\u2013|to|through)\s*\d{1,9}\s*(?:/|of|out of)\s*(\d{1,9}|\*)[^\d]{0,40}",
    re.IGNORECASE,
).fullmatch
_one_of_all = re.compile(r"\D{0,40}(\d{1,9})\s*(?:/|of|out of)\s*(\d{1,9})\D{0,40}", re.IGNORECASE).fullmatch
_tells_a_part = re.compile(r"\s*(?:first|showing|listing|only)\b", re.IGNORECASE).match
_grouped_digits = re.compile(r"\d{1,3}(?:[,. '_\u00a0\u202f]\d{3})+").fullmatch
NEXT = frozenset(("next",))
_range = re.compile(r"(?!bytes)[a-z]*\s*(?:(\d+)-\d+|\*)/(\d+|\*)", re.IGNORECASE).match


class _Verdict(Enum):
    """What a field says about the list."""

    FAILED = "this is not a good answer"
    MORE = "there is more, or the counts contradict each other"
    CURSOR = "there may be more behind this place"
    PAGE = "this is a page, and there may be more"
    SHORT = "the page has room left, so no page follows"
    WHOLE = "this is all"


def sign_of_more(members: Mapping[str, Any], headers: Mapping[str, str], *, listed: int, item: str) -> str:
    """
    Return what shows that an answer is not the whole list; empty: nothing does.

    A field that says that there is more is always a sign. So is a count that is not the number listed. A
    field that only belongs to pages, such as ``page: 1`` or a cursor, is a sign unless another field says
    that this is all.

    :param members: The members of the answer, without the list.
    :param headers: The headers of the answer, with names in lower case.
    :param listed: How many items the list has.
    :param item: The name of the list. A member with this name is skipped at every level.
    """
    found: dict[_Verdict, str] = {}
    of_item = OF_ITEM.get(item, frozenset())
    for name, words, value in (*_fields(members, item, of_item), *_header_fields(headers)):
        if verdict := _verdict(words, value, listed, of_item):
            found.setdefault(verdict, f'"{name}"' if _is_plain(name) else "a field of it")
    if sign := found.get(_Verdict.FAILED):
        return f"it says that something failed (see {sign})"
    if sign := found.get(_Verdict.MORE):
        return f"it has more pages, or counts more or fewer than the {listed:,} listed (see {sign})"
    if _Verdict.WHOLE in found:
        return ""
    unclear = found.get(_Verdict.CURSOR) or ("" if _Verdict.SHORT in found else found.get(_Verdict.PAGE))
    return (
        f"it may have more pages than the one with the {listed:,} listed (see {unclear})" if unclear else ""
    )


def _fields(
    members: Mapping[str, Any], item: str = "", of_item: Words = frozenset()
) -> Iterator[tuple[str, Words, Any]]:
    """Yield the path, the words and the value of each field outside of lists."""
    left: list[tuple[str, Words, Mapping[str, Any]]] = [("", frozenset(), members)]
    while left:
        path, outer, members = left.pop()
        for key, value in members.items():
            name, words = f"{path}{key}", _words(key)
            if words & OTHER_TOPICS or (key == item and isinstance(value, (dict, list))):
                continue
            if isinstance(value, dict) and words & (OTHER_ITEMS - of_item):
                continue
            if outer <= TOTAL:
                words |= outer  # as in {"total": {"value": 2}}
            elif outer & PAGER and words <= {"current", "last", "max", "number", "size"}:
                words |= {"page"}
            if _has_link_to_next(words, value):
                yield name, NEXT, True
            if outer & COUNT and words == {"relation"}:
                words |= outer  # as in {"total": {"value": 10000, "relation": "gte"}}
            yield name, words, plain(value)
            if words <= {"error", "errors"}:
                continue
            inner = value if isinstance(value, list) and words & PAGER else [value]
            left += [(f"{name}.", words, one) for one in inner if isinstance(one, dict)]


def _words(name: str) -> Words:
    name = name.rpartition(":")[2]  # without a namespace, as in hydra:totalItems
    return frozenset(SAME_AS.get(word, word) for word in VOCABULARY.words(name))


def _has_link_to_next(words: Words, value: Any) -> bool:
    if isinstance(value, str):
        return not words.isdisjoint(("link", "links")) and _links_to_next(value) is not None
    return isinstance(value, list) and any(isinstance(link, dict) and _leads_to_next(link) for link in value)


def _leads_to_next(link: Mapping[str, Any]) -> bool:
    if "next" in _lower([link.get("rel"), link.get("relation")]):
        return True
    is_next = any(re.search(r"\bnext\b", label) for label in _lower([link.get("label"), link.get("title")]))
    return is_next and leads_somewhere(link.get("url") or link.get("href"))


def _lower(values: Any) -> list[str]:
    """Return the texts in a list, which may hold lists, in lower case."""
    inner = itertools.chain.from_iterable(one if isinstance(one, list) else [one] for one in values)
    return [one.lower() for one in inner if isinstance(one, str)]


def _header_fields(headers: Mapping[str, str]) -> Iterator[tuple[str, Words, Any]]:
    for name, value in headers.items():
        words = _words(name)
        if _has_link_to_next(words, value):
            yield name, NEXT, True
        elif name.endswith("content-range") and (found := _range(value.strip())):
            yield name, frozenset(("offset",)), int(found[1] or 0)
            yield name, frozenset(("total",)), plain(found[2])
        elif words & PAGER and value.lstrip().startswith("{"):
            yield from _fields(_read_object(value))
        elif words & PAGER and "=" in value:
            yield from _fields(dict(re.findall(r"([A-Za-z_-]+)\s*=\s*\"?(\w+)", value)))
        elif words & OTHER_TOPICS:
            continue
        elif words <= HEADER or any(known <= words for known in VENDOR_HEADERS):
            words = (words & HEADER) - {"x", "pagination", "paging"}
            yield name, words, plain(value)


def _read_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"page": 1}


def _verdict(words: Words, value: Any, listed: int, of_item: Words) -> _Verdict | None:
    """Return what a field says about the list, if it says anything."""
    if words in ({"error"}, {"errors"}) and _tells_an_error(value):
        return _Verdict.FAILED
    if "next" in words:
        return None if words & NO_PAGE else _more_if(leads_somewhere(value))
    if words & CURSOR or words >= {"page", "token"} or "after" in words <= AFTER or words in BEHIND_LAST:
        return _Verdict.CURSOR if leads_somewhere(value) else None
    if isinstance(value, (dict, list)):
        return None
    is_cut = words & CUT or (words & {"reached", "exceeded", "hit"} and words & {"limit", "max"})
    if is_cut or (words & MORE and not words & EXPLANATION):
        return _more_if(leads_somewhere(value))
    if words & {"prev", "previous"}:
        return _Verdict.MORE if leads_somewhere(value) else None
    if isinstance(value, str):
        return _verdict_on_text(words, value, listed, of_item)
    if type(value) is bool:
        return _verdict_on_flag(words, value)
    if type(value) is not int:
        return None
    is_remainder = words & REMAINDER and words <= REMAINDER | COUNTED | of_item | PAGER | MORE
    if is_remainder or ("not" in words and words & {"included", "listed", "returned", "shown"}):
        return _more_if(value != 0)
    return _verdict_on_count(words, value, listed, of_item) or _verdict_on_place(words, value, listed)


def _tells_an_error(value: Any) -> bool:
    """Return whether the value of ``error`` tells one: not if it is empty, 0 or false."""
    if isinstance(value, dict):
        return any(inner is None or leads_somewhere(inner) for inner in value.values())
    return leads_somewhere(value)


def _verdict_on_text(words: Words, text: str, listed: int, of_item: Words) -> _Verdict | None:
    """Return what a text says: ``1,250``, ``1-100/250``, ``showing 1-2 of 250``, ``10,000+``, ``gte``."""
    if found := _part_of_all(text):
        return _more_if(int(found[1]) > 1 or found[2] != str(listed))
    if (found := _one_of_all(text)) and words & PAGER:
        return _more_if(found[2] != "1")
    if found and (_tells_a_part(text) or words & {"range", "showing", "shown"}):
        return _more_if(found[2] != str(listed))
    if not _is_count(words - {"relation"}, of_item):
        return None
    if "relation" in words:
        return _Verdict.MORE if text.strip().lower() not in ("eq", "equal", "equals", "exact") else None
    if found := _grouped_digits(text.strip()):
        return _verdict_on_count(words, int(re.sub(r"\D", "", found[0])), listed, of_item)
    is_measure = re.fullmatch(r"\d*\.\d+", text.strip())
    return _Verdict.MORE if re.search(r"\d", text) and not is_measure else None


def _verdict_on_flag(words: Words, flag: bool) -> _Verdict | None:
    """Return what a true or false says."""
    if words & AT_THE_END:
        return _more_if(not flag)
    if words in ({"ok"}, {"success"}):
        return None if flag else _Verdict.FAILED
    if words & {"paged", "paginated"}:
        return _Verdict.PAGE if flag else None
    return _Verdict.MORE if "first" in words <= {"is", "first", "page"} and not flag else None


def _verdict_on_count(words: Words, count: int, listed: int, of_item: Words) -> _Verdict | None:
    """Return what the number of pages says, or the number of items."""
    if words == {"pages"} or ("pages" in words and words & {"total", "num", "number", "nb", "count"}):
        return _more_if(count > 1)
    is_of_pages = words & {"total", "count", "last", "max", "maximum"} and words.isdisjoint(("per", "size"))
    if "page" in words and is_of_pages:
        return _more_if(count > 1)
    if not _is_count(words, of_item):
        return None
    if count != listed:
        return _Verdict.MORE
    # A count that is not a total may be that of this page, and an estimate may be too low.
    return _Verdict.WHOLE if words & IS_TOTAL and not words & ESTIMATE else None


def _is_count(words: Words, of_item: Words) -> bool:
    """Return whether the words name how many items there are."""
    return words <= COUNTED | of_item | ESTIMATE and bool(
        words & COUNT or (words & {"number", "num", "nb"} and words & of_item) or words <= of_item
    )


def _verdict_on_place(words: Words, number: int, listed: int) -> _Verdict | None:
    """Return what a field says that tells which part of a list this is, or how large the parts are."""
    if words <= SIZE and (words & {"limit", "take", "top", "per"} or words >= {"page", "size"}):
        return _Verdict.SHORT if listed < number else _Verdict.PAGE
    if words >= {"max", "results"}:
        return _Verdict.SHORT if listed < number else _Verdict.PAGE
    if words == {"size"}:
        return _Verdict.SHORT if listed < number else _Verdict.PAGE if listed > number else None
    if words <= NUMBER and "page" in words:
        return _Verdict.MORE if number > 1 else _Verdict.PAGE
    if words <= OFFSET and words & {"offset", "skip"}:
        return _Verdict.MORE if number > 0 else _Verdict.PAGE
    if words <= OFFSET and words & {"start", "from"}:
        return _Verdict.MORE if number > 1 else _Verdict.PAGE
    return None


def _more_if(there_is_more: bool) -> _Verdict:
    return _Verdict.MORE if there_is_more else _Verdict.WHOLE
