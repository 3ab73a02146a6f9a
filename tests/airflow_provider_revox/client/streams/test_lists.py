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


@pytest.mark.parametrize("piece", [7, 100_000])
def test_a_wanted_campaign_that_comes_twice_makes_no_list(piece):
    with pytest.raises(ValueError, match="a campaign comes twice"):
        scan({"campaigns": [OURS, OTHER, OURS]}, piece)


def test_twenty_thousand_wanted_campaigns_are_read_as_fast_as_any():
    found = scan({"campaigns": [{"id": str(number), "name": "[tag]"} for number in range(20_000)]}, 65_536)
    assert len(found) == 20_000


def test_more_wanted_campaigns_than_may_be_are_not_read():
    scanner = CampaignScanner(lambda name: "[tag]" in name, most=2)
    scanner.feed(json.dumps({"campaigns": [{"id": str(n), "name": "[tag]"} for n in range(9)]}).encode())
    assert scanner.is_broken
    with pytest.raises(ValueError, match="has more than 2 campaigns whose name is wanted"):
        scanner.finish()


def test_an_empty_list_is_a_list():
    assert scan({"campaigns": []}) == []


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b'{"campaigns": [{"id": "b", "name": "y"}', "not JSON"),
        (b'{"campaigns": []} more', "not JSON"),
        (b'{"campaigns": [], "campaigns": []}', "has a member twice"),
        ({}, 'has no list "campaigns"'),
        ({"campaigns": None}, 'has no list "campaigns"'),
        ({"other": {"campaigns": [OURS]}}, 'has no list "campaigns"'),
        ([OURS], 'has no list "campaigns"'),
        ({"campaigns": [1]}, "not an object"),
        ({"campaigns": [[OURS]]}, "not an object"),
        ({"campaigns": [{"id": "a"}]}, "has no name"),
        ({"campaigns": [{"id": "a"}, {"id": "b"}]}, "has no name"),
        ({"campaigns": [OURS], "has_more": True}, "more pages"),
        ({"next": "/campaigns?page=2", "campaigns": [OURS]}, "more pages"),
    ],
)
def test_from_what_is_no_whole_list_nothing_follows(body, problem):
    with pytest.raises(ValueError, match=problem):
        scan(body)


DEEP = "[" * 50_000 + "]" * 50_000
OTHERS = [
    '"name": "x", "count": 9223372036854775808',
    '"name": "x", "count": -18446744073709551617, "row_stats": {"total": 1e400, "pending": -1E999}',
    f'"name": "x", "count": {"9" * 5000}, "share": 0.{"9" * 5000}',
    f'"name": "x", "count": {"9" * 400}, "row_stats": {{"not_launched": {2**63}}}',
    r'"name": "x \ud800"',
    r'"name": "\udc00\ud800 x", "\udfff": "\ud800", "assistant": {"prompt": "\ud83d"}',
    '"name": "x", "count": NaN, "share": [Infinity, -Infinity]',
    '"name": "x", "prompt": "a\nb\tc\u0001"',
    '"name": "x", "name": "y", "id": 7',
    '"name": null',
    '"name": 7',
    '"name": {"first": "x"}',
    '"title": "x"',
    '"name": ""',
    '"name": "x", "id": null, "status": 1, "row_stats": "many", "is_cancelled": "no"',
    f'"name": "x", "flow": {DEEP}',
    f'"flow": {DEEP}, "name": "x", "text": "[{{", "more": {DEEP}',
    f'"name": "{"x" * 3_000_000}"',
    '"name": "x", "has_more": true, "next": "/x", "total": 3, "page": 2, "truncated": true, "remaining": 5',
    '"name": "x", "pagination": {"next_cursor": "c", "total": 9}, "links": [{"rel": "next", "href": "/"}]',
]


@pytest.mark.parametrize("piece", [4096, 1 << 16])
@pytest.mark.parametrize("fields", OTHERS, ids=lambda fields: fields[:40])
def test_nothing_in_somebody_elses_campaign_is_in_the_way(fields, piece):
    ours = json.dumps(OURS)
    body = f'{{"campaigns": [{{"id": "b", {fields}}}, {ours}, {{"id": "c", {fields}}}], "total": 3}}'
    assert [campaign["id"] for campaign in scan(body.encode(), piece)] == ["a"]


