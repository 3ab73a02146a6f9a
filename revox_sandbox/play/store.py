"""All campaigns of a sandbox, safe to use from any thread."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from revox_sandbox.play.clock import Clock
from revox_sandbox.play.outcomes import Draw, SeededDraw
from revox_sandbox.play.simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from revox_sandbox.api.bodies import NewCampaign
    from revox_sandbox.settings import SandboxSettings

T = TypeVar("T")


@dataclass(frozen=True)
class Assistant:
    """An assistant; it comes into being when a campaign first names it."""

    id: str
    prompt: str
    created_at: float


@dataclass(eq=False)
class Campaign:
    """A campaign: what was asked for and what has become of it."""

    id: UUID
    request: NewCampaign
    assistant: Assistant
    created_at: float
    draw: Draw
    simulation: Simulation


class Store:
    """
    The campaigns.

    :param settings: The sandbox's.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self._settings = settings
        self._clock = Clock(settings.speed)
        self._lock = threading.Lock()
        self._forget_everything()

    def create(self, request: NewCampaign, show: Callable[[Campaign], T]) -> T:
        """
        Take in a campaign; what was asked for says whether it is launched.

        :param request: What was asked for.
        :param show: Makes the answer from the campaign, which must not leave it.
        """
        with self._lock:
            now = self._clock.now()
            draw = SeededDraw(self._settings.seed, self._ordinal, self._settings.call_ends)
            simulation = self._simulate(request, now, draw)
            assistant = self._assistant(request.assistant_id, now)
            campaign = Campaign(uuid4(), request, assistant, now, draw, simulation)
            self._ordinal += 1
            self._campaigns[str(campaign.id)] = campaign
            self._played_before[campaign.id] = self._clock.played()
            return show(campaign)

    def update(self, campaign: Campaign, changes: dict[str, Any]) -> None:
        """
        Change a campaign.

        :param campaign: Up to date, inside :meth:`read`.
        :param changes: Of what was asked for.
        """
        request = campaign.request = campaign.request.model_copy(update=changes)
        now = campaign.simulation.now
        campaign.assistant = self._assistant(request.assistant_id, now)
        if changes.keys() & {"contacts", "type", "scheduled_at"}:
            campaign.simulation = self._simulate(request, now, campaign.draw)
        else:
            campaign.simulation.change(request.calling_hours(), self._lines(request))

    def read(self, campaign_id: str, show: Callable[[Campaign], T]) -> T | None:
        """
        Bring one campaign up to the present and look at it.

        :param campaign_id: Its id.
        :param show: Makes the answer from the campaign, which must not leave it.
        :return: What ``show`` returned; ``None`` without such a campaign.
        """
        with self._lock:
            campaign = self._campaigns.get(campaign_id)
            if campaign is None:
                return None
            self._catch_up(campaign)
            return show(campaign)

    def read_all(self, show: Callable[[Campaign], T]) -> list[T]:
        """
        Bring every campaign up to the present and look at it, the newest first.

        :param show: Makes the answer from one campaign, which must not leave it.
        """
        with self._lock:
            for campaign in self._campaigns.values():
                self._catch_up(campaign)
            return [show(campaign) for campaign in reversed(self._campaigns.values())]

    def delete(self, campaign_id: str) -> bool:
        """
        Remove a campaign; who was called stays known.

        :param campaign_id: Its id.
        :return: Whether there was such a campaign.
        """
        with self._lock:
            campaign = self._campaigns.pop(campaign_id, None)
            if campaign is None:
                return False
            self._catch_up(campaign)
            self._deleted.append(campaign)
            del self._played_before[campaign.id]
            return True

    def read_history(self, show: Callable[[Iterable[Campaign], Collection[str]], T]) -> T:
        """
        Bring every campaign up to the present and look at them all, the oldest first; deleted ones too.

        :param show: Makes the answer from the campaigns, which must not leave it, and from the numbers of
            people who want no calls.
        """
        with self._lock:
            for campaign in self._campaigns.values():
                self._catch_up(campaign)
            campaigns = sorted([*self._deleted, *self._campaigns.values()], key=lambda one: one.created_at)
            return show(campaigns, self._do_not_contact.keys())

    def calls_per_person(self) -> dict[str, int]:
        """Return, for every number that was dialed, in how many campaigns it was; deleted ones count."""
        return self.read_history(
            lambda campaigns, _: dict(
                Counter(chain.from_iterable(one.simulation.dialed for one in campaigns))
            )
        )

    def calls_after_an_answer(self) -> dict[str, int]:
        """Return how often numbers were dialed though somebody had answered in the same campaign."""
        return self.read_history(
            lambda campaigns, _: dict(sum((one.simulation.dialed_again for one in campaigns), Counter()))
        )

    def mark_do_not_contact(self, numbers: Iterable[str]) -> None:
        """
        Note people who want no calls.

        :param numbers: Theirs.
        """
        with self._lock:
            self._do_not_contact.update(dict.fromkeys(numbers))

    def jump(self, seconds: float) -> None:
        """
        Let every campaign there is skip time.

        :param seconds: How much.
        """
        self._clock.jump(seconds)

    def reset(self) -> None:
        """Forget every campaign, assistant and call, and count campaigns from the start again."""
        with self._lock:
            self._forget_everything()

    def _forget_everything(self) -> None:
        self._campaigns: dict[str, Campaign] = {}
        self._played_before: dict[UUID, float] = {}
        self._assistants: dict[str, Assistant] = {}
        self._deleted: list[Campaign] = []
        self._do_not_contact: dict[str, None] = {}
        self._ordinal = 0

    def _simulate(self, request: NewCampaign, now: float, draw: Draw) -> Simulation:
        return Simulation(
            request.contacts,
            now=now,
            draw=draw,
            hours=request.calling_hours(),
            max_concurrent_calls=self._lines(request),
            scheduled_at=request.starts_at.timestamp() if request.starts_at else None,
            launch=request.is_launched,
            paused_reason="no_presence" if request.needs_presence else None,
            post_processing_seconds=request.post_processing_seconds,
        )

    def _lines(self, request: NewCampaign) -> int:
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
