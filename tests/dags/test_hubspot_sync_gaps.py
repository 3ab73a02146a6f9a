"""The example ``hubspot_sync`` when runs are missed, overlap or are repeated, and HubSpot answers in part."""

from __future__ import annotations

import json
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException

from dev.hubspot import Contact
from revox_sandbox import Fault
from tests.dags.sync_world import DAYS, FIRST_MORNING, SUCCESS, TASKS

pytestmark = pytest.mark.matrix

ADA, BOB = "+14155550100", "+14155550101"


@pytest.fixture
def ask(world):
    """Return a function that adds a contact who wants a call, some hours before a run."""

    def ask(phone, day=0, **properties):
        world.now = world.end_of(day) - timedelta(hours=10)
        contact = world.hubspot.add(phone=phone, revox_call_requested="true", **properties)
        world.now = world.end_of(day) + timedelta(minutes=1)
        return contact

    return ask


@pytest.fixture
def run(world):
    """Return a function that runs an interval some hours after its end."""

    def run(day, hours=0.1, **options):
        world.now = world.end_of(day) + timedelta(hours=hours)
        return world.run(day, **options)

    return run


def claims(world):
    return [contact.value("revox_run") for contact in world.hubspot.contacts.values()]


@pytest.mark.parametrize("hours", [0.1, 47])
def test_who_asked_in_an_interval_without_a_run_is_called_by_the_next_run(world, ask, run, hours):
    ask(ADA, day=1)
    assert run(2, hours) == SUCCESS  # with catchup=False, Airflow leaves out intervals that passed meanwhile
    assert run(3, hours)["list_contacts"] == "skipped"
    assert world.sandbox.calls_per_person() == {ADA: 1}


@pytest.mark.parametrize(("minutes", "people"), [(-1, 1), (0, 1), (1, 0)])
def test_a_run_looks_back_two_days_and_as_long_as_a_change_needs_into_the_search(world, run, minutes, people):
    world.now = world.end_of(3) - timedelta(days=2, minutes=10 + minutes)
    world.hubspot.add(phone=ADA, revox_call_requested="true")
    assert run(3)["list_contacts"] == ("success" if people else "skipped")
    assert world.sandbox.calls_per_person() == dict.fromkeys([ADA][:people], 1)


@pytest.mark.parametrize(
    "spelling",
    [
        ADA,
        "(415) 555-0100",
        "+1 415-555-0100",
        "4155550100",
        "4155550100.0",
        "p:+14155550100",
        "tel:+1-415-555-0100",
    ],
)
def test_two_contacts_with_one_number_are_called_once_and_both_told(world, ask, run, spelling):
    contacts = [world.hubspot.contacts[ask(phone)] for phone in (ADA, spelling)]
    assert run(0) == SUCCESS
    for day in range(1, DAYS):
        for contact in contacts:
            world.hubspot.change(contact.id, lastname=f"Lovelace {day}")
        assert run(day)["list_contacts"] == "skipped"
    assert world.sandbox.calls_per_person() == {ADA: 1}
    assert [contact.value("revox_outcome") for contact in contacts] == ["human", "human"]


@pytest.mark.parametrize("spelling", ["+14155550100 ext. 5", "(415) 555-0100 x5", "+14155550100;ext=5"])
def test_a_contact_whose_number_can_not_be_called_leaves_no_other_contact_out(world, ask, run, spelling):
    ask(spelling)
    ada = world.hubspot.contacts[ask(ADA)]
    assert run(0) == SUCCESS
    assert world.sandbox.calls_per_person() == {ADA: 1}
    assert ada.value("revox_outcome") == "human"
    assert claims(world)[0] is None


def test_who_was_not_called_is_told_so(world, ask, run):
    ada = world.hubspot.contacts[ask(ADA)]
    xcoms = {}
    assert run(0, xcoms=xcoms) == SUCCESS
    world.hubspot.change(ada.id, revox_outcome="", revox_ended_at="")
    path = Path(xcoms["results"]["path"])
    (row,) = map(json.loads, path.read_text().splitlines())
    path.write_text(json.dumps(row | dict.fromkeys(("outcome", "result", "status", "ended_at"))))
    assert run(0, first="write_back")["write_back"] == "success"
    assert (ada.value("revox_outcome"), ada.value("revox_ended_at")) == ("not_called", None)


