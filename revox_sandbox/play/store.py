"""Keep all campaigns of a sandbox. Safe to use from any thread."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar
from uuid import UUID, uuid4

from revox_sandbox.play.calling_hours import CallingHours
from revox_sandbox.play.clock import Clock
from revox_sandbox.play.outcomes import Draw, SeededDraw
from revox_sandbox.play.simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from revox_sandbox.play.people import Contact
    from revox_sandbox.settings import SandboxSettings

T = TypeVar("T")


class RetryConfig(Protocol):
    """When and how often to call, as the user wrote it."""

    @property
    def timezone(self) -> str | None: ...

    def calling_hours(self) -> CallingHours:
        """Return what it says."""

    def as_json(self) -> dict[str, Any]:
        """Return it as the user wrote it."""


@dataclass(frozen=True, kw_only=True)
class CampaignRequest:
    """
    What a user asks for when they create a campaign. The names are those of the API.

    :param launch: Whether the campaign is launched when it is created.
    :param type: ``jump_in`` calls people only while somebody looks at the campaign. Here nobody does.
    :param post_processing_seconds: Seconds from the end of a talk until its outcome is known.
    """

    assistant_id: str
    name: str
    contacts: Sequence[Contact]
    call_retry_config: RetryConfig | None = None
    from_phone_number: str | None = None
    max_concurrent_calls: float | None = None
    scheduled_at: datetime | None = None
    launch: bool = True
    type: Literal["regular", "jump_in"] = "regular"
    post_processing_seconds: float = 0.0

    def calling_hours(self) -> CallingHours:
        """Return when the campaign calls people."""
        return self.call_retry_config.calling_hours() if self.call_retry_config else CallingHours()


@dataclass(frozen=True)
class Assistant:
    """An assistant. The sandbox makes it when a campaign names it for the first time."""

    id: str
    prompt: str
    created_at: float


@dataclass(eq=False)
class Campaign:
    """A campaign: what the user asked for, and what became of it."""

    id: UUID
    request: CampaignRequest
    assistant: Assistant
    created_at: float
    draw: Draw
    simulation: Simulation


class Store:
    """
    All campaigns. Methods that take ``show`` call it under the lock: it must not keep the campaign.

    :param settings: The settings of the sandbox.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._clock = Clock(settings.speed)
        self._lock = threading.Lock()
        self._forget_everything()

    def create(self, request: CampaignRequest, show: Callable[[Campaign], T]) -> T:
        """
        Create a campaign, and launch it if the user asks for that.

        :param request: What the user asks for.
        :param show: Makes the answer from the campaign.
        """
        with self._lock:
            now = self._clock.now()
            request = replace(request, name=self._settings.change_name(request.name))
            draw = SeededDraw(self._settings.seed, self._ordinal, self._settings.call_ends)
            simulation = self._simulate(request, now, draw)
            assistant = self._assistant(request.assistant_id, now)
            campaign = Campaign(uuid4(), request, assistant, now, draw, simulation)
            self._ordinal += 1
            self._campaigns[str(campaign.id)] = campaign
            self._listed_from[campaign.id] = self._lists + self._settings.list_lag
            self._played_before[campaign.id] = self._clock.played()
            return show(campaign)

    def update(self, campaign: Campaign, changes: dict[str, Any]) -> None:
        """
        Change a campaign.

        :param campaign: A campaign that :meth:`read` shows.
        :param changes: New values for fields of its request.
        """
        request = campaign.request = replace(campaign.request, **changes)
        now = campaign.simulation.now
        campaign.assistant = self._assistant(request.assistant_id, now)
        if changes.keys() & {"contacts", "type", "scheduled_at"}:
            campaign.simulation = self._simulate(request, now, campaign.draw)
        else:
            campaign.simulation.change(request.calling_hours(), self._concurrency(request))

    def read(self, campaign_id: str, show: Callable[[Campaign], T]) -> T | None:
        """
        Bring one campaign up to the present and show it.

        :param campaign_id: The id of the campaign.
        :param show: Makes the answer from the campaign.
        :return: What ``show`` returned. ``None`` if there is no such campaign.
        """
        with self._lock:
            campaign = self._campaigns.get(campaign_id)
            if campaign is None:
                return None
            self._catch_up(campaign)
            return show(campaign)

    def read_all(self, show: Callable[[Campaign], T]) -> list[T]:
        """
        Bring every campaign up to the present and show it, the newest first. The list may lag behind.

        :param show: Makes the answer from one campaign.
        """
        with self._lock:
            for campaign in self._campaigns.values():
                self._catch_up(campaign)
            listed = [one for one in self._campaigns.values() if self._listed_from[one.id] <= self._lists]
            self._lists += 1
            return [show(campaign) for campaign in reversed(listed)]

    def watch_all(self, show: Callable[[Campaign], T]) -> list[T]:
        """
        Bring every campaign up to the present and show it, the newest first, without the lag of a list.

        :param show: Makes the answer from one campaign.
        """
        with self._lock:
            for campaign in self._campaigns.values():
                self._catch_up(campaign)
            return [show(campaign) for campaign in reversed(self._campaigns.values())]

    def delete(self, campaign_id: str) -> bool:
        """
        Delete a campaign. The store still knows the people whom the campaign called.

        :param campaign_id: The id of the campaign.
        :return: Whether there was such a campaign.
        """
        with self._lock:
            campaign = self._campaigns.pop(campaign_id, None)
            if campaign is None:
                return False
            self._catch_up(campaign)
            self._deleted.append(campaign)
            del self._played_before[campaign.id], self._listed_from[campaign.id]
            return True

    def read_history(self, show: Callable[[Iterable[Campaign], Collection[str]], T]) -> T:
        """
        Bring every campaign up to the present and show all at once, the oldest first and deleted ones too.

        :param show: Makes the answer from the campaigns and from the numbers of people who want no calls.
        """
        with self._lock:
            for campaign in self._campaigns.values():
                self._catch_up(campaign)
            campaigns = sorted([*self._deleted, *self._campaigns.values()], key=lambda one: one.created_at)
            return show(campaigns, self._do_not_contact.keys())

    def calls_per_person(self) -> dict[str, int]:
        """Return how many campaigns dialed each number. Deleted campaigns count."""
        return self.read_history(
            lambda campaigns, _: dict(
                Counter(chain.from_iterable(one.simulation.dialed for one in campaigns))
            )
        )

    def calls_after_an_answer(self) -> dict[str, int]:
        """Return how often a campaign dialed a number again after a person had answered it."""
        return self.read_history(
            lambda campaigns, _: dict(sum((one.simulation.dialed_again for one in campaigns), Counter()))
        )

    def mark_do_not_contact(self, numbers: Iterable[str]) -> None:
        """
        Mark people who want no calls.

        :param numbers: Their phone numbers.
        """
        with self._lock:
            self._do_not_contact.update(dict.fromkeys(numbers))

    def jump(self, seconds: float) -> None:
        """
        Let all campaigns skip time.

        :param seconds: How many seconds they skip.
        """
        self._clock.jump(seconds)

    def reset(self) -> None:
        """Forget every campaign, assistant and call, and number campaigns from the start again."""
        with self._lock:
            self._forget_everything()

    def _forget_everything(self) -> None:
        self._campaigns: dict[str, Campaign] = {}
        self._listed_from: dict[UUID, int] = {}
        self._lists = 0
        self._played_before: dict[UUID, float] = {}
        self._assistants: dict[str, Assistant] = {}
        self._deleted: list[Campaign] = []
        self._do_not_contact: dict[str, None] = {}
        self._ordinal = 0

    def _simulate(self, request: CampaignRequest, now: float, draw: Draw) -> Simulation:
        return Simulation(
            request.contacts,
            now=now,
            draw=draw,
            hours=request.calling_hours(),
            max_concurrent_calls=self._concurrency(request),
            scheduled_at=request.scheduled_at.timestamp() if request.scheduled_at else None,
            launch=request.launch,
            paused_reason="no_presence" if request.type == "jump_in" else None,
            post_processing_seconds=request.post_processing_seconds,
        )

    def _concurrency(self, request: CampaignRequest) -> int:
        return int(request.max_concurrent_calls or self._settings.max_concurrent_calls)

    def _assistant(self, assistant_id: str, now: float) -> Assistant:
        if assistant_id not in self._assistants:
            sentence = "You are friendly, you introduce yourself and you ask one question at a time. "
            chars = self._settings.assistant_prompt_chars
            prompt = (sentence * (chars // len(sentence) + 1))[:chars]
            self._assistants[assistant_id] = Assistant(assistant_id, prompt, now)
        return self._assistants[assistant_id]

    def _catch_up(self, campaign: Campaign) -> None:
        played = self._clock.played() - self._played_before[campaign.id]
        campaign.simulation.advance(campaign.created_at + played)
