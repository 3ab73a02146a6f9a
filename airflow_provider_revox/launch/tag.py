"""The tag in a campaign's name: it says of which launch, place and list the campaign is."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
import unicodedata
from dataclasses import dataclass, replace
from typing import Self

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.phone_numbers.people import People

MAX_NAME = 120
"""Characters of a name, tag included. The API states no limit, but a name that is cut may lose its tag."""
CUT_AT = 60
"""Characters or bytes of a name that every known server keeps. In a longer name, the tag stands in front."""
_MAX_WORDS = MAX_NAME - len("[af-3k7x2c4m5qaz-m999999-d5f7g6hj-t999999-x5qk2ab] ")
"""Characters of the user's words: the same for every try, so that all tries make the same name."""
NO_PLACE = "s"
"""The place of a task that is not mapped."""

_PEOPLE = r"[a-z2-7]{8}"
_PLACE = rf"{NO_PLACE}|m[0-9]+"
_END = r"(?:-t(?P<try>[0-9]+))?(?:-x(?P<seal>[a-z2-7]{6}))?(?![a-z0-9])"
_ANY_TAG = re.compile(rf"\[?af-[a-z2-7]{{12}}-(?:{_PLACE})-{_PEOPLE}{_END}\]?")


@dataclass(frozen=True)
class FoundTag:
    """
    The tag that was found in a campaign's name.

    :param place: The place of the campaign in a mapped task.
    :param people: The digest of the list.
    :param try_number: The number of the try that created the campaign.
    """

    place: str
    people: str
    try_number: int


@dataclass(frozen=True)
class LaunchTag:
    """
    The tag of one launch: ``Renewals 2026-11-23 [af-3k7x2c4m5qaz-s-d5f7g6hj]``.

    It has three parts. From the second try on, ``-t2`` follows: the number of the try that created the
    campaign. Servers change names: they trim, fold spaces, change case, normalise Unicode, escape or cut. So
    the tag has only ASCII letters, digits and hyphens, and is compared tolerantly.

    Campaigns of earlier releases are found by the tag, so the way it is made must never change.

    :param launch: 12 characters of a hash of the launch: DAG, task, launch key and namespace.
    :param place: The place in a mapped task: ``m`` and the map index, or ``s``.
    :param people: 8 characters of a hash of the list: the people who are called, and the assistant.
    """

    launch: str
    place: str
    people: str

    @classmethod
    def of(
        cls,
        dag_id: str,
        task_id: str,
        launch_key: str,
        *,
        namespace: str = "",
        map_index: int = -1,
        people: str,
    ) -> Self:
        """
        Return the tag of a launch.

        :param dag_id: The id of the DAG.
        :param task_id: The id of the task.
        :param launch_key: What tells this launch from the other launches of the task.
        :param namespace: What tells this Airflow from others in the same organization.
        :param map_index: The index of a mapped task; -1: the task is not mapped.
        :param people: The digest of the list, from :func:`people_digest`.
        """
        identity = [dag_id, task_id, launch_key, *([namespace] if namespace else [])]
        text = json.dumps(identity, ensure_ascii=True, separators=(",", ":"))
        return cls(_hash(text.encode(), 12), NO_PLACE if map_index < 0 else f"m{map_index}", people)

    @property
    def is_mapped(self) -> bool:
        """Return whether the place is one of a mapped task."""
        return self.place != NO_PLACE

    def name(self, name: str, try_number: int) -> str:
        """
        Return a campaign's name with the tag, in a form that servers leave alone.

        The tag stands at the end, or in front if name and tag together may become longer than 60 bytes: a cut
        then takes the user's words and not the tag.

        :raises InvalidRequestError: The name is empty.
        """
        text = _plain(name) if isinstance(name, str) else ""
        if not text:
            raise InvalidRequestError(["name: must be text of at least one character"])
        tag = f"[af-{self.launch}-{self.place}-{self.people}{f'-t{try_number}' if try_number > 1 else ''}"
        text = text[:_MAX_WORDS].rstrip()
        tag += f"{self._seal(text)}]"
        return f"{text} {tag}" if _longest(f"{text} {tag}") <= CUT_AT else f"{tag} {text}"

    def find(self, name: str | None) -> FoundTag | None:
        """Return the tag of this launch in a campaign's name, whatever its place and list."""
        tags = list(
            re.finditer(
                rf"af-{self.launch}-(?P<place>{_PLACE})-(?P<people>{_PEOPLE}){_END}", _folded(name or "")
            )
        )
        if not tags:
            return None
        return FoundTag(tags[-1]["place"], tags[-1]["people"], int(tags[-1]["try"] or 1))

    def is_in(self, name: str | None) -> bool:
        """Return whether a campaign with this name is of this launch, whatever its place and list."""
        return self.find(name) is not None

    def may_share_people(self, name: str | None) -> bool:
        """Return whether a campaign with this name is of this launch, and has the place or the list."""
        found = self.find(name)
        return found is not None and (found.place == self.place or found.people == self.people)

    def launched_by(self, name: str | None) -> int | None:
        """Return the number of the try that created the campaign with this name."""
        found = self.find(name)
        return found.try_number if found else None

    def is_exactly(self, name: str | None, text: str) -> bool:
        """Return whether a name is what :meth:`name` makes of ``text``. The name of a copy is not."""
        found = self.find(name)
        if found is None:
            return False
        own = replace(self, place=found.place, people=found.people).name(text, found.try_number)
        return _folded(name or "") == _folded(own)

    def is_unaltered(self, name: str | None) -> bool:
        """Return whether a name is what :meth:`name` makes of the words around the tag."""
        words = without_tag(name or "")
        return bool(words.strip()) and self.is_exactly(name, words)

    def _seal(self, text: str) -> str:
        """Return what the tag says of the words around it."""
        return ""