def test_who_must_be_called_again_is_left_to_the_next_interval_by_a_second_run(world, ask, run):
    ada = ask(ADA)
    ask(BOB)
    assert run(0) == SUCCESS
    world.hubspot.change(ada, revox_run="", revox_outcome="", revox_ended_at="")
    assert run(0, 3) == SUCCESS
    assert world.hubspot.contacts[ada].value("revox_run") is None
    assert run(1) == SUCCESS
    assert world.sandbox.calls_per_person() == {ADA: 2, BOB: 1}


def test_who_takes_the_request_back_and_asks_again_is_left_to_the_next_interval(world, ask, run):
    ask(ADA)
    bob = ask(BOB)
    xcoms = {}
    world.deaths = [("call", "before")] * 4
    assert run(0, xcoms=xcoms)["call"] == "failed"
    world.hubspot.change(bob, revox_call_requested="false")
    assert set(run(0, xcoms=xcoms, first="call").values()) == {"success"}
    world.hubspot.change(bob, revox_call_requested="true")
    assert run(0, 3) == SUCCESS
    assert run(1) == SUCCESS
    assert world.sandbox.calls_per_person() == {ADA: 1, BOB: 1}


@pytest.mark.parametrize("word", ["true", "True", "yes", "1", "unknown"])
def test_an_opt_out_counts_in_whatever_word_it_is_written(world, ask, run, word):
    ask(ADA)
    ask(BOB, revox_do_not_call=word)
    assert run(0) == SUCCESS
    assert world.sandbox.calls_per_person() == {ADA: 1}


def claim_without_a_launch(world, run):
    """Run the sync until Revox refuses the campaign; return the XComs for the tasks that run again."""
    xcoms = {}
    world.sandbox.faults.add(Fault(kind="status", status=422, method="POST", path="/campaigns"))
    assert run(0, xcoms=xcoms)["call"] == "failed"
    return xcoms


@pytest.mark.parametrize("change", [{"revox_do_not_call": "true"}, {"revox_call_requested": "false"}])
def test_who_opts_out_between_the_claim_and_the_launch_is_not_called(world, ask, run, change):
    ask(ADA)
    bob = ask(BOB)
    xcoms = claim_without_a_launch(world, run)
    assert None not in claims(world)
    world.hubspot.change(bob, **change)
    assert set(run(0, xcoms=xcoms, first="call").values()) == {"success"}
    assert world.sandbox.calls_per_person() == {ADA: 1}


def test_who_is_deleted_between_the_claim_and_the_launch_is_not_called(world, ask, run):
    ask(ADA)
    bob = ask(BOB)
    xcoms = claim_without_a_launch(world, run)
    del world.hubspot.contacts[bob]
    assert set(run(0, xcoms=xcoms, first="call").values()) == {"success"}
    assert world.sandbox.calls_per_person() == {ADA: 1}


def test_who_is_given_back_between_the_claim_and_the_launch_is_called_by_the_next_run_alone(world, ask, run):
    ask(ADA)
    bob = ask(BOB)
    xcoms = claim_without_a_launch(world, run)
    world.hubspot.change(bob, revox_run="")
    assert set(run(0, xcoms=xcoms, first="call").values()) == {"success"}
    assert world.sandbox.calls_per_person() == {ADA: 1}
    assert run(1) == SUCCESS
    assert world.sandbox.calls_per_person() == {ADA: 1, BOB: 1}


def test_who_opted_out_is_in_no_list(world, ask, run):
    ask(ADA, revox_do_not_call="true")
    assert run(0)["list_contacts"] == "skipped"


def test_a_contact_that_was_merged_into_another_one_is_left_out(world, ask, run):
    ask(ADA)
    bob = str(ask(BOB))
    xcoms = {}
    world.deaths = [("call", "before")] * 4
    assert run(0, xcoms=xcoms)["call"] == "failed"
    read = world.hubspot._read

    def merged(body):
        status, answer, headers = read(body)
        results = [one | {"id": "999"} if one["id"] == bob else one for one in answer["results"]]
        return status, {**answer, "results": results}, headers

    world.hubspot._read = merged
    assert set(run(0, xcoms=xcoms, first="call").values()) == {"success"}
    assert world.sandbox.calls_per_person() == {ADA: 1}


