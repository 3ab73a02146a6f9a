"""
Decide whether an answer holds the whole list, or only a page of it.

Revox's lists have no pages today. If that changes, nobody tells this client, and it can't know how the new
fields are spelled. If it takes a page for the whole list, people are called twice. So every usual spelling
counts, at every level of the answer, but not inside the items of the list.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import Any

from airflow_provider_revox.client.spelling import Vocabulary, leads_somewhere, plain

Words = frozenset[str]


def _set(words: str) -> Words:
    return frozenset(words.split())


_OTHER_TOPICS = _set(
    "account assistant assistants balance billing budget credit credits license organisation organization "
    "plan quota quotas rate ratelimit retry subscription trial usage user voice"
)
"""Words for something that has counts, limits and remainders of its own."""
_NO_PAGE = _set(
    "action actions at attempt billing call calls charge cycle date day invoice launch maintenance payment "
    "poll refresh release renewal reset run step steps sync time update version window"
)
"""Words that, beside ``next``, speak of something else than a page."""
_EXPLANATION = _set("about details help info learn read see")
"""Words that, beside ``more``, lead to a text."""
_CUT = _set("abridged capped clipped cutoff incomplete limited overflow partial sampled truncated")
_AT_THE_END = _set("complete done end entire eof exhausted final finished last")
_REMAINDER = _set("left omitted remaining")
_CURSOR = _set("bookmark continuation continue cursor cursors evaluated marker scroll")
_AFTER = _set("after id key page start starting")
_COUNT = _set(
    "count counts documents elements entries found hits items length matches objects records results rows "
    "total totals"
)
_COUNTED = _COUNT | _set(
    "all collection data document element entry full grand hit item list match matched matching n num number "
    "object odata of overall record response result row size value"
)
_TOTAL = _set("count counts total totals")
_SAME_AS = dict.fromkeys(_set("batch chunk part segment slice"), "page")
_SAME_AS |= dict.fromkeys(_set("batches chunks parts segments slices"), "pages")
_NUMBER = _set("current index no num number page this")
_SIZE = _set("count default items limit max maximum page per results rows size take top")
_OFFSET = _set("current first from index item offset page position record row skip start")
_HEADER = (
    _COUNTED | _NUMBER | _SIZE | _OFFSET | _CUT | _set("has is last more next pages prev previous x")
) - {"length", "limit"}
_OF_ITEM = {
    "campaigns": _set("campaign campaigns"),
    "phone_history": _set("contact contacts history number numbers people phone phones"),
}

_vocabulary = Vocabulary(
    (
        _HEADER
        | _COUNT
        | _CUT
        | _AT_THE_END
        | _REMAINDER
        | _CURSOR
        | _set("info limit link prev previous token url")
    )
    - {"n", "x", "no", "at"}
)
_is_plain = re.compile(r"[A-Za-z_@$.-]{1,60}").fullmatch
_links_to_next = re.compile(r"""rel\s*=\s*["']?[^"',;]*\bnext\b""", re.IGNORECASE).search
_range = re.compile(r"(?!bytes)[a-z]*\s*(?:(\d+)-\d+|\*)/(\d+|\*)", re.IGNORECASE).match


class _Verdict(Enum):
    """What a field says about the list."""

    FAILED = "this is no good answer"
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
    for name, words, value in (*_fields(members, item), *_header_fields(headers)):
        if verdict := _verdict(words, value, listed, _OF_ITEM.get(item, frozenset())):
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


def _fields(members: Mapping[str, Any], item: str) -> Iterator[tuple[str, Words, Any]]:
    """Yield the path, the words and the value of each field outside of lists."""
    left: list[tuple[str, Words, Mapping[str, Any]]] = [("", frozenset(), members)]
    while left:
        path, outer, members = left.pop()
        for key, value in members.items():
            name, words = f"{path}{key}", _words(key)
            if words & _OTHER_TOPICS or (key == item and isinstance(value, (dict, list))):
                continue
            if outer <= _TOTAL:
                words |= outer  # as in {"total": {"value": 2}}
            elif outer & _set("page pagination paging"):
                words |= {"page"} if words in ({"number"}, {"size"}) else frozenset()
            if _has_link_to_next(words, value):
                yield name, frozenset(("next",)), True
            yield name, words, plain(value)
            if isinstance(value, dict):
                left.append((f"{name}.", words, value))


def _words(name: str) -> Words:
    return frozenset(_SAME_AS.get(word, word) for word in _vocabulary.words(name))


def _has_link_to_next(words: Words, value: Any) -> bool:
    if isinstance(value, str):
        return not words.isdisjoint(("link", "links")) and _links_to_next(value) is not None
    return isinstance(value, list) and any(
        isinstance(link, dict) and "next" in (rel if isinstance(rel := link.get("rel"), list) else [rel])
        for link in value
    )


def _header_fields(headers: Mapping[str, str]) -> Iterator[tuple[str, Words, Any]]:
    for name, value in headers.items():
        words = _words(name)
        if _has_link_to_next(words, value):
            yield name, frozenset(("next",)), True
        elif name.endswith("content-range") and (found := _range(value.strip())):
            yield name, frozenset(("offset",)), int(found[1] or 0)
            yield name, frozenset(("total",)), plain(found[2])
        elif "pagination" in words and value.lstrip().startswith("{"):
            yield from _fields(_read_object(value), "")
        elif words <= _HEADER:
            yield name, words - {"x"}, plain(value)


def _read_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = None
    return value if isinstance(value, dict) else {"page": 1}


def _verdict(words: Words, value: Any, listed: int, of_item: Words) -> _Verdict | None:
    """Return what a field says about the list, if it says anything."""
    if words in ({"error"}, {"errors"}) and (leads_somewhere(value) or (isinstance(value, dict) and value)):
        return _Verdict.FAILED
    if "next" in words:
        return None if words & _NO_PAGE else _more_if(leads_somewhere(value))
    if words & _CURSOR or words >= {"page", "token"} or "after" in words <= _AFTER:
        return _Verdict.CURSOR if leads_somewhere(value) else None
    if isinstance(value, (dict, list)):
        return None
    is_cut = words & _CUT or (words & {"reached", "exceeded"} and words & {"limit", "max"})
    if is_cut or ("more" in words and not words & _EXPLANATION):
        return _more_if(leads_somewhere(value))
    if words & {"prev", "previous"}:
        return _Verdict.MORE if leads_somewhere(value) else None
    if type(value) is bool:
        return _verdict_on_flag(words, value)
    if type(value) is not int:
        return None
    if words & _REMAINDER:
        return _more_if(value != 0)
    return _verdict_on_count(words, value, listed, of_item) or _verdict_on_place(words, value, listed)


def _verdict_on_flag(words: Words, flag: bool) -> _Verdict | None:
    """Return what a true or false says."""
    if words & _AT_THE_END:
        return _more_if(not flag)
    if words in ({"ok"}, {"success"}):
        return None if flag else _Verdict.FAILED
    if words & {"paged", "paginated"}:
        return _Verdict.PAGE if flag else None
    return _Verdict.MORE if "first" in words <= {"is", "first", "page"} and not flag else None


def _verdict_on_count(words: Words, count: int, listed: int, of_item: Words) -> _Verdict | None:
    """Return what the number of pages says, or the number of items."""
    if words == {"pages"} or ("pages" in words and words & {"total", "num", "number", "count"}):
        return _more_if(count > 1)
    if "page" in words and words & {"total", "count", "last"} and words.isdisjoint(("per", "size")):
        return _more_if(count > 1)
    if words <= _COUNTED | of_item and (words & _COUNT or (words & {"number", "num"} and words & of_item)):
        if count != listed:
            return _Verdict.MORE
        # A count that is no total may be that of this page.
        return _Verdict.WHOLE if words & {"total", "totals", "found", "hits", "matches"} else None
    return None


def _verdict_on_place(words: Words, number: int, listed: int) -> _Verdict | None:
    """Return what a field says that tells which part of a list this is, or how large the parts are."""
    if words <= _SIZE and (words & {"limit", "take", "top", "per"} or words >= {"page", "size"}):
        return _Verdict.SHORT if listed < number else _Verdict.PAGE
    if words == {"size"} or words >= {"max", "results"}:
        return _Verdict.SHORT if listed < number else _Verdict.PAGE if listed > number else None
    if words <= _NUMBER and "page" in words:
        return _Verdict.MORE if number > 1 else _Verdict.PAGE
    if words <= _OFFSET and words & {"offset", "skip"}:
        return _Verdict.MORE if number > 0 else _Verdict.PAGE
    if words <= _OFFSET and words & {"start", "from"}:
        return _Verdict.MORE if number > 1 else _Verdict.PAGE
    return None


def _more_if(there_is_more: bool) -> _Verdict:
    return _Verdict.MORE if there_is_more else _Verdict.WHOLE
