"""The example ``hubspot_sync`` when runs are late, fail or are cleared, and with many contacts."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException

from dev.hubspot import CONTACTS
from revox_sandbox import Fault
from tests.dags.sync_world import DAYS, FIRST_MORNING, SUCCESS, check_each_is_called_and_told_once

pytestmark = pytest.mark.matrix


def test_a_catch_up_run_calls_nobody_about_last_week(world):
    for _ in world.days():
        pass
    world.now = world.end_of(DAYS - 1) + timedelta(days=2)
    assert [world.run(day)["list_contacts"] for day in range(DAYS - 1)] == ["skipped"] * (DAYS - 1)
    assert world.hubspot.requests == []
    assert world.sandbox.requests() == []
    assert world.run(DAYS - 1) == SUCCESS  # that is not too late yet
    assert set(world.sandbox.calls_per_person()) == set(world.crm.wanted.values())


def test_a_run_without_a_data_interval_calls_nobody(world):
    list_contacts = world.example.hubspot_sync().get_task("list_contacts").python_callable
    with pytest.raises(AirflowSkipException):
        list_contacts()
    assert world.hubspot.requests == []


def test_a_list_that_became_old_before_the_call_makes_the_run_red(world):
    next(world.days())
    xcoms = {}
    world.deaths = [("call", "before")] * 4
    assert world.run(0, xcoms=xcoms)["call"] == "failed"
    world.now += timedelta(days=3)
    assert world.run(0, xcoms=xcoms, first="call")["call"] == "failed"
    assert world.sandbox.requests() == []


def test_a_run_that_failed_and_is_cleared_calls_nobody_whom_a_later_run_has_called(world):
    xcoms = {}
    for day in world.days():
        if day == 0:
            world.deaths = [("call", "before")] * 4
            assert world.run(day, xcoms=xcoms)["call"] == "failed"
        else:
            assert world.run(day) == SUCCESS
        if day == 1:  # all of them have changed since
            assert world.run(0, xcoms=xcoms, first="call")["call"] == "skipped"
    check_each_is_called_and_told_once(world.crm, world.sandbox)


def test_a_run_that_failed_after_the_launch_and_is_cleared_tells_the_outcome(world):
    xcoms = {}
    for day in world.days():
        if day == 0:
            world.deaths = [("wait", "before")] * 4
            assert world.run(day, xcoms=xcoms)["wait"] == "failed"
        else:
            assert world.run(day) == SUCCESS
        if day == 1:
            assert set(world.run(0, xcoms=xcoms, first="wait").values()) == {"success"}
    check_each_is_called_and_told_once(world.crm, world.sandbox)


def test_a_second_run_of_an_interval_calls_nobody_again(world):
    for day in world.days():
        assert world.run(day) == SUCCESS
        assert world.run(day) == SUCCESS
    check_each_is_called_and_told_once(world.crm, world.sandbox)


def test_who_was_deleted_or_opted_out_or_is_claimed_since_the_list_was_made_is_not_called(world):
    next(world.days())
    xcoms = {}
    world.deaths = [("call", "before")] * 4
    world.run(0, xcoms=xcoms)
    first, second, third = world.crm.wanted
    del world.hubspot.contacts[first]
    world.hubspot.change(second, revox_do_not_call="true")
    assert set(world.run(0, xcoms=xcoms, first="call").values()) == {"success"}
    assert set(world.sandbox.calls_per_person()) == {world.crm.wanted[third]}
    assert world.hubspot.contacts[second].history_of("revox_run") == []


def test_who_asks_again_is_called_again_and_keeps_the_newer_outcome(world):
    days = world.days()
    xcoms = {}
    next(days)
    assert world.run(0, xcoms=xcoms) == SUCCESS
    (person, *_) = world.crm.wanted
    world.hubspot.change(person, revox_run="", revox_outcome="")
    next(days)
    assert world.run(1) == SUCCESS
    assert world.sandbox.calls_per_person()[world.crm.wanted[person]] == 2
    newer = list(world.hubspot.contacts[person].history)
    assert world.run(0, xcoms=xcoms, first="results")["write_back"] == "success"
    assert world.hubspot.contacts[person].history == newer
    assert xcoms["write_back"] == {"written": 2, "deleted_or_called_again": 1}


def test_a_contact_that_hubspots_search_showed_late_is_called_by_the_next_run(world):
    world.now = world.end_of(0) - timedelta(minutes=9)
    world.hubspot.add(phone="+14155550100", revox_call_requested="true")
    world.now = world.end_of(1)
    assert world.run(1) == SUCCESS
    assert world.sandbox.calls_per_person() == {"+14155550100": 1}


def listed(world, people):
    """Ask for calls of many people; return the function that lists them."""
    for person in range(people):
        world.hubspot.add(phone=f"+1415555{person:04}", revox_call_requested="true")
    return lambda: [one["id"] for one in world.example.find_contacts(FIRST_MORNING)]


def test_more_contacts_than_one_search_has_are_read(world):
    find = listed(world, 650)  # in this HubSpot, a search has 500 results at most
    assert find() == [str(id_) for id_ in sorted(world.hubspot.contacts)]
    assert world.pauses.taken == [0.25] * 4


def test_contacts_whose_ids_are_not_in_the_order_of_their_creation_are_read(world):
    find = listed(world, 250)
    world.hubspot.contacts = dict(reversed(world.hubspot.contacts.items()))
    assert find() == [str(id_) for id_ in sorted(world.hubspot.contacts)]


def test_contacts_for_whom_nobody_asks_are_not_read(world):
    for _ in range(250):
        world.hubspot.add(phone="+14155550100", revox_call_requested="false")
    assert list(world.example.find_contacts(FIRST_MORNING)) == []
    assert [path for path, _ in world.hubspot.requests] == ["search"]


def test_contacts_that_change_while_pages_are_read_move_nobody_out_of_sight(world):
    find = listed(world, 450)
    read, gone, unread = 101, 301, 550

    def before_request(path):
        if len(world.hubspot.requests) == 1:
            world.hubspot.change(read, revox_run="another run")  # leaves the results: others move up
            world.hubspot.change(gone, revox_call_requested="false")
            world.hubspot.change(unread, firstname="Ada")

    world.hubspot.before_request = before_request
    assert find() == [str(id_) for id_ in sorted(world.hubspot.contacts) if id_ != gone]


def test_more_contacts_than_a_batch_takes_are_claimed_called_and_told(world):
    listed(world, 250)
    xcoms = {}
    assert world.run(0, xcoms=xcoms) == SUCCESS
    assert xcoms["write_back"] == {"written": 250, "deleted_or_called_again": 0}
    assert set(world.sandbox.calls_per_person().values()) == {1}
    assert len(world.sandbox.calls_per_person()) == 250


def test_a_refusal_of_hubspots_makes_the_task_red_and_nobody_is_called(world):
    next(world.days())
    world.hubspot.faults.add(Fault(kind="status", status=400, path=f"{CONTACTS}/batch/update", times=None))
    assert world.run(0)["call"] == "failed"
    assert world.sandbox.calls_per_person() == {}


def test_the_rate_limit_is_obeyed(world):
    next(world.days())
    world.hubspot.faults.add(
        Fault(kind="status", status=429, retry_after=7, path=f"{CONTACTS}/search"),
        Fault(kind="status", status=429, retry_after=11, path=f"{CONTACTS}/batch/update"),
    )
    assert world.run(0) == SUCCESS
    assert world.pauses_of_the_adapter.taken == [7, 11]


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_request_that_fails_again_and_again_waits_longer_each_time(world, status):
    next(world.days())
    world.hubspot.faults.add(Fault(kind="status", status=status, path=f"{CONTACTS}/search", times=3))
    assert world.run(0) == SUCCESS
    assert world.pauses_of_the_adapter.taken == [2, 4]


def test_no_number_is_in_an_xcom_or_in_the_log(world, capfd, caplog):
    next(world.days())
    quoted = {"message": "+14155550000 is not valid"}
    xcoms = {}
    world.hubspot.faults.add(Fault(kind="status", status=400, body=quoted))
    assert world.run(0, xcoms=xcoms) == SUCCESS
    captured = capfd.readouterr()
    logged = captured.out + captured.err + caplog.text
    assert "3 contacts" in logged
    for text in (logged, str(xcoms)):
        assert not re.findall(r"415.?.?555", text)


def test_who_is_claimed_is_not_even_listed(world):
    for day in world.days():
        assert world.run(day) == SUCCESS
        assert list(world.example.find_contacts(FIRST_MORNING)) == [
            {"id": str(id_), "phone": "12", "first_name": None}
            for id_, contact in world.hubspot.contacts.items()
            if contact.value("phone") == "12"  # a number that nobody can call is listed, and skipped
        ]
