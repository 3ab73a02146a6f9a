from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client.messages import Answer
from airflow_provider_revox.client.models import Campaign, Row
from airflow_provider_revox.opt_outs.calls import Searched, look_of, read_calls
from airflow_provider_revox.phone_numbers.problems import NumberError

ADA, BOB = "+33612345678", "+14155550100"
RUNNING = Campaign(id="c", status="running")
COMPLETED = Campaign(id="c", status="completed")
CANCELLED = Campaign(id="c", status="running", is_cancelled=True)
TRIED = {"status": "error", "dial_error": "no_answer", "answered_at": None, "result": None}
ANSWERED = {"status": "completed", "answered_at": "2026-01-01", "result": "human"}


def call(status, *attempts, **more):
    return {"status": status, "call_attempts": list(attempts), "calls_count": len(attempts), **more}


def look(shown, campaign=RUNNING):
    return look_of(Row.model_validate({"id": "r", "phone_number": ADA, **shown}), campaign)


@pytest.mark.parametrize(
    "status",
    [
        *("not_launched", "queued_for_calling", "initializing", "scheduled", "paused", "retrying"),
        *("unheard_of", None, 7, ["calling"], {"a": 1}),
    ],
)
def test_a_call_is_open_unless_its_status_says_that_it_is_over(status):
    assert look({"call": call(status)}) == "open"
    assert look({"call": call(status)}, COMPLETED) == "open"
    assert look({"call": call(status, TRIED)}) == "open"
    # Nobody launches the calls of a cancelled campaign any more.
    assert look({"call": call(status)}, CANCELLED) == "cancelled"


@pytest.mark.parametrize("status", ["calling", "post_processing"])
@pytest.mark.parametrize("campaign", [RUNNING, COMPLETED, CANCELLED])
@pytest.mark.parametrize("flag", [True, False])
def test_an_attempt_in_progress_goes_on_whatever_was_cancelled(status, campaign, flag):
    assert look({"call": call(status, is_cancelled=flag)}, campaign) == "in_progress"


def test_a_call_with_the_flag_of_a_cancelled_one_is_cancelled():
    assert look({"call": call("cancelled")}) == "cancelled"
    assert look({"call": call("scheduled", is_cancelled=True)}) == "cancelled"
    assert look({"call": call("scheduled", is_cancelled="yes")}) == "open"


@pytest.mark.parametrize(
    ("shown", "seen"),
    [
        (call("completed", ANSWERED), "reached"),
        (call("completed"), "reached"),  # not readable: it may have reached the person
        (call("errored", TRIED, TRIED), "failed"),
        (call("errored", ANSWERED), "reached"),
    ],
)
def test_a_call_that_has_ended_has_reached_the_person_or_not(shown, seen):
    assert look({"call": shown}) == seen


def test_a_row_without_a_call_is_open_until_its_campaign_has_ended():
    for shown in ({"call": None}, {}, {"call": {}}, {"call": "?"}):
        assert look(shown) == "open"
        assert look(shown, CANCELLED) == "cancelled"
    assert look({"call": None}, COMPLETED) == "failed"
    assert look({"call": "?"}, COMPLETED) == "open"  # nobody knows what it is


def test_a_person_is_found_however_their_number_is_written():
    searched = Searched(frozenset({ADA, BOB}))
    for text in (ADA, "+33 6 12 34 56 78", "tel:+33612345678", "0033 6 12 34 56 78", "+33 (0)6 12 34 56 78"):
        assert searched.find([text]) == ADA
    assert searched.find(["+33698765432", BOB]) == BOB
    assert searched.find(["+33698765432"]) is None


@pytest.mark.parametrize(
    "text", ["06 12 34 56 78", 33612345678, "33612345678", "612345678 ext. 4", "345678", "\u0660612345678"]
)
def test_a_number_that_can_not_be_read_and_may_be_theirs_is_noticed(text):
    with pytest.raises(NumberError):
        Searched(frozenset({ADA, BOB})).find([text])


@pytest.mark.parametrize("text", ["n/a", "06 98 76 54 32", "34567", "ask Bob", True, {"a": 1}])
def test_a_number_that_can_not_be_read_and_is_surely_not_theirs_is_ignored(text):
    assert Searched(frozenset({ADA, BOB})).find([text]) is None


def test_a_row_without_any_number_may_be_theirs():
    with pytest.raises(NumberError):
        Searched(frozenset({ADA})).find([])


@given(st.text(alphabet="0123456789 +().-/#x", max_size=25))
def test_a_text_with_the_last_digits_of_a_person_is_never_taken_for_somebody_else_silently(text):
    """However a number is cut and decorated: it is found, or noticed, unless it reads as another number."""
    searched = Searched(frozenset({ADA}))
    digits = "".join(sign for sign in text if sign.isdecimal())
    try:
        found = searched.find([text])
    except NumberError:
        assert text.strip() == "" or ADA[-6:] in digits
    else:
        assert found in (None, ADA)


def test_rows_that_break_off_are_read_again_and_counted_once():
    def shown(index, number):
        return {"id": f"r{index}", "phone_number": number, "call": call("scheduled", id=f"c{index}")}

    rows = [shown(0, ADA), shown(1, "06 12 34 56 78"), *(shown(index, BOB) for index in range(2, 2000))]
    whole = json.dumps({"rows": rows}).encode()

    class Client:
        def send(self, endpoint):
            for body in (whole[: len(whole) // 2], whole):
                read, sink = endpoint.begin_attempt()
                for start in range(0, len(body), 65536):
                    sink.feed(body[start : start + 65536])
            return read(Answer(200, {}, b""))

    found = read_calls(Client(), RUNNING, Searched(frozenset({ADA})))
    assert ([one.row_id for one in found.calls], found.unreadable, found.drift) == (["r0"], 1, None)
    assert ADA not in repr(found)
