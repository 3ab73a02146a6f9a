"""
Check a campaign against its organization before anything is created. Nothing here sends anything.

A check has three results. What Revox does not tell is "not checked", and never "fine".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from airflow_provider_revox.files.headerless import is_number

if TYPE_CHECKING:
    from airflow_provider_revox.client.organization import Assistant, PhoneNumber

Verdict: TypeAlias = Literal["fine", "problem", "not checked"]
Subject: TypeAlias = Literal["assistant", "variables", "from_phone_number"]

_MOST_SHOWN = 10
_BRACES = re.compile(r"\{{2,}+(?:([^{}]*+)\}{2,})?")
"""Double braces, or more of them. The pattern is possessive, so that a long text of braces is read fast."""
_is_name = re.compile(r"\w[\w .-]{0,99}").fullmatch
FILLED_BY_REVOX = frozenset(
    {
        "agent_phone_number",
        "assistant_name",
        "call_direction",
        "call_url",
        "campaign_name",
        "contact_line",
        "contact_name",
        "outcome",
        "phone",
        "summary",
        "transcript",
        "user_phone_number",
    }
)
"""Names that Revox fills in some texts (types of the official client 0.5.0). It may do so in others."""


@dataclass(frozen=True)
class Finding:
    """
    Says what a check has found.

    :param subject: What was checked.
    :param verdict: ``fine``, ``problem`` or ``not checked``.
    :param text: What was found and what to do, without data of people.
    """

    subject: Subject
    verdict: Verdict
    text: str


@dataclass(frozen=True)
class Placeholders:
    """
    Holds the placeholders of an assistant.

    :param needed: Names that the prompt variables must fill.
    :param mentioned: Names in other texts. Prompt variables or Revox itself fill them.
    :param unreadable: How many placeholders have something other than a name between the braces.
    """

    needed: frozenset[str] = frozenset()
    mentioned: frozenset[str] = frozenset()
    unreadable: int = 0


@dataclass(frozen=True)
class Comparison:
    """
    Compares placeholders with the prompt variables of the contacts.

    :param missing: Placeholders that no variable fills.
    :param doubtful: Placeholders that Revox may or may not fill: a variable has the name in another spelling,
        only some contacts have the variable, or Revox has a value of this name.
    :param unused: Variables that no text of the assistant has.
    :param unreadable: How many placeholders can't be read.
    """

    missing: frozenset[str] = frozenset()
    doubtful: frozenset[str] = frozenset()
    unused: frozenset[str] = frozenset()
    unreadable: int = 0

    @property
    def verdict(self) -> Verdict:
        """Return ``problem`` only if it is certain. Unused variables are no problem."""
        if self.missing:
            return "problem"
        return "not checked" if self.doubtful or self.unreadable else "fine"


def placeholders_of(assistant: Assistant) -> Placeholders:
    """
    Return the names between double braces in the texts of an assistant.

    :param assistant: The assistant as Revox shows it.
    """
    needed, unreadable = _names(assistant.filled_texts)
    mentioned, _ = _names(assistant.other_texts)
    return Placeholders(needed, mentioned - needed, unreadable)


def compare(
    placeholders: Placeholders, variables: Collection[str], *, of_some: Collection[str] = ()
) -> Comparison:
    """
    Compare the placeholders of an assistant with the prompt variables.

    :param placeholders: What the assistant needs.
    :param variables: The names of the variables that every contact has.
    :param of_some: The names of the variables that only some contacts have.
    """
    similar = {_folded(name) for name in (*variables, *of_some)} | FILLED_BY_REVOX
    unfilled = placeholders.needed - set(variables)
    doubtful = frozenset(name for name in unfilled if _folded(name) in similar)
    used = {_folded(name) for name in placeholders.needed | placeholders.mentioned}
    unused = frozenset(name for name in {*variables, *of_some} if _folded(name) not in used)
    return Comparison(unfilled - doubtful, doubtful, unused, placeholders.unreadable)


def check_assistant(assistant: Assistant | None, listed: Collection[Assistant] | None) -> Finding:
    """
    Check that the assistant exists.

    :param assistant: The assistant. ``None``: Revox does not show it.
    :param listed: All assistants. ``None``: Revox does not list them, so a missing one may be there.
    """
    if assistant is not None:
        return Finding("assistant", "fine", "the assistant exists")
    if listed is None:
        return Finding("assistant", "not checked", "this Revox does not tell which assistants there are")
    return Finding(
        "assistant",
        "problem",
        f"assistant_id: the organization has no such assistant among its {len(listed):,}; "
        "check the id and the API key",
    )


def check_variables(
    assistant: Assistant | None, variables: Collection[str], *, of_some: Collection[str] = ()
) -> Finding:
    """
    Check that the prompt variables fill every placeholder of the assistant.

    :param assistant: The assistant. ``None``: Revox does not show it.
    :param variables: The names of the variables that every contact has.
    :param of_some: The names of the variables that only some contacts have.
    """
    if assistant is None or not assistant.shows_prompt:
        return Finding("variables", "not checked", "this Revox does not show the texts of the assistant")
    found = compare(placeholders_of(assistant), variables, of_some=of_some)
    parts = [
        f"{what}: {_shown(names)}"
        for what, names in (
            (
                "the assistant has placeholders that no variable fills; add them to variable_fields",
                found.missing,
            ),
            ("give every contact a variable of exactly this name, or it may stay empty", found.doubtful),
            ("no text of the assistant has these variables", found.unused),
        )
        if names
    ]
    if found.unreadable:
        parts.append(f"placeholders of the assistant that can't be read: {found.unreadable:,}")
    return Finding("variables", found.verdict, "; ".join(parts) or "the variables fill every placeholder")


def check_from_phone_number(number: str, listed: Collection[PhoneNumber] | None) -> Finding:
    """
    Check that the number that people see is one of the organization's.

    :param number: In E.164 format.
    :param listed: The numbers of the organization. ``None``: Revox does not list them.
    """
    subject: Subject = "from_phone_number"
    if listed is None:
        return Finding(subject, "not checked", "this Revox does not list the numbers of the organization")
    numbers = [one.phone_number or "" for one in listed]
    if _digits(number) in map(_digits, numbers):
        return Finding(subject, "fine", "the number is one of the organization's")
    if not all(other.strip().startswith("+") for other in numbers):
        return Finding(subject, "not checked", "Revox lists numbers that are not in E.164 format")
    return Finding(
        subject,
        "problem",
        f"from_phone_number: is not among the organization's phone numbers ({len(numbers):,} listed); "
        "check it in Revox",
    )


def _names(texts: Iterable[str]) -> tuple[frozenset[str], int]:
    names, unreadable = set(), 0
    for text in texts:
        for match in _BRACES.finditer(text):
            name = (match[1] or "").strip()
            if _is_name(unicodedata.normalize("NFC", name)):
                names.add(name)
            else:
                unreadable += 1
    return frozenset(names), unreadable


def _folded(name: str) -> str:
    """Return the name without what people spell in different ways: case, blanks, hyphens, dots."""
    text = unicodedata.normalize("NFKC", name).casefold()
    return re.sub(r"[\W_]+", "_", text).strip("_") or text


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _shown(names: Collection[str]) -> str:
    """Return names for a log line, without names that may be a number or a sentence about somebody."""
    plain = sorted(name for name in names if len(name) <= 40 and not is_number(name))
    hidden = len(names) - len(plain[:_MOST_SHOWN])
    shown = [repr(name) for name in plain[:_MOST_SHOWN]]
    return ", ".join([*shown, f"{hidden:,} more"] if hidden else shown)
