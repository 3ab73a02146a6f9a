from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.opt_outs.account import OUTCOMES, Account
from airflow_provider_revox.opt_outs.calls import Call

ADA, BOB = "+33612345678", "+14155550100"
LOOKS = ["open", "in_progress", "cancelled", "reached", "failed"]


def account_of(*looks, given=1):
    account = Account(given)
    for look in looks:
        account.note("c", [Call("r", ADA, "x", look)])
    return account


@pytest.mark.parametrize(
    ("looks", "outcome"),
    [
        (["open", "cancelled"], "cancelled"),
        (["open", "open", "cancelled"], "cancelled"),
        (["open", "in_progress", "cancelled"], "in_progress"),
        (["open", "reached"], "in_progress"),
        (["open", "failed"], "in_progress"),
        (["in_progress", "cancelled"], "in_progress"),
        (["in_progress", "in_progress", "reached"], "in_progress"),
        (["cancelled"], "already_cancelled"),
        (["reached"], "already_reached"),
        (["failed"], "already_failed"),
        (["in_progress", "open"], "open"),
    ],
)
def test_a_person_is_counted_by_what_became_of_the_call(looks, outcome):
    counts = account_of(*looks).counts()
    assert counts == {"found": 1, **dict.fromkeys(OUTCOMES, 0), outcome: 1}


def test_somebody_with_several_calls_counts_once():
    account = Account(3)
    account.note("one", [Call("r1", ADA, "x1", "open"), Call("r2", ADA, "x2", "reached")])
    account.note("one", [Call("r1", ADA, "x1", "cancelled"), Call("r2", ADA, "x2", "reached")])
    account.note("two", [Call("r1", ADA, "x3", "failed"), Call("r2", BOB, "x4", "cancelled")])
    assert account.to_dict() == {
        "ended_campaigns": 0, "given": 3, "found": 2, "in_progress": 0, "cancelled": 1, "already_reached": 0,
        "already_cancelled": 1, "already_failed": 0, "not_found": 1,
    }  # fmt: skip
    assert account.counts("two")["already_failed"] == 1
    assert account.counts("three")["found"] == 0
    assert str(account) == "3 given: 1 cancelled, 1 already cancelled, 1 not found"


@given(
    st.lists(
        st.tuples(
            st.sampled_from("ab"),
            st.sampled_from(["r1", "r2", "r3"]),
            st.sampled_from(LOOKS),
        ),
        max_size=12,
    )
)
def test_every_person_is_accounted_for_once(noted):
    people = {"r1": ADA, "r2": BOB, "r3": ADA}
    account = Account(5)
    for campaign_id, row_id, look in noted:
        account.note(campaign_id, [Call(row_id, people[row_id], "x", look)])
    counts = account.counts()
    assert counts["found"] == sum(counts[outcome] for outcome in OUTCOMES)
    assert counts["found"] == len({people[row_id] for _, row_id, _ in noted})
    told = account.to_dict()
    assert told["given"] == told["not_found"] + told["found"]
    for campaign_id, number in itertools.product("ab", (ADA, BOB)):
        assert number not in str(account.counts(campaign_id)) + str(account)