class SealedTag(LaunchTag):
    """
    The tag of a launch that several tasks may make, each under its own name.

    It ends with ``-x`` and a hash of the words. So the launch can tell ``Copy of Rest [af-…]``, made by hand,
    from a campaign that another task has named.
    """

    def _seal(self, text: str) -> str:
        return f"-x{_hash(f'{self.launch} {_folded(text)}'.encode(), 6)}"


def people_digest(people: People, assistant_id: str) -> str:
    """Return a digest of a list: the same for the same people in any order, and the same assistant."""
    return _hash(json.dumps([assistant_id, people.count, people.checksum]).encode(), 8)


def have_same_name(one: str | None, other: str | None) -> bool:
    """Return whether two names differ only in the number of the try, also after a server has cut both."""
    if (one is None) or (other is None):
        return False
    names = [_folded(one), _folded(other)]
    first, second = map(_without_try, names)
    if len(names[0]) == len(names[1]) and all(name.startswith("[af-") for name in names):
        # Cut at the same length: the longer tag leaves less of the words.
        shown = min(len(first), len(second))
        return first[:shown] == second[:shown]
    return first == second


def without_tag(name: str) -> str:
    """Return a campaign's name without its tag, as the user gave it."""
    match = _ANY_TAG.search(name) or _ANY_TAG.search(name.casefold())
    return name if match is None else f"{name[: match.start()]}{name[match.end() :]}".strip()


def _without_try(name: str) -> str:
    return re.sub(rf"(af-[a-z2-7]{{12}}-(?:{_PLACE})-{_PEOPLE})-t[0-9]+", r"\1", name)


def _longest(name: str) -> int:
    """Return how many bytes a name takes if the server escapes it and takes its characters apart."""
    return len(html.escape(unicodedata.normalize("NFD", name)).encode(errors="replace"))


def _plain(name: str) -> str:
    """Return a name as servers store it: NFC, trimmed, with single spaces."""
    return " ".join(unicodedata.normalize("NFC", name).split())


def _folded(name: str) -> str:
    """Return a name without the differences that servers make."""
    text = unicodedata.normalize("NFKC", html.unescape(name)).casefold()
    text = re.sub(r"[\u2010-\u2015\u2212_]", "-", text.replace("\\", ""))
    if not text.isascii():  # ASCII has no characters of this category
        text = "".join(one for one in text if unicodedata.category(one) != "Cf")
    return " ".join(text.split())


def _hash(content: bytes, length: int) -> str:
    return base64.b32encode(hashlib.sha256(content).digest())[:length].decode().lower()
