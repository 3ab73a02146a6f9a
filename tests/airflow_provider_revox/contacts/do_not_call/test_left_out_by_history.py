from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import MalformedAnswerError
from airflow_provider_revox.contacts.do_not_call.history_options import HistoryRules
from airflow_provider_revox.contacts.do_not_call.left_out_by_history import HistoryReader

ADA, BOB = "+33612345678", "+14155550100"
NOW = 1_800_000_000.0
HOUR_AGO = "2027-01-15T07:00:00.000Z"
BOTH = HistoryRules(None, 7200)


def left_out(history, rules, *, numbers=(ADA,)):
    """Read records as they come; those that are not needed are not taken."""
    reader = HistoryReader(set(numbers), rules, now=NOW)
    take = reader.begin_attempt()
    for key, record in history:
        if reader.needs(key):
            take(key, record)
    return reader.left_out()


def known(**record):
    return {"do_not_contact": False, **record}


@pytest.mark.parametrize(
    ("rules", "record", "reasons"),
    [
        (HistoryRules(), {"do_not_contact": True}, ["do_not_contact"]),
        (HistoryRules(True), {"do_not_contact": True}, ["do_not_contact"]),
        (HistoryRules(), {"last_outcome": "do_not_contact"}, ["do_not_contact"]),
        (HistoryRules(), {"last_outcome": "ai_averse"}, []),
        (HistoryRules(), {"last_called_at": HOUR_AGO}, []),
        (HistoryRules(False, 7200), {"do_not_contact": True, "last_called_at": None}, []),
        (HistoryRules(False, 7200), {"do_not_contact": None, "last_called_at": None}, []),
        (BOTH, {"do_not_contact": True, "last_called_at": HOUR_AGO}, ["do_not_contact"]),
        (BOTH, {"last_called_at": HOUR_AGO}, ["called_recently"]),
        (BOTH, {"last_called_at": NOW * 1000 - 1}, ["called_recently"]),
        (BOTH, {"last_called_at": "2030-01-01T00:00:00Z"}, ["called_recently"]),
        (HistoryRules(None, 3600), {"last_called_at": HOUR_AGO}, []),
        (BOTH, {"last_called_at": None}, []),
    ],
)
def test_who_is_left_out(rules, record, reasons):
    assert list(left_out([(ADA, known(**record))], rules).values()) == reasons


@pytest.mark.parametrize(
    ("rules", "record"),
    [
        (HistoryRules(), {"do_not_contact": None}),
        (HistoryRules(), {"do_not_contact": "no"}),
        (BOTH, {}),
        (BOTH, {"last_called_at": "last Monday"}),
        (BOTH, {"last_called_at": {}}),
    ],
)
def test_a_record_that_does_not_say_what_is_asked_stops_the_launch_without_telling_of_whom(rules, record):
    with pytest.raises(MalformedAnswerError) as caught:
        left_out([(ADA, known(**record))], rules)
    assert "it does not say whether 1 contact may be called" in str(caught.value)
    assert ADA not in repr(caught.value) + str(caught.value)
    assert caught.value.transient


@pytest.mark.parametrize(
    "key", [ADA, "+33 6 12 34 56 78", "0033612345678", "+330612345678", "tel:+33612345678"]
)
def test_a_number_is_itself_however_the_history_writes_it(key):
    assert left_out([(key, known(do_not_contact=True))], BOTH) == {ADA: "do_not_contact"}


def test_of_one_person_in_two_ways_of_writing_any_no_counts():
    no, lately, yes = known(do_not_contact=True, last_called_at=None), known(last_called_at=HOUR_AGO), known()
    for records in ([no, lately], [lately, no], [no, known(last_called_at=None)]):
        history = zip((ADA, "+33 6 12 34 56 78"), records, strict=True)
        assert left_out(history, BOTH) == {ADA: "do_not_contact"}
    assert left_out([(ADA, yes), ("0033612345678", no)], HistoryRules()) == {ADA: "do_not_contact"}


UNREADABLE = ["", "anonymous", "0612345678", "33612345678", "+999123"]


@pytest.mark.parametrize("key", UNREADABLE)
@pytest.mark.parametrize("record", [{"do_not_contact": True}, {"do_not_contact": None}, {}, 7])
def test_somebody_who_may_want_no_calls_and_cannot_be_told_stops_the_launch(key, record):
    with pytest.raises(MalformedAnswerError, match="1 of its numbers can't be read") as caught:
        left_out([(key, record)], HistoryRules())
    assert not key or key not in repr(caught.value) + str(caught.value)
    assert left_out([(key, record)], HistoryRules(False, 7200)) == {}


@pytest.mark.parametrize("key", UNREADABLE)
def test_whoever_cannot_be_told_and_did_not_refuse_calls_is_not_in_the_way(key):
    assert left_out([(key, known(last_called_at=HOUR_AGO)), (ADA, known(last_called_at=None))], BOTH) == {}


def test_nobody_else_counts_and_who_is_not_there_is_called():
    history = [(BOB, {"do_not_contact": True}), ("+4930901820", 7)]
    assert left_out(history, BOTH) == {}


def test_an_attempt_that_broke_off_does_not_count():
    reader = HistoryReader({ADA, BOB}, HistoryRules(), now=NOW)
    first = reader.begin_attempt()
    for key, record in ((ADA, known(do_not_contact=True)), (BOB, 7), ("anonymous", 7)):
        first(key, record)
    reader.begin_attempt()(BOB, known(do_not_contact=True))
    assert reader.left_out() == {BOB: "do_not_contact"}