def test_a_number_is_not_called_if_one_of_its_contacts_opts_out_before_the_launch(world, ask, run):
    ask(ADA)
    second = ask(ADA)
    ask(BOB)
    xcoms = claim_without_a_launch(world, run)
    world.hubspot.change(second, revox_do_not_call="true")
    assert set(run(0, xcoms=xcoms, first="call").values()) == {"success"}
    assert world.sandbox.calls_per_person() == {BOB: 1}


def test_a_number_that_is_corrected_between_list_and_call_is_called_and_the_old_one_is_not(world, ask, run):
    ada = ask(ADA)
    xcoms = {}
    world.deaths = [("call", "before")] * 4
    assert run(0, xcoms=xcoms)["call"] == "failed"
    world.hubspot.change(ada, phone=BOB)
    assert set(run(0, xcoms=xcoms, first="call").values()) == {"success"}
    assert world.sandbox.calls_per_person() == {BOB: 1}


@pytest.mark.parametrize(
    "change", [{"phone": "+14155550199"}, {"phone": "12"}, {"revox_call_requested": "false"}], ids=str
)
def test_who_changes_after_a_launch_whose_task_failed_is_called_once_and_told(world, ask, run, change):
    ask(ADA)
    bob = ask(BOB)
    xcoms = {}
    world.deaths = [("call", "after")] * 4
    assert run(0, xcoms=xcoms)["call"] == "failed"
    world.hubspot.change(bob, **change)
    assert set(run(0, xcoms=xcoms, first="call").values()) == {"success"}
    world.hubspot.change(bob, phone=BOB, revox_call_requested="true")
    for day in range(1, DAYS):
        assert run(day)["list_contacts"] == "skipped"
    assert world.sandbox.calls_per_person() == {ADA: 1, BOB: 1}
    assert world.hubspot.contacts[bob].history_of("revox_outcome") == ["human"]


def test_a_number_that_becomes_wrong_between_list_and_call_is_not_claimed(world, ask, run):
    ask(ADA)
    bob = ask(BOB)
    xcoms = {}
    world.deaths = [("call", "before")] * 4
    assert run(0, xcoms=xcoms)["call"] == "failed"
    world.hubspot.change(bob, phone="12")
    assert set(run(0, xcoms=xcoms, first="call").values()) == {"success"}
    assert world.hubspot.contacts[bob].value("revox_run") is None
    world.hubspot.change(bob, phone=BOB)
    assert run(1) == SUCCESS
    assert world.sandbox.calls_per_person() == {ADA: 1, BOB: 1}


def test_each_task_waits_for_the_one_before_it(world):
    dag = world.example.hubspot_sync()
    for first, second in pairwise(TASKS):
        assert second in dag.get_task(first).downstream_task_ids


def test_runs_follow_each_other_and_missed_ones_are_left_out(world):
    dag = world.example.hubspot_sync()
    assert (dag.catchup, dag.max_active_runs) == (False, 1)
    assert dag.get_task("wait").deferrable
    # A schedule of text makes runs without a data interval in Airflow 3, and such runs call nobody.
    assert type(dag.schedule).__name__ == "CronDataIntervalTimetable"


def test_the_calling_hours_are_those_of_the_zone_in_which_the_dag_runs(world):
    dag = world.example.hubspot_sync()
    retry = dag.get_task("call").call_retry_config
    assert retry["timezone"] == str(dag.timezone) == "America/New_York"
    (window,) = retry["calling_windows"]
    hours = window["calling_window_start_time"], window["calling_window_end_time"]
    assert hours == ("09:00", "6pm")


def test_a_scheduled_run_and_a_backfill_never_claim_at_the_same_time(world):
    assert world.example.hubspot_sync().get_task("call").max_active_tis_per_dag == 1


