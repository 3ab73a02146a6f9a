from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client.scanner import CampaignScanner

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
