"""Keep all campaigns of a sandbox. Safe to use from any thread."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import UUID, uuid4

from revox_sandbox.play.calling_hours import CallingHours, stated_hours
from revox_sandbox.play.campaign import Campaign, CampaignRequest
from revox_sandbox.play.clock import Clock
from revox_sandbox.play.organization import Organization
from revox_sandbox.play.outcomes import Draw, SeededDraw
from revox_sandbox.play.simulation import Simulation

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from revox_sandbox.play.people import Row
    from revox_sandbox.settings import SandboxAssistant, SandboxSettings

T = TypeVar("T")


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
            now = self._time_of_its_own()
            request = replace(request, name=self._settings.change_name(request.name))
            draw = SeededDraw(self._settings.seed, self._ordinal, self._settings.call_ends)
            simulation = self._simulate(request, now, draw)
            assistant = self._organization.assistant(request.assistant_id, now)
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
        campaign.assistant = self._organization.assistant(request.assistant_id, now)
        if changes.keys() & {"contacts", "type", "scheduled_at"}:
            campaign.simulation = self._simulate(request, now, campaign.draw)
        else:
            campaign.simulation.change(self._hours(request), self._concurrency(request))

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

    def read_up_to_date(self, show: Callable[[list[Campaign]], T]) -> T:
        """
        Bring every campaign up to the present and show all of them, the oldest first.

        :param show: Makes the answer from the campaigns.
        """
        with self._lock:
            for campaign in self._campaigns.values():
                self._catch_up(campaign)
            return show(list(self._campaigns.values()))

    def read_call(self, call_id: str, show: Callable[[Campaign, Row], T]) -> T | None:
        """
        Bring the campaign of one call up to the present and show the call.

        :param call_id: The id of the call.
        :param show: Makes the answer from the campaign and the row of the call.
        :return: What ``show`` returned. ``None`` if there is no such call.
        """
        with self._lock:
            for campaign in self._campaigns.values():
                if row := campaign.row_of_call(call_id):
                    self._catch_up(campaign)
                    return show(campaign, row)
            return None

    def read_organization(self, show: Callable[[Organization], T]) -> T:
        """
        Show the assistants and the phone numbers.

        :param show: Makes the answer from the organization.
        """
        with self._lock:
            return show(self._organization)

    def define_assistants(self, assistants: Iterable[SandboxAssistant]) -> None:
        """
        Add assistants, or replace those with the same ids.

        :param assistants: The assistants.
        """
        with self._lock:
            self._organization.define(assistants, self._clock.now())

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
        self._organization = Organization(self._settings, self._clock.now())
        self._deleted: list[Campaign] = []
        self._do_not_contact: dict[str, None] = {}
        self._ordinal = 0
        self._last_created = 0  # milliseconds

    def _time_of_its_own(self) -> float:
        """
        Return when a campaign is created, in seconds since 1970: later than all others.

        Answers show milliseconds. Of two campaigns in one millisecond, nobody could tell which is earlier.
        """
        self._last_created = max(int(self._clock.now() * 1000), self._last_created + 1)
        return self._last_created / 1000

    def _simulate(self, request: CampaignRequest, now: float, draw: Draw) -> Simulation:
        return Simulation(
            request.contacts,
            now=now,
            draw=draw,
            hours=self._hours(request),
            max_concurrent_calls=self._concurrency(request),
            scheduled_at=request.scheduled_at.timestamp() if request.scheduled_at else None,
            launch=request.launch,
            paused_reason="no_presence" if request.type == "jump_in" else None,
            post_processing_seconds=request.post_processing_seconds,
        )

    def _hours(self, request: CampaignRequest) -> CallingHours:
        if request.call_retry_config:
            return request.call_retry_config.calling_hours()
        if self._settings.default_hours == "always":
            return CallingHours()
        return stated_hours(range(7) if self._settings.generation == "contract" else range(5))

    def _concurrency(self, request: CampaignRequest) -> int:
        return int(request.max_concurrent_calls or self._settings.max_concurrent_calls)

    def _catch_up(self, campaign: Campaign) -> None:
        played = self._clock.played() - self._played_before[campaign.id]
        campaign.simulation.advance(campaign.created_at + played)
