from __future__ import annotations

import copy
import logging

import pytest
from airflow.providers.common.compat.sdk import AirflowTaskTimeout

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.operators.revox import CreateCampaignOperator
from airflow_provider_revox.waiting.on_kill import short_timeouts
from revox_sandbox import Fault, SandboxSettings

ADA = "+33612345678"


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


@pytest.fixture
def config(revox_sandbox):
    return ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)


@pytest.fixture
def campaign_id(config):
    contacts = [{"to_phone_number": ADA, "prompt_variables": {}}]
    with RevoxClient(config) as client:
        return client.create_campaign(CampaignCreate.build(assistant_id="a", name="x", contacts=contacts)).id


class Instance:
    """As much of a task instance as a launch asks for."""

    dag_id, task_id, run_id, map_index, try_number = "dag", "task", "run", -1, 1
    start_date = None

    def xcom_push(self, key, value):
        pass


def operator(**options):
    contacts = [{"to_phone_number": ADA, "prompt_variables": {}}]
    return CreateCampaignOperator(
        task_id="t", assistant_id="a", name="x", contacts=contacts, launch_key="key", **options
    )


def kill_at(operator, monkeypatch, method, path, *, skip=0):
    """Call on_kill, as a signal handler does, right when a request is about to be sent; then go on."""
    left = iter(range(skip + 1))
    from airflow_provider_revox.client import sync_client as module

    send = module.RevoxClient._transmit

    def transmit(client, request, sink):
        if not operator.is_killed and request.method == method and request.path.endswith(path):
            if next(left) < skip:
                return send(client, request, sink)
            operator.on_kill()
        return send(client, request, sink)

    monkeypatch.setattr(module.RevoxClient, "_transmit", transmit)


def is_cancelled(config, campaign_id):
    with RevoxClient(config) as client:
        return client.get_campaign(campaign_id).is_cancelled


def posts(revox_sandbox):
    return [(request.method, request.path) for request in revox_sandbox.requests()].count(
        ("POST", "/campaigns")
    )


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
        ("/campaigns", 1, False, "it calls nobody"),
        ("/campaigns", 1, True, "of this launch was cancelled"),
        ("/launch-calls", 0, True, "was cancelled before all its calls were launched"),
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
        with pytest.raises(Exception, match="it calls nobody"):
            killed.execute({"ti": Instance()})
    killed = operator(cancel_on_kill=True)
    kill_at(killed, monkeypatch, "POST", "/launch-calls")
    with pytest.raises(Exception, match="was cancelled"):
        killed.execute({"ti": Instance()})
    revox_sandbox.advance(24 * 3600)
    assert revox_sandbox.calls_per_person() == {}


@pytest.fixture
def logged(caplog, capfd):
    """Return what was logged; Airflow 3 writes it out, Airflow 2 hands it to Python."""
    caplog.set_level(logging.INFO)

    def read():
        captured = capfd.readouterr()
        return caplog.text + captured.out + captured.err

    return read


def test_a_kill_of_a_task_that_waits_cancels_its_campaign(config, campaign_id, logged):
    killed = operator(wait_for_completion=True)
    killed.cancel_on_kill_from_now(config, campaign_id)
    killed.on_kill()
    assert is_cancelled(config, campaign_id)
    assert f"The task was killed, so it has cancelled campaign {campaign_id}." in logged()
    killed.on_kill()


@pytest.mark.parametrize(
    ("options", "cancels"),
    [
        ({}, False),
        ({"wait_for_completion": True}, True),
        ({"wait_for_completion": True, "cancel_on_kill": False}, False),
        ({"cancel_on_kill": True}, True),
    ],
)
def test_a_kill_cancels_by_default_where_the_task_waits(config, campaign_id, options, cancels):
    killed = operator(**options)
    killed.cancel_on_kill_from_now(config, campaign_id)
    killed.on_kill()
    assert is_cancelled(config, campaign_id) is cancels


