"""Keep what an organization has beside its campaigns: its assistants and its phone numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from revox_sandbox.settings import SandboxAssistant

if TYPE_CHECKING:
    from collections.abc import Iterable

    from revox_sandbox.settings import SandboxSettings

_SENTENCE = "You are friendly, you introduce yourself and you ask one question at a time. "


@dataclass(frozen=True)
class Assistant:
    """
    An assistant of the organization.

    :param texts: What it says, and what it is told.
    :param created_at: When it was created, as seconds since 1970.
    """

    texts: SandboxAssistant
    created_at: float

    @property
    def id(self) -> str:
        """Its id."""
        return self.texts.id

    @property
    def name(self) -> str:
        """Its name."""
        return self.texts.name or f"Sandbox assistant {self.id}"


class Organization:
    """
    The assistants and the phone numbers of an organization.

    :param settings: The settings of the sandbox.
    :param now: The present, as seconds since 1970.
    """

    def __init__(self, settings: SandboxSettings, now: float) -> None:
        self.assistants: dict[str, Assistant] = {}
        """By id, in the order in which they were defined."""
        self.phone_numbers = settings.phone_numbers
        self.created_at = now
        self._prompt_chars = settings.assistant_prompt_chars
        self.define(settings.assistants, now)

    def define(self, assistants: Iterable[SandboxAssistant], now: float) -> None:
        """
        Add assistants. One with the id of another assistant replaces it, for later campaigns.

        :param assistants: The assistants.
        :param now: The present, as seconds since 1970.
        """
        self.assistants |= {texts.id: Assistant(texts, now) for texts in assistants}

    def assistant(self, assistant_id: str, now: float) -> Assistant:
        """
        Return an assistant. One that nobody has defined is made when a campaign names it.

        :param assistant_id: The id that a campaign names.
        :param now: The present, as seconds since 1970.
        """
        if assistant_id not in self.assistants:
            prompt = (_SENTENCE * (self._prompt_chars // len(_SENTENCE) + 1))[: self._prompt_chars]
            self.define([SandboxAssistant(id=assistant_id, prompt=prompt)], now)
        return self.assistants[assistant_id]
