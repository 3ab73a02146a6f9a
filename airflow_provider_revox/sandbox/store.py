"""All campaigns of a sandbox, safe to use from any thread."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar
from uuid import UUID, uuid4

from airflow_provider_revox.sandbox.calling_hours import CallingHours
from airflow_provider_revox.sandbox.clock import Clock
from airflow_provider_revox.sandbox.outcomes import SeededDraw
from airflow_provider_revox.sandbox.simulation import Simulation

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import CampaignCreate
    from airflow_provider_revox.sandbox.settings import SandboxSettings

T = TypeVar("T")


@dataclass(frozen=True)
class Assistant:
    """An assistant; it comes into being when a campaign first names it."""

    id: str
    prompt: str
    created_at: float


@dataclass(frozen=True)
class Campaign:
    """A campaign: what was asked for and what has become of it."""

    id: UUID
    request: CampaignCreate
    assistant: Assistant
    created_at: float
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

    def create(self, request: CampaignCreate, show: Callable[[Campaign], T]) -> T:
        """
        Launch a campaign.

        :param request: What was asked for.
        :param show: Makes the answer from the campaign, which must not leave it.
        """
        config = request.call_retry_config
        hours = CallingHours(config)
        with self._lock:
            now = self._clock.now()
            simulation = Simulation(
                request.contacts,
                now=now,
                draw=SeededDraw(self._settings.seed, self._ordinal, self._settings.call_ends),
                hours=hours,
                max_concurrent_calls=int(request.max_concurrent_calls or self._settings.max_concurrent_calls),
                scheduled_at=request.scheduled_at.timestamp() if request.scheduled_at else None,
            )
            campaign = Campaign(uuid4(), request, self._assistant(request.assistant_id, now), now, simulation)
            self._ordinal += 1
            self._campaigns[str(campaign.id)] = campaign
            self._played_before[campaign.id] = self._clock.played()
            return show(campaign)

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
            self._calls_of_deleted.update(campaign.simulation.dialed)
            del self._played_before[campaign.id]
            return True

    def calls_per_person(self) -> dict[str, int]:
        """Return, for every number that was dialed, in how many campaigns it was; deleted ones count."""
        with self._lock:
            calls = Counter(self._calls_of_deleted)
            for campaign in self._campaigns.values():
                self._catch_up(campaign)
                calls.update(campaign.simulation.dialed)
            return dict(calls)

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
        self._calls_of_deleted: Counter[str] = Counter()
        self._ordinal = 0

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