@pytest.mark.parametrize("more", [{}, {"numErrors": 1}, {"errors": [{"category": "RATE_LIMITS"}]}])
@pytest.mark.parametrize("changed", [0, 1])
def test_nobody_is_called_while_hubspot_changes_a_part_of_the_contacts(world, ask, run, changed, more):
    ask(ADA)
    ask(BOB)
    update = world.hubspot._update

    def some(body):
        _, answer, _ = update({"inputs": body["inputs"][:changed]}) if changed else (0, {"results": []}, 0)
        return 207, {**answer, **more}, {}

    world.hubspot._update = some
    assert run(0)["call"] == "failed"
    assert world.sandbox.calls_per_person() == {}
    world.hubspot._update = update
    assert run(0, 1) == SUCCESS
    assert world.sandbox.calls_per_person() == {ADA: 1, BOB: 1}


@pytest.mark.parametrize(
    "error", [{"category": "INTERNAL_ERROR"}, {"category": "RATE_LIMITS", "context": {"ids": ["102"]}}, {}]
)
def test_a_contact_that_hubspot_fails_to_show_is_not_taken_for_deleted(world, ask, run, error):
    ask(ADA)
    ask(BOB)
    read = world.hubspot._read
    failures = [{"category": "OBJECT_NOT_FOUND"}, error]

    def some(body):
        status, answer, headers = read(body)
        if not failures:
            return status, answer, headers
        errors = [failures.pop(), *failures]
        failures.clear()
        return 207, {"status": "COMPLETE", "results": answer["results"][:1], "errors": errors}, {}

    world.hubspot._read = some
    assert run(0) == SUCCESS
    assert world.sandbox.calls_per_person() == {ADA: 1, BOB: 1}


@pytest.mark.parametrize("name", ["revox_do_not_call", "revox_call_requested", "revox_run"])
@pytest.mark.parametrize("first", ["list_contacts", "call"])
def test_nobody_is_called_if_a_property_does_not_exist(world, ask, run, monkeypatch, name, first):
    ask(ADA)
    xcoms = {}
    world.deaths = [("call", "before")] * 4
    assert run(0, xcoms=xcoms)["call"] == "failed"
    # Shown by HubSpot no more. A search for it is refused as well, so only what is shown counts here.
    shown = Contact.shown

    def without(contact, names):
        return shown(contact, [one for one in names if one != name])

    monkeypatch.setattr(Contact, "shown", without)
    assert run(0, 1, xcoms=xcoms, first="call")["call"] == "failed"
    if first == "list_contacts":
        with pytest.raises(AirflowFailException, match=f"have no {name}"):
            list(world.example.find_contacts(FIRST_MORNING))
    assert world.sandbox.calls_per_person() == {}


def test_another_dag_neither_adopts_the_claims_nor_replaces_the_files_of_this_one(world, ask, run):
    ask(ADA)
    xcoms = {}
    assert run(0, xcoms=xcoms) == SUCCESS
    world.dag_id = "copy"
    copied = {"list_contacts": xcoms["list_contacts"]}
    assert run(0, xcoms=copied, first="call")["call"] == "skipped"
    ask(BOB, day=1)
    assert run(1, xcoms=copied) == SUCCESS
    assert world.sandbox.calls_per_person() == {ADA: 1, BOB: 1}
    ends = [world.end_of(day).isoformat() for day in (0, 1)]
    assert claims(world) == [f"hubspot_sync {ends[0]}", f"copy {ends[1]}"]
    files = [Path(one["results"]["path"]).name for one in (xcoms, copied)]
    assert files == ["hubspot_sync_20260602T130000.jsonl", "copy_20260603T130000.jsonl"]


def test_a_list_in_several_files_is_called_as_a_whole(world, ask, run, monkeypatch):
    monkeypatch.setitem(world.example.OPTIONS, "batch_size", 2)
    people = [f"+1415555010{person}" for person in range(5)]
    for phone in people:
        ask(phone)
    xcoms = {}
    assert run(0, xcoms=xcoms) == SUCCESS
    assert len(xcoms["list_contacts"]) == 3
    assert world.sandbox.calls_per_person() == dict.fromkeys(people, 1)


def test_the_log_counts_who_is_left_out(world, ask, run, caplog):
    ask(ADA)
    bob = ask(BOB)
    xcoms = {}
    world.deaths = [("call", "before")] * 4
    assert run(0, xcoms=xcoms)["call"] == "failed"
    world.hubspot.change(bob, revox_do_not_call="true")
    with caplog.at_level("INFO", "airflow.task"):
        run(0, xcoms=xcoms, first="call")
    assert "Contacts on the list that this run leaves out: 1" in caplog.text