def test_a_kill_that_came_before_the_campaign_was_known_cancels_it(config, campaign_id):
    killed = operator(cancel_on_kill=True)
    killed.on_kill()
    killed.cancel_on_kill_from_now(config, campaign_id)
    assert is_cancelled(config, campaign_id)


def test_a_kill_after_the_time_was_up_keeps_the_campaign(config, campaign_id):
    killed = operator(cancel_on_kill=True)
    killed.cancel_on_kill_from_now(config, campaign_id)
    killed.keep_campaign_on_kill()
    killed.on_kill()
    assert not is_cancelled(config, campaign_id)


def test_the_execution_timeout_of_a_waiting_task_keeps_its_campaign(revox_sandbox, config, monkeypatch):
    waiting = operator(wait_for_completion=True)

    def time_is_up(context, campaign_id):
        raise AirflowTaskTimeout

    monkeypatch.setattr(waiting, "wait", time_is_up)
    with pytest.raises(AirflowTaskTimeout):
        waiting.execute({"ti": Instance()})
    waiting.on_kill()  # as Airflow does next
    with RevoxClient(config) as client:
        assert [campaign.is_cancelled for campaign in client.list_campaigns()] == [False]


def test_the_kill_of_one_try_does_not_kill_the_next(config, campaign_id):
    task = operator(cancel_on_kill=True)
    first, second = copy.copy(task), copy.copy(task)
    first.on_kill()
    second.cancel_on_kill_from_now(config, campaign_id)
    assert (first.is_killed, second.is_killed) == (True, False)
    assert not is_cancelled(config, campaign_id)


def test_a_cancel_that_revox_does_not_carry_out_is_logged(revox_sandbox, config, campaign_id, logged):
    answer = Fault(kind="broken_json", path="/campaigns/{id}/cancel", body={"success": False})
    revox_sandbox.faults.add(answer)
    killed = operator(wait_for_completion=True)
    killed.cancel_on_kill_from_now(config, campaign_id)
    killed.on_kill()
    assert f"Revox did not cancel campaign {campaign_id}" in logged()


def test_a_failed_cancel_is_logged_and_raises_nothing_into_the_code_that_the_signal_stopped(
    revox_sandbox, config, campaign_id, logged
):
    revox_sandbox.faults.add(Fault(kind="status", status=500, path="/campaigns/{id}/cancel", times=None))
    killed = operator(wait_for_completion=True)
    killed.cancel_on_kill_from_now(config, campaign_id)
    killed.on_kill()
    assert not is_cancelled(config, campaign_id)
    assert f"could not cancel campaign {campaign_id}, which goes on: " in logged()


def test_a_kill_has_short_timeouts_because_airflow_leaves_a_killed_task_five_seconds(config):
    short = short_timeouts(config)
    assert (short.connect_timeout, short.read_timeout, short.write_timeout, short.retries) == (1, 2, 1, 1)
    assert short.api_key == config.api_key


@pytest.mark.parametrize("rendered", [None, "", " "])
def test_a_launch_key_that_renders_to_nothing_does_not_turn_the_look_up_off(revox_sandbox, rendered):
    killed = operator()
    killed.launch_key = rendered
    with pytest.raises(Exception, match="launch_key: is empty"):
        killed.execute({"ti": Instance()})
    assert posts(revox_sandbox) == 0


def test_no_launch_key_launches_without_a_tag_unless_the_task_is_mapped(revox_sandbox, config):
    unkeyed = operator()
    unkeyed.launch_key, unkeyed._looks_up = None, False
    assert unkeyed.execute({"ti": Instance()})
    with RevoxClient(config) as client:
        assert [campaign.name for campaign in client.list_campaigns()] == ["x"]
    mapped = Instance()
    mapped.map_index = 0
    with pytest.raises(Exception, match="launch_key: is empty"):
        unkeyed.execute({"ti": mapped})