@pytest.mark.parametrize("name", [b"Zo\xeb", b"\xed\xa0\x80", b"\xff\xfe", b"\xe2\x82"])
def test_a_name_that_is_not_utf_8_is_somebody_elses(name):
    body = b'\xef\xbb\xbf{"campaigns": [{"id": "b", "name": "%s"}, %s]}' % (name, json.dumps(OURS).encode())
    for piece in (1, 100_000):
        assert [campaign["id"] for campaign in scan(body, piece)] == ["a"]


def test_a_name_is_compared_without_halves_of_surrogate_pairs():
    names = []
    scanner = CampaignScanner(lambda name: names.append(name) or True)
    scanner.feed(rb'{"campaigns": [{"id": "a", "name": "Zo\u00eb \ud83d\ude00 \ud800 [tag]"}]}')
    (found,) = scanner.finish()
    assert names == ["Zoë 😀 ? [tag]"] == [found["name"]]


def test_an_own_campaign_that_is_nested_too_deeply_keeps_its_fields():
    body = f'{{"campaigns": [{{"id": "a", "x": {DEEP}, "name": "[tag]", "row_stats": {{"total": 1}}}}]}}'
    assert scan(body.encode(), 1 << 16) == [{"id": "a", "name": "[tag]", "row_stats": {"total": 1}}]


def test_a_long_item_that_is_nested_too_deeply_is_not_looked_through():
    deep = "[" * 400_000
    scanner = CampaignScanner(lambda name: False)
    scanner.feed(f'{{"campaigns": [{{"id": "b", "x": {deep}{deep.replace("[", "]")}}}, '.encode())
    assert scanner.is_broken
    with pytest.raises(ValueError, match="has more than 100 levels"):
        scanner.finish()


def test_a_long_value_is_not_read_again_with_every_piece(monkeypatch):
    attempts = []
    decode = CampaignScanner._decode
    monkeypatch.setattr(CampaignScanner, "_decode", lambda self: attempts.append(1) or decode(self))
    body = {"campaigns": [{"id": "b", "name": "x", "prompt": "x" * 4_000_000}, OURS]}
    assert len(scan(body, 4096)) == 1
    assert len(attempts) < 30


def test_an_item_that_never_ends_is_not_held(monkeypatch):
    monkeypatch.setattr(CampaignScanner, "longest_item", 10_000)
    scanner = CampaignScanner(lambda name: False)
    scanner.feed(b'{"campaigns": [{"name": "')
    for _ in range(1000):
        scanner.feed(b"x" * 1000)
    assert len(scanner._text) + scanner._pending_chars < 50_000
    with pytest.raises(ValueError, match="too long"):
        scanner.finish()


@pytest.mark.parametrize("piece", [1, 100_000])
@pytest.mark.parametrize(
    ("row_stats", "counts"),
    [
        ({"total": 1, "not_launched": 0}, True),
        ({"not_launched": 1}, True),
        ({"not_launched": 2.0}, True),
        ({"not_launched": True}, False),
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
        ({"phone_history": {ADA: KNOWN}, "has_more": True}, "is not the whole list of numbers"),
        ({"meta": {"count": 2}, "phone_history": {ADA: KNOWN}}, "is not the whole list of numbers"),
    ],
)
def test_from_what_is_no_whole_phone_history_nothing_follows(body, problem):
    with pytest.raises(ValueError, match=problem):
        read_history(body, lambda _: True)


@pytest.mark.parametrize("value", [r'"\ud800"', "1e400", str(2**64), "NaN", DEEP, f'"{"x" * 200_000}"'])
def test_nothing_in_somebody_elses_phone_record_is_in_the_way(value):
    record = f'{{"campaigns": [{{"name": {value}}}], "next": 2, "has_more": true, "total": 7}}'
    body = f'{{"phone_history": {{"{BOB}": {record}, "x \\ud800": {record}, "{ADA}": {json.dumps(KNOWN)}}}}}'
    assert read_history(body.encode(), {ADA}.__contains__, 4096) == {ADA: KNOWN}
