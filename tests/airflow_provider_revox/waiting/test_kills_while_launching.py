"""Tasks that are killed while they launch their campaign."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client import RevoxClient
from airflow_provider_revox.exceptions import TaskKilledError
from revox_sandbox import SandboxSettings
from tests.airflow_provider_revox.waiting.kills import (
    ADA,
    Instance,
    kill_at,
    only_campaign,
    operator,
    posts,
    waiting_operator,
)

pytestmark = pytest.mark.usefixtures("airflow")


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


def test_a_task_that_is_killed_before_it_launched_launches_nothing(revox_sandbox, monkeypatch):
    killed = operator()
    kill_at(killed, monkeypatch, "GET", "/campaigns")
    with pytest.raises(Exception, match=r"killed before .*: nothing was sent"):
        killed.execute({"ti": Instance()})
    assert posts(revox_sandbox) == 0


@pytest.mark.parametrize("cancel_on_kill", [True, False])
def test_a_task_that_is_killed_during_its_create_cancels_the_campaign_if_the_user_wants_it(
    revox_sandbox, config, monkeypatch, cancel_on_kill
):
    killed = operator(cancel_on_kill=cancel_on_kill)
    kill_at(killed, monkeypatch, "POST", "/campaigns")
    if cancel_on_kill:
        with pytest.raises(Exception, match="of this launch was cancelled"):
            killed.execute({"ti": Instance()})
    else:
        assert killed.execute({"ti": Instance()})
    assert posts(revox_sandbox) == 1
    with RevoxClient(config) as client:
        assert [campaign.is_cancelled for campaign in client.list_campaigns()] == [cancel_on_kill]


@pytest.mark.parametrize("revox_sandbox_settings", [SandboxSettings(generation="launch-calls", speed=0)])
@pytest.mark.parametrize(
    ("request_", "skip", "cancel_on_kill", "told"),
    [
        ("/campaigns", 0, False, "nothing was sent"),
        ("/campaigns", 1, False, "This try launches no more calls of campaign"),
        ("/campaigns", 1, True, "of this launch was cancelled"),
        ("/launch-calls", 0, True, "Airflow has killed the task"),
    ],
)
def test_a_task_that_is_killed_between_create_and_launch_calls_nobody(
    revox_sandbox, config, monkeypatch, request_, skip, cancel_on_kill, told
):
    # The first create asks for a draft, which this generation does not know.
    killed = operator(cancel_on_kill=cancel_on_kill)
    kill_at(killed, monkeypatch, "POST", request_, skip=skip)
    with pytest.raises(Exception, match=told):
        killed.execute({"ti": Instance()})
    revox_sandbox.advance(24 * 3600)
    assert revox_sandbox.calls_per_person() == {}
    with RevoxClient(config) as client:
        created = [] if told == "nothing was sent" else [cancel_on_kill]
        assert [campaign.is_cancelled for campaign in client.list_campaigns()] == created


@pytest.mark.parametrize("revox_sandbox_settings", [SandboxSettings(generation="launch-calls", speed=0)])
def test_a_kill_during_the_launch_of_an_adopted_campaign_cancels_it(revox_sandbox, config, monkeypatch):
    with monkeypatch.context() as first_try:
        killed = operator(cancel_on_kill=False)
        kill_at(killed, first_try, "POST", "/campaigns", skip=1)
        with pytest.raises(Exception, match="This try launches no more calls of campaign"):
            killed.execute({"ti": Instance()})
    killed = operator(cancel_on_kill=True)
    kill_at(killed, monkeypatch, "POST", "/launch-calls")
    with pytest.raises(TaskKilledError):
        killed.execute({"ti": Instance()})
    revox_sandbox.advance(24 * 3600)
    assert revox_sandbox.calls_per_person() == {}


def test_a_task_that_was_stopped_while_it_launched_goes_on_and_waits_for_nothing(
    airflow, revox_sandbox, config, monkeypatch
):
    airflow.says = "running"
    killed = waiting_operator()
    kill_at(killed, monkeypatch, "POST", "/campaigns")
    with pytest.raises(TaskKilledError):
        killed.execute({"ti": Instance()})
    assert not only_campaign(config).is_cancelled
    assert posts(revox_sandbox) == 1


@pytest.mark.parametrize("revox_sandbox_settings", [SandboxSettings(generation="launch-calls", speed=0)])
@pytest.mark.parametrize("request_", ["/campaigns", "/launch-calls"])
def test_what_was_created_and_not_launched_when_a_worker_stopped_is_launched_by_the_retry(
    airflow, revox_sandbox, config, monkeypatch, request_
):
    airflow.says = "running"
    with monkeypatch.context() as first_try:
        killed = waiting_operator()
        kill_at(killed, first_try, "POST", request_, skip=1 if request_ == "/campaigns" else 0)
        with pytest.raises(TaskKilledError):
            killed.execute({"ti": Instance()})
    campaign = only_campaign(config)
    assert not campaign.is_cancelled
    revox_sandbox.advance(24 * 3600)
    assert revox_sandbox.calls_per_person() == {}
    assert operator().execute({"ti": Instance()}) == campaign.id
    revox_sandbox.advance(24 * 3600)
    assert revox_sandbox.calls_per_person() == {ADA: 1}
