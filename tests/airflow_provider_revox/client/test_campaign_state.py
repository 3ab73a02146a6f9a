"""What the fields of a campaign say about it, and what they don't say."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client import campaign_state
from airflow_provider_revox.client.models import Campaign

WAITING = {"total": 2, "not_launched": 2, "pending": 0}
PART = {"total": 2, "not_launched": 1, "pending": 0, "calling": 0, "retry": 0, "completed": 1}
CALLING = {"total": 2, "not_launched": 0, "pending": 1, "calling": 1}
ENDED = {"total": 2, "not_launched": 0, "pending": 0, "calling": 0, "retry": 0, "completed": 1, "failed": 1}
OF_THE_PAGE = {"total": 2, "pending": 2}


def campaign(status="running", stats=None, is_cancelled=None):
    return Campaign.model_validate(
        {"id": "c", "status": status, "row_stats": stats, "is_cancelled": is_cancelled}
    )


@pytest.mark.parametrize("flag", [True, False, None, "true", 1])
@pytest.mark.parametrize("status", ["draft", "running", "paused", "completed", "cancelled", "canceled", None])
def test_the_flag_or_the_status_says_that_it_is_cancelled_and_then_it_is_nothing_else(status, flag):
    shown = campaign(status, is_cancelled=flag)
    cancelled = flag is True or status in ("cancelled", "canceled")
    assert campaign_state.is_cancelled(shown) is cancelled
    assert campaign_state.is_done(shown) is (cancelled or status == "completed")
    assert campaign_state.is_paused(shown) is (status == "paused" and not cancelled)
    assert campaign_state.is_running(shown) is (status == "running" and not cancelled)
    assert campaign_state.state_in_a_word(shown) == ("cancelled" if cancelled else status or "unknown")


@pytest.mark.parametrize("is_cancelled", [True, False, None])
@pytest.mark.parametrize(
    ("status", "completed", "paused_or_completed", "launched"),
    [
        ("running", False, False, True),
        ("paused", False, True, True),
        ("completed", True, True, True),
        ("draft", False, False, False),
        ("cancelled", False, False, False),
        (None, False, False, False),
    ],
)
def test_what_the_status_says_alone(status, is_cancelled, completed, paused_or_completed, launched):
    shown = campaign(status, is_cancelled=is_cancelled)
    assert campaign_state.says_completed(shown) is completed
    assert campaign_state.says_paused_or_completed(shown) is paused_or_completed
    assert campaign_state.says_launched(shown) is launched


@pytest.mark.parametrize("status", ["on hold", "", "+33612345678", "running\nINFO"])
def test_a_status_that_is_no_word_is_not_shown(status):
    assert campaign_state.state_in_a_word(campaign(status)) == "unknown"


@pytest.mark.parametrize(
    ("shown", "untouched", "to_launch", "may_have_called", "shows_launched"),
    [
        (campaign("draft"), True, True, False, True),
        (campaign("draft", OF_THE_PAGE), True, True, False, True),
        (campaign(), False, False, True, False),
        (campaign(stats={}), False, False, False, False),
        (campaign(stats=WAITING), True, True, False, True),
        (campaign(stats={"not_launched": 2}), True, True, False, True),
        (campaign(stats={"not_launched": 1, "failed": 1}), False, True, True, True),
        (campaign(stats=PART), False, True, True, True),
        (campaign(stats=CALLING), False, False, True, True),
        (campaign(stats=ENDED), False, False, True, True),
        (campaign(stats=OF_THE_PAGE), False, False, False, True),
        (campaign(stats={"total": 2, "pending": 1}), False, False, False, False),
        (campaign(stats={"total": 0, "not_launched": 0, "pending": 0}), False, False, False, False),
    ],
)
def test_whether_it_is_launched_and_has_called(shown, untouched, to_launch, may_have_called, shows_launched):
    assert campaign_state.is_untouched(shown) is untouched
    assert campaign_state.has_calls_to_launch(shown) is to_launch
    assert campaign_state.may_have_called(shown) is may_have_called
    assert campaign_state.shows_whether_launched(shown) is shows_launched


@pytest.mark.parametrize(
    ("shown", "by_create"),
    [
        (campaign("draft", OF_THE_PAGE), False),
        (campaign(), False),
        (campaign(stats=OF_THE_PAGE), True),
        (campaign(stats=WAITING), False),
        (campaign(stats=CALLING), False),
    ],
)
def test_counts_without_calls_that_are_not_launched_show_that_the_create_has_launched_it(shown, by_create):
    assert campaign_state.is_launched_by_its_create(shown) is by_create


@pytest.mark.parametrize(
    ("stats", "done", "part_done"),
    [
        (None, False, False),
        ({"completed": 2}, False, False),
        (WAITING | {"calling": 0, "retry": 0}, True, False),
        (PART, True, True),
        (PART | {"calling": 1, "completed": 0}, False, False),
        ({"total": 2, "not_launched": 1, "completed": 1}, False, False),
        (ENDED, True, False),
        (ENDED | {"failed": 0}, False, False),
        (ENDED | {"failed": 0, "skipped": 1}, True, False),
    ],
)
def test_launched_calls_are_done_only_if_every_count_says_so(stats, done, part_done):
    shown = campaign(stats=stats)
    assert campaign_state.launched_calls_are_done(shown) is done
    assert campaign_state.launched_part_is_done(shown) is part_done


@pytest.mark.parametrize(
    ("stats", "cancelled", "may_change"),
    [
        (None, False, 0),
        ({"calling": 1, "pending": 2, "retry": 4}, False, 7),
        ({"calling": 1, "pending": 2, "retry": 4}, True, 1),
        ({"pending": 2}, True, 0),
        ({"pending": 2}, False, 2),
    ],
)
def test_of_a_cancelled_campaign_only_calls_in_progress_may_change(stats, cancelled, may_change):
    shown = campaign("completed", stats, cancelled)
    assert campaign_state.calls_that_may_change(shown) == may_change
