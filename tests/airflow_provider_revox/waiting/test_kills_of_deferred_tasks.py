"""Deferred tasks that are killed."""

from __future__ import annotations

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import TaskDeferred

from airflow_provider_revox.triggers.revox import CampaignTrigger
from airflow_provider_revox.waiting import killed_triggers, on_kill
from revox_sandbox import SandboxSettings
from tests.airflow_provider_revox.waiting.kills import (
    BY_A_PERSON,
    Instance,
    is_cancelled,
    only_campaign,
    waiting_operator,
)


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


def trigger(campaign_id, *, deadline_in=60.0, map_index=-1, cancel_on_kill=True):
    trigger = CampaignTrigger(
        campaign_id=campaign_id,
        revox_conn_id="revox_default",
        poll_interval=60,
        deadline=time.time() + deadline_in,
        cancel_on_kill=cancel_on_kill,
    )
    trigger.task_instance = SimpleNamespace(
        dag_id="dag", run_id="run", task_id="task", map_index=map_index, try_number=1
    )
    return trigger


@pytest.mark.parametrize("map_index", [-1, 3])
@pytest.mark.parametrize("says", [*BY_A_PERSON, None, "scheduled", "queued", "running"])
async def test_a_person_who_marks_or_clears_a_deferred_task_cancels_its_campaign(
    airflow, config, campaign_id, says, map_index
):
    airflow.says = says
    killed = trigger(campaign_id, map_index=map_index)
    await killed.on_kill()
    assert is_cancelled(config, campaign_id)
    assert airflow.questions == [("dag", "task", ["run"])]


@pytest.mark.parametrize(
    "says",
    ["skipped", "up_for_retry", "removed", "upstream_failed", "new", ConnectionError()],
    ids=str,
)
async def test_a_trigger_that_another_triggerer_took_over_or_that_knows_nothing_leaves_the_campaign(
    airflow, config, campaign_id, logged, says
):
    airflow.says = says
    await trigger(campaign_id).on_kill()
    assert not is_cancelled(config, campaign_id)
    assert f"Campaign {campaign_id} goes on" in logged()


@pytest.mark.parametrize("later_try", [True, False])
async def test_a_deferred_task_that_is_deferred_still_was_cleared_only_if_a_later_try_deferred(
    airflow, config, monkeypatch, later_try
):
    """Otherwise another triggerer has taken the trigger over."""
    airflow.says = "deferred"
    pushed = {}
    monkeypatch.setattr(on_kill, "xcom_of_trigger", lambda ti, key: pushed[key])
    for try_number in (1, 2) if later_try else (1,):
        ti = Instance()
        ti.try_number, ti.xcom_push = try_number, lambda key, value: pushed.update({key: value})
        with pytest.raises(TaskDeferred):
            waiting_operator(deferrable=True).execute({"ti": ti})
    campaign_id = only_campaign(config).id
    await trigger(campaign_id).on_kill()
    assert is_cancelled(config, campaign_id) is later_try


async def test_airflow_cancels_a_killed_trigger_every_second_until_it_has_ended(
    airflow, config, campaign_id, monkeypatch
):
    asked, answer = threading.Event(), threading.Event()

    def slow(dag_id, task_id, run_ids):
        asked.set()
        assert answer.wait(60)
        return {"run": {"task": "failed"}}

    monkeypatch.setattr(killed_triggers, "states_of_task", slow)
    killed = asyncio.create_task(trigger(campaign_id).on_kill())
    assert await asyncio.to_thread(asked.wait, 60)
    for _ in range(8):
        killed.cancel()
        await asyncio.sleep(0)  # it gets each cancel by itself
    assert (killed.cancelling(), killed.done()) == (8, False)
    answer.set()
    await asyncio.wait([killed])
    assert is_cancelled(config, campaign_id)


async def test_a_triggerer_that_airflow_does_not_answer_leaves_the_campaign(
    airflow, config, campaign_id, monkeypatch, logged
):
    monkeypatch.setattr(killed_triggers, "states_of_task", lambda *_: time.sleep(1))
    monkeypatch.setattr(on_kill, "SECONDS_TO_ASK", 0.1)
    await trigger(campaign_id).on_kill()
    assert not is_cancelled(config, campaign_id)
    assert "Airflow did not tell the task's state (TimeoutError)" in logged()


async def test_a_deferred_task_whose_time_is_up_keeps_its_campaign(airflow, config, campaign_id):
    await trigger(campaign_id, deadline_in=-1).on_kill()
    assert not is_cancelled(config, campaign_id)


async def test_a_deferred_task_keeps_its_campaign_if_the_user_wants_it(airflow, config, campaign_id):
    await trigger(campaign_id, cancel_on_kill=False).on_kill()
    assert (airflow.questions, is_cancelled(config, campaign_id)) == ([], False)
