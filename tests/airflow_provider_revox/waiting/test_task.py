"""What a trigger sends may be broken, or of another release. The task ends clearly all the same."""

from __future__ import annotations

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_revox.exceptions import CampaignFailedError, CampaignTimeoutError
from airflow_provider_revox.lineage.task import Lineage
from airflow_provider_revox.operators.revox import LaunchCampaignOperator
from airflow_provider_revox.sensors.revox import CampaignSensor

CARRIED = {
    "began": 1.0,
    "lineage": {"files": {"inputs": ["file:///a"], "outputs": []}, "campaign": {"name": "Renewals"}},
    "links": {"_link_CampaignLink": "https://x"},
    "not_launched": 15,
}
EVENT = {"campaign_id": "c1", "state": "succeeded", "summary": "", "row_stats": {"total": 20}, "progress": []}
plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=5), inner, max_size=2),
    max_leaves=4,
)
broken_carried = plain | st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(CARRIED, plain),
        "lineage": plain | st.fixed_dictionaries({"files": plain, "campaign": plain}),
    },
)


def end(event, **options):
    """Return what the task ends with after this event."""
    ti = SimpleNamespace(
        dag_id="d", task_id="t", map_index=-1, start_date=datetime.now(UTC),
        xcom_push=lambda **_: None, xcom_pull=lambda **_: None,
    )  # fmt: skip
    operator = LaunchCampaignOperator(task_id="t", campaign_id="c1", wait_for_completion=True, **options)
    return operator, lambda: operator.execute_complete({"ti": ti}, event)


@given(broken_carried)
@settings(max_examples=60, deadline=None)
def test_whatever_comes_back_the_state_of_the_wait_decides(carried):
    operator, complete = end({**EVENT, "carried": carried})
    assert complete() == "c1"
    assert isinstance(operator.lineage, Lineage)
    assert isinstance(operator.campaign_links, dict)
    sensor = CampaignSensor(task_id="t", campaign_id="c1")
    ti = SimpleNamespace(xcom_push=lambda **_: None)
    sensor.execute_complete({"ti": ti}, {**EVENT, "carried": carried})


@pytest.mark.parametrize("without", [None, *CARRIED])
def test_an_event_of_an_earlier_release_lacks_something(without):
    carried = {name: value for name, value in CARRIED.items() if name != without}
    operator, complete = end({**EVENT, "carried": carried})
    assert complete() == "c1"
    assert (operator.lineage.files.inputs == []) is (without == "lineage")


@pytest.mark.parametrize("left", [None, "15", [], 1.5, True])
def test_a_late_campaign_is_not_cancelled_if_it_is_not_known_which_part_was_launched(left):
    event = {**EVENT, "state": "timed_out", "summary": "late", "carried": {**CARRIED, "not_launched": left}}
    # There is no connection, so a request would end otherwise.
    with pytest.raises(CampaignTimeoutError, match="late"):
        end(event, up_to=5, on_timeout="cancel")[1]()


@given(plain | st.fixed_dictionaries({**dict.fromkeys(EVENT, plain), "carried": broken_carried}))
@settings(max_examples=60, deadline=None)
def test_an_event_that_can_not_be_read_is_a_failure_that_says_so(event):
    with pytest.raises(CampaignFailedError, match=r"an event that the task can't read\. Clear the task"):
        end(event)[1]()


@pytest.mark.parametrize("campaign_id", [None, "", 7, [], {}])
def test_an_event_without_a_campaign_is_no_success(campaign_id):
    with pytest.raises(CampaignFailedError, match="can't read"):
        end({**EVENT, "campaign_id": campaign_id, "carried": CARRIED})[1]()
