"""A sensor waits on if Airflow refuses its links, its XComs for the page, or its notes."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowSensorTimeout

from airflow_provider_revox.client.errors import NotFoundError
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.exceptions import RevoxRefusedError
from airflow_provider_revox.sensors import revox as module
from airflow_provider_revox.sensors.revox import CampaignSensor
from airflow_provider_revox.waiting import task as waiting_task

RUNNING = Campaign(id="cmp_1", name="Renewals", status="running", row_stats={"total": 2, "completed": 1})
DONE = Campaign(
    id="cmp_1",
    name="Renewals",
    status="completed",
    is_cancelled=False,
    row_stats={"total": 2, "completed": 2},
)
FINAL = {"total": 2, "completed": 2}


class Airflow:
    """Refuses every XCom and every note, as long as it is away."""

    def __init__(self) -> None:
        self.is_away, self.xcoms = True, {}

    def _answer(self) -> None:
        if self.is_away:
            raise RuntimeError("Ada +33612345678")

    def xcom_push(self, key, value):
        self._answer()
        self.xcoms[key] = value

    def get(self, key):
        self._answer()

    def set(self, key, value):
        self._answer()

    @property
    def context(self):
        ti = SimpleNamespace(
            dag_id="d",
            task_id="t",
            run_id="r",
            map_index=-1,
            try_number=1,
            start_date=datetime.now(UTC),
            xcom_push=self.xcom_push,
        )
        return {"ti": ti, "task_state_store": self}


@pytest.fixture
def airflow():
    return Airflow()


@pytest.fixture
def answers(monkeypatch, revox_sandbox):
    """What Revox says at each poll."""
    left = [RUNNING, RUNNING, DONE]
    monkeypatch.setattr(waiting_task, "poll", lambda *_: left.pop(0))
    monkeypatch.setattr(module, "first_reschedule_date", lambda context: datetime.now(UTC))
    return left


@pytest.mark.parametrize("mode", ["poke", "reschedule"])
def test_a_sensor_waits_on_while_airflow_takes_nothing(airflow, answers, capsys, mode):
    sensor = CampaignSensor(task_id="t", campaign_id="cmp_1", mode=mode)
    pokes = begin(sensor, airflow.context)
    assert not pokes().is_done
    assert not pokes().is_done
    end = pokes()
    assert end.is_done
    assert FINAL.items() <= end.xcom_value.items()
    output = capsys.readouterr().out
    assert "Airflow did not take a link (RuntimeError)" in output
    assert "Ada" not in output


def test_what_was_refused_is_pushed_at_the_next_poll(airflow, answers):
    pokes = begin(CampaignSensor(task_id="t", campaign_id="cmp_1"), airflow.context)
    pokes()
    assert airflow.xcoms == {}
    airflow.is_away = False
    pokes()
    assert airflow.xcoms["campaign"]["name"] == "Renewals"
    assert "_link_CampaignLink" in airflow.xcoms


def test_a_point_that_was_refused_is_recorded_by_the_trigger(airflow, answers):
    sensor = CampaignSensor(task_id="t", campaign_id="cmp_1")
    pokes = begin(sensor, airflow.context)
    pokes()
    assert sensor.trigger_arguments()["last_point"] is None
    airflow.is_away = False
    sensor._wait.progress.note_push(0.0)  # it is due again
    pokes()
    assert sensor.trigger_arguments()["last_point"]["counts"] == {"total": 2, "completed": 1}


def test_nothing_is_shown_of_a_campaign_that_revox_refuses_to_show(airflow, answers):
    airflow.is_away = False
    answers.insert(0, NotFoundError(404, "GET", "/c"))
    with pytest.raises(RevoxRefusedError):
        begin(CampaignSensor(task_id="t", campaign_id="+33612345678"), airflow.context)()
    assert not {"campaign", "_link_CampaignLink"} & set(airflow.xcoms)


@pytest.mark.parametrize("mode", ["poke", "reschedule"])
def test_pushes_that_last_until_the_deadline_leave_the_end_of_the_wait_to_the_sensor(
    airflow, answers, monkeypatch, mode
):
    sensor = CampaignSensor(task_id="t", campaign_id="cmp_1", mode=mode)
    pokes = begin(sensor, airflow.context)
    monkeypatch.setattr(sensor, "show_links", lambda *_: setattr(sensor._wait, "deadline", 0.0))
    # Airflow's own text does not name the campaign, and Airflow does not know on_timeout.
    with pytest.raises(AirflowSensorTimeout, match="Campaign cmp_1 was not completed in time"):
        pokes()
    assert answers == [DONE]


def begin(sensor, context):
    """Begin to wait as ``execute`` does; return what polls once."""
    sensor._told_names = set()
    if sensor.reschedule:
        sensor._begin_rescheduled_wait(context, "cmp_1")
    else:
        sensor.begin_wait(context, "cmp_1", deadline=10**10)
    return lambda: sensor.poke(context)
