from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client.streams.lists import CampaignScanner, HistoryScanner

OURS = {
    "id": "a",
    "name": "x [tag]",
    "created_at": {},
    "row_stats": {"total": 1},
    "assistant": {"name": "[tag]"},
}
OTHER = {"id": "b", "name": "y"}


def scan(body, piece=7):
    scanner = CampaignScanner(lambda name: "[tag]" in name)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    for start in range(0, len(content), piece):
        scanner.feed(content[start : start + piece])
    return scanner.finish()


@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_only_the_wanted_are_kept_and_without_their_assistant(piece):
    body = {"more": [1], "campaigns": [OTHER, OURS, OTHER], "has_more": False, "next": None}
    kept = {name: value for name, value in OURS.items() if name != "assistant"}
    assert scan(body, piece) == [kept]


def test_an_empty_list_is_a_list():
    assert scan({"campaigns": []}) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b'{"campaigns": [{"id": "b", "name": "y"}', "not JSON"),
        (b'{"campaigns": []} more', "not JSON"),
        (b'{"campaigns": [{"name": "\xff"}]}', "not JSON"),
        ({}, 'has no list "campaigns"'),
        ({"campaigns": None}, 'has no list "campaigns"'),
        ({"other": {"campaigns": [OURS]}}, 'has no list "campaigns"'),
        ([OURS], 'has no list "campaigns"'),
        ({"campaigns": [1]}, "no object"),
        ({"campaigns": [[OURS]]}, "no object"),
        ({"campaigns": [{"id": "a"}]}, "has no name"),
        ({"campaigns": [OURS], "has_more": True}, "more pages"),
        ({"next": "/campaigns?page=2", "campaigns": [OURS]}, "more pages"),
    ],
)
def test_from_what_is_no_whole_list_nothing_follows(body, problem):
    with pytest.raises(ValueError, match=problem):
        scan(body)


@pytest.mark.parametrize("piece", [1, 100_000])
@pytest.mark.parametrize(
    ("row_stats", "counts"),
    [
        ({"total": 1, "not_launched": 0}, True),
        ({"not_launched": 1}, True),
        ({"total": 1}, False),
        ({"not_launched": None}, False),
        ({"not_launched": {}}, False),
        (None, False),
        ([], False),
    ],
)
def test_that_any_campaign_counts_calls_that_are_not_launched_is_noted(row_stats, counts, piece):
    scanner = CampaignScanner(lambda name: False)
    body = json.dumps({"campaigns": [OTHER, {**OTHER, "row_stats": row_stats}, OURS]}).encode()
    for start in range(0, len(body), piece):
        scanner.feed(body[start : start + piece])
    assert scanner.finish() == []
    assert scanner.counts_not_launched is counts


# --- phone history ---

ADA, BOB = "+33612345678", "+14155550100"
KNOWN = {"count": 2, "do_not_contact": False, "campaigns": [{"id": "a", "name": "x"}]}


def read_history(body, wanted, piece=7):
    found = {}
    scanner = HistoryScanner(wanted, found.__setitem__)
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    for start in range(0, len(content), piece):
        scanner.feed(content[start : start + piece])
    scanner.finish()
    return found


@pytest.mark.parametrize("piece", [1, 7, 100_000])
def test_of_the_phone_history_only_the_wanted_are_kept(piece):
    body = {"more": {"phone_history": {BOB: 1}}, "phone_history": {ADA: KNOWN, BOB: {}, "+1": KNOWN}}
    assert read_history(body, {ADA, BOB}.__contains__, piece) == {ADA: KNOWN, BOB: {}}


def test_a_phone_history_of_nobody_is_one():
    assert read_history({"phone_history": {}}, lambda _: True) == {}


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not JSON"),
        (b'{"phone_history": {"+33612345678": {"count": 1}', "not JSON"),
        ({}, 'has no object "phone_history"'),
        ({"phone_history": None}, 'has no object "phone_history"'),
        ({"phone_history": [ADA]}, 'has no object "phone_history"'),
    ],
)
def test_from_what_is_no_whole_phone_history_nothing_follows(body, problem):
    with pytest.raises(ValueError, match=problem):
        read_history(body, lambda _: True)
