"""A campaign that is created first and launched later, and what the tests of this folder ask about it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.client.requests import LaunchCalls as LaunchCallsBody
from airflow_provider_revox.contacts.options import ContactOptions
from airflow_provider_revox.launch.carry_out import carry_out, run
from airflow_provider_revox.launch.launch_existing import LaunchedCampaign, LaunchOrder, launch_existing
from airflow_provider_revox.launch.steps import CheckPeople, Note, Prepare, Wait
from airflow_provider_revox.launch.unlaunched import read_unlaunched
from airflow_provider_revox.operators._people_to_launch import PeopleToLaunch
from revox_sandbox import Sandbox
from tests.airflow_provider_revox.launch.patience import Patience
from tests.airflow_provider_revox.launch.world import WEEK, airflow_tries_again
from tests.campaigns import create_campaign, number

LOG = logging.getLogger("launch")
ORDERS = {"all": LaunchOrder(), "part": LaunchOrder(up_to=2)}
PEOPLE = 6


class LaterLaunch:
    """
    A campaign that is created and not launched, and the tries to launch it.

    :param sandbox: Where the campaign is.
    :param retries: How often the client sends again.
    """

    def __init__(self, sandbox: Sandbox, *, retries: int = 0) -> None:
        self.sandbox = sandbox
        generation = sandbox.settings.generation
        options: dict[str, Any] = {"launch": False} if generation == "drafts" else {"launched": False}
        self.campaign_id = create_campaign(sandbox, PEOPLE, **options)
        self.config = ClientConfig(
            api_key=sandbox.api_key, base_url=sandbox.base_url, read_timeout=30.0, retries=retries
        )
        self._patience = Patience(sandbox)

    def wanted(self, order: LaunchOrder) -> set[str]:
        """Return the numbers of the people whom an order means, before anybody is launched."""
        with RevoxClient(self.config) as client:
            calls = read_unlaunched(client, self.campaign_id)
        return set((calls if order.up_to is None else calls.up_to(order.up_to)).numbers())

    def attempt(self, order: LaunchOrder, *, is_killed: Callable[[], bool] = bool) -> LaunchedCampaign:
        """Launch as the operator does, in a client of its own."""
        with RevoxClient(self.config) as client:
            self._patience.apply(client)
            before = client.get_campaign(self.campaign_id)
            return run(
                launch_existing(before, order),
                client=client,
                prepare=lambda _: LaunchCallsBody(),
                tag=None,
                log=LOG,
                check_people=self.check_people(client),
                is_killed=is_killed,
            )

    def check_people(self, client: RevoxClient) -> Callable[[Any], Any]:
        """Return the question whether people may still be called, as the operator asks it."""
        people = PeopleToLaunch(ContactOptions(on_invalid="skip", not_called_within=3600))
        return partial(people.count_not_to_call, lambda: client, LOG)

    def tries(self, order: LaunchOrder, limit: int = 8) -> tuple[LaunchedCampaign | RevoxError, int]:
        """Try as often as Airflow would; return how it ended and after how many tries."""
        for tried in range(1, limit + 1):
            try:
                return self.attempt(order), tried
            except RevoxError as error:
                outcome = error
                if not airflow_tries_again(error):
                    break
        return outcome, tried

    def called(self) -> set[str]:
        """Let all calls be made. Return who was called; nobody may be called by two launches."""
        self.sandbox.advance(WEEK)
        assert self.sandbox.calls_after_an_answer() == {}
        called = self.sandbox.calls_per_person()
        assert set(called.values()) <= {1}
        return set(called)


class Try:
    """One try to launch, taken step by step. Nothing is slept."""

    def __init__(self, launch: LaterLaunch, client: RevoxClient, order: LaunchOrder) -> None:
        self._client, self._check = client, launch.check_people(client)
        self.outcome: LaunchedCampaign | RevoxError | None = None
        self.step: Any = None
        """The next step that asks the API; ``None``: the try has ended."""
        self._steps = launch_existing(client.get_campaign(launch.campaign_id), order)
        self._go_on(None)

    def carry_out(self) -> None:
        """Carry out the next step."""
        result: Any
        try:
            if isinstance(self.step, CheckPeople):
                result = self._check(self.step.calls)
            else:
                result = carry_out(
                    self.step,
                    client=self._client,
                    campaign=LaunchCallsBody(),  # type: ignore[arg-type]
                    tag=None,
                    numbers=(),
                )
        except RevoxError as error:
            result = error
        self._go_on(result)

    def finish(self) -> None:
        """Carry out all steps that are left."""
        while self.step is not None:
            self.carry_out()

    def _go_on(self, result: Any) -> None:
        try:
            while True:
                is_error = isinstance(result, RevoxError)
                self.step = self._steps.throw(result) if is_error else self._steps.send(result)
                if not isinstance(self.step, (Note, Prepare, Wait)):
                    return
                result = 0.0
        except StopIteration as end:
            self.outcome, self.step = end.value, None
        except RevoxError as error:
            self.outcome, self.step = error, None


def everybody() -> set[str]:
    """Return the numbers of all people of the campaign."""
    return set(map(number, range(PEOPLE)))


def cancel_calls(client: RevoxClient, campaign_id: str, numbers: Iterable[str]) -> None:
    """Cancel the calls of these people, as somebody who asked for no calls is taken out."""
    from airflow_provider_revox.client.call_endpoints import cancel_call

    wanted = set(numbers)
    for _, call_id, person in read_unlaunched(client, campaign_id).calls:
        if call_id and person in wanted:
            assert client.send(cancel_call(call_id))
