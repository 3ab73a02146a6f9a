"""One sandbox, one launch, and what the tests of this folder ask about them."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.client.requests import CallRetryConfig, CampaignCreate
from airflow_provider_revox.launch.carry_out import carry_out, run
from airflow_provider_revox.launch.choose_form import CreateRules
from airflow_provider_revox.launch.decide import launch
from airflow_provider_revox.launch.identity import LaunchIdentity, Remembered
from airflow_provider_revox.launch.racing_tries import Rules
from airflow_provider_revox.launch.steps import (
    AskAuthStatus,
    HasOtherPeople,
    Launch,
    Launched,
    Note,
    Prepare,
    Wait,
)
from airflow_provider_revox.launch.tag import LaunchTag, people_digest
from airflow_provider_revox.launch.without_key import launch_without_key
from airflow_provider_revox.phone_numbers.people import People
from revox_sandbox import Sandbox
from tests.airflow_provider_revox.launch.patience import Patience
from tests.campaigns import ask

GENERATIONS = ("contract", "drafts", "launch-calls")
PEOPLE = ("+33612345678", "+14155550100")
WEEK = 7 * 24 * 3600.0


def hurry(monkeypatch: Any, *, backoff: float = 0.001, first_look: float = 0.001) -> None:
    """Make the pauses of the client and of the launch short."""
    monkeypatch.setattr("airflow_provider_revox.client.retry.FIRST_BACKOFF", backoff)
    monkeypatch.setattr("airflow_provider_revox.launch.look_until.FIRST_LOOK_AFTER", first_look)
    monkeypatch.setattr("airflow_provider_revox.launch.look_until.LOOK_EVERY_AT_MOST", 0.02)


def airflow_tries_again(error: RevoxError) -> bool:
    """Whether Airflow retries a task that ends with this error."""
    from airflow.providers.common.compat.sdk import AirflowFailException

    from airflow_provider_revox.exceptions import airflow_error

    return not isinstance(airflow_error(error), AirflowFailException)


def show_generation(sandbox: Sandbox) -> None:
    """Where creating a campaign calls nobody, let the list show so: by a campaign of nobody."""
    if sandbox.settings.generation == "launch-calls":
        body = {"assistant_id": "a", "name": "x", "contacts": []}
        ask(sandbox, "POST", "/campaigns", body)


def list_campaigns(sandbox: Sandbox) -> list[Campaign]:
    """Return every campaign of the sandbox. A planned fault strikes this request, too."""
    return [Campaign.model_validate(shown) for shown in ask(sandbox, "GET", "/campaigns")["campaigns"]]


class World:
    """
    One launch key on a sandbox.

    :param sandbox: Where the campaigns are.
    :param key: The launch key.
    :param map_index: The place in a mapped task.
    :param namespace: Of the connection.
    :param people: Who is in the campaign.
    :param scheduled: Whether the calls start tomorrow, so that nobody is called before a rival is cancelled;
        not where creating calls nobody, because there the launch itself must see to that.
    :param retries: How often the client sends again.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        *,
        key: str = "run/-1",
        has_own_key: bool = False,
        map_index: int = -1,
        namespace: str = "",
        people: Sequence[str] = PEOPLE,
        scheduled: bool = False,
        retries: int = 2,
    ) -> None:
        self.sandbox, self.people = sandbox, people
        self.key, self.map_index, self.namespace = key, map_index, namespace
        self.has_own_key, self.launch = has_own_key, True
        self.remembered: Remembered | None = None
        self.generation = sandbox.settings.generation
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        self.starts = tomorrow if scheduled and self.generation != "launch-calls" else None
        self.retry_config: CallRetryConfig | None = None
        self._creates_before = self._creates()
        self.config = ClientConfig(
            api_key=sandbox.api_key, base_url=sandbox.base_url, read_timeout=30.0, retries=retries
        )
        self._patience = Patience(sandbox)

    @property
    def tag(self) -> LaunchTag:
        """The tag of a try with the people of now."""
        return LaunchTag.of(
            "dag",
            "task",
            self.key,
            namespace=self.namespace,
            map_index=self.map_index,
            people=people_digest(People.of(self.people), "a"),
        )

    def body(self, try_number: int) -> Any:
        """What a try sends."""
        contacts = [{"to_phone_number": number, "prompt_variables": {}} for number in self.people]
        return CampaignCreate.build(
            assistant_id="a",
            name=self.tag.name("Renewals", try_number),
            contacts=contacts,
            call_retry_config=self.retry_config,
            scheduled_at=self.starts,
        )

    def steps(self, try_number: int, reconcile_seconds: float, *, with_key: bool = True) -> Launch:
        """The steps of a try, as the operator makes them."""
        if not with_key:
            return launch_without_key(CreateRules())
        tag = self.tag
        return launch(
            Rules(
                identity=LaunchIdentity(
                    tag,
                    try_number=try_number,
                    has_own_key=self.has_own_key,
                    remembered=self.remembered,
                ),
                reconcile_seconds=reconcile_seconds,
                has_own_name=lambda campaign: tag.is_exactly(campaign.name, "Renewals"),
                scheduled=self.starts is not None,
                launch=self.launch,
                newer_fields=self.retry_config.newer_fields if self.retry_config else (),
            )
        )

    def attempt(
        self,
        try_number: int = 1,
        *,
        reconcile_seconds: float = 0.06,
        with_key: bool = True,
        is_killed: Callable[[], bool] = lambda: False,
        on_known: Callable[[str, bool], None] = lambda *_: None,
    ) -> Launched:
        """Launch as the operator does, in a client of its own."""
        with RevoxClient(self.config) as client:
            self._patience.apply(client)
            return run(
                self.steps(try_number, reconcile_seconds, with_key=with_key),
                client=client,
                prepare=lambda _: self.body(try_number),
                tag=self.tag if with_key else None,
                numbers=self.body(try_number).numbers,
                log=logging.getLogger("launch"),
                is_killed=is_killed,
                on_known=on_known,
            )

    def tries(self, limit: int, **options: Any) -> tuple[Launched | RevoxError, int]:
        """Try as often as Airflow would; return how it ended and after how many tries."""
        for number in range(1, limit + 1):
            try:
                return self.attempt(number, **options), number
            except RevoxError as error:
                outcome = error
                if not airflow_tries_again(error):
                    break
        return outcome, number

    def put(self, try_number: int = 1) -> str:
        """Create a campaign of this key past the protocol, as another worker's create would."""
        with RevoxClient(self.config) as client:
            campaign = self.body(try_number)
            if self.generation == "drafts":
                campaign = campaign.changed(launch=True, type="regular")
            return client.create_campaign(campaign).id

    def put_draft(self) -> str:
        """The same on a server that makes a draft of what it is sent."""
        body = {**json.loads(self.body(1).body), "launch": False, "type": "regular"}
        return str(ask(self.sandbox, "POST", "/campaigns", body)["campaign"]["id"])

    def campaigns(self, listed: Sequence[Campaign] | None = None) -> list[Campaign]:
        """
        Return every campaign of this key, the earliest first.

        :param listed: All campaigns of the sandbox; default: ask for them.
        """
        everybodys = list_campaigns(self.sandbox) if listed is None else listed
        own = [campaign for campaign in everybodys if self.tag.is_in(campaign.name or "")]
        return sorted(own, key=lambda campaign: (campaign.created_at, campaign.id))

    def live(self) -> list[str]:
        """The ids of the campaigns that are not cancelled, the earliest first."""
        return [campaign.id for campaign in self.campaigns() if not campaign.is_cancelled]

    def creates(self) -> int:
        """How many requests to create a campaign have come."""
        return self._creates() - self._creates_before

    def _creates(self) -> int:
        return sum((one.method, one.path) == ("POST", "/campaigns") for one in self.sandbox.requests())

    def calls(self) -> list[int]:
        """
        How many campaigns have called each person once all have played to their end.

        Nobody may be called again by a campaign in which somebody has answered.
        """
        self.sandbox.advance(2 * WEEK)
        assert self.sandbox.calls_after_an_answer() == {}
        called = self.sandbox.calls_per_person()
        return [called.get(number, 0) for number in self.people]


