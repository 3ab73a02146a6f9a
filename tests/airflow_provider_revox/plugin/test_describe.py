from __future__ import annotations

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_1_PLUS

pytestmark = pytest.mark.skipif(not AIRFLOW_V_3_1_PLUS, reason="the pages need Airflow 3.1")


def shown(*launches):
    """Return what the list shows of a launch, by the XComs of the campaign's tasks."""
    from airflow_provider_revox.plugin.campaigns import Campaign, Recorded
    from airflow_provider_revox.plugin.describe import Standing, listed

    campaign = Campaign("c", "Renewals", "revox_default", None, "2026-11-26T12:00:00Z", (), frozenset())
    now = Standing("running", None, None, None, ())
    recorded = [Recorded({"launch": [value]}) for value in launches]
    return listed(campaign, recorded, now, problem=None, may_change=False)["launch"]


def told(outcome, launched_by_try=1, **more):
    return {"outcome": outcome, "launched_by_try": launched_by_try, **more}


@pytest.mark.parametrize("outcome", ["created_not_launched", "adopted_not_launched"])
def test_a_campaign_that_is_not_launched_is_shown_as_such(outcome):
    assert shown(told(outcome)) == {"outcome": outcome, "launched_by_try": 1, "reason": None}


@pytest.mark.parametrize("outcome", ["launched", "already_launched", "created", "adopted"])
def test_the_task_that_has_launched_it_says_more_than_the_one_that_has_created_it(outcome):
    created = told("created_not_launched", reason="this try created it")
    assert shown(created, told(outcome, 2)) == {"outcome": outcome, "launched_by_try": 2, "reason": None}


def test_an_outcome_that_is_none_of_ours_is_not_shown():
    assert shown(told("not_launched"), told("+14155550100"), "launched", None) is None