class Worker:
    """
    One try, taken step by step: time passes only in its own waits, and nothing is slept.

    :param world: The launch.
    :param client: The try's own, or a shared one.
    """

    def __init__(self, world: World, client: RevoxClient, try_number: int, limit: float = 60.0) -> None:
        self.world, self.client = world, client
        self.campaign, self.tag = world.body(try_number), world.tag
        self.done: list[Any] = []
        """The steps that have asked the API, in order."""
        self.outcome: Launched | RevoxError | None = None
        self.step: Any = None
        """The next step that asks the API; ``None``: the try has ended."""
        self._steps = world.steps(try_number, limit)
        self._passed = 0.0
        self._go_on(None)

    def carry_out(self, before: Callable[[Any], None] = lambda step: None) -> Any:
        """Carry out the next step."""
        step = self.step
        before(step)
        result = self._ask(step)
        self.done.append(step)
        self._go_on(result)
        return result

    def finish(self) -> Launched | RevoxError:
        """Carry out all steps that are left."""
        while self.step is not None:
            self.carry_out()
        assert self.outcome is not None
        return self.outcome

    def _ask(self, step: Any) -> Any:
        try:
            return carry_out(
                step,
                client=self.client,
                campaign=self.campaign,
                tag=self.tag,
                numbers=self.campaign.numbers,
            )
        except RevoxError as error:
            return error

    def _go_on(self, result: Any) -> None:
        try:
            while True:
                is_error = isinstance(result, RevoxError)
                self.step = self._steps.throw(result) if is_error else self._steps.send(result)
                match self.step:
                    case Wait(seconds):
                        self._passed += seconds
                        result = self._passed
                    case Note() | Prepare():
                        result = None
                    case AskAuthStatus() | HasOtherPeople():  # answer the same whenever they are asked
                        result = self._ask(self.step)
                    case _:
                        return
        except StopIteration as end:
            self.outcome, self.step = end.value, None
        except RevoxError as error:
            self.outcome, self.step = error, None
