from __future__ import annotations

import csv
import io

import pytest


@pytest.mark.parametrize(
    "query",
    [
        "",
        "page=1",
        "page_size=1",
        "page=0&page_size=1",
        "page=1&page_size=0",
        "page=1&page_size=1001",
        "page=x&page_size=1",
        "page=1.5&page_size=1",
        "page=1&page_size=1&statuses=done",
        "page=1&page_size=1&statuses=completed,",
        "page=1&page_size=1&result=robot",
    ],
)
def test_a_query_that_makes_no_sense_is_refused(http, launch, query):
    answer = http.get(f"/campaigns/{launch()}/rows?{query}")
    assert answer.status_code == 400
    assert answer.json()["message"] == "The query is not valid"
    assert all(
        issue.split(": ")[0] in ("page", "page_size", "statuses", "result")
        for issue in answer.json()["issues"]
    )


@pytest.mark.parametrize(
    ("page", "indices"), [(1, [0, 1, 2]), (2, [3, 4, 5]), (3, [6]), (4, []), (10**9, [])]
)
def test_pages_cover_all_rows(http, launch, page, indices):
    answer = http.get(f"/campaigns/{launch(7)}/rows", params={"page": page, "page_size": 3}).json()
    assert [row["row_index"] for row in answer["rows"]] == indices
    assert (answer["page"], answer["page_size"], answer["total"]) == (page, 3, 7)


def rows(http, campaign_id, **filters):
    answer = http.get(f"/campaigns/{campaign_id}/rows", params={"page": 1, "page_size": 1000, **filters})
    return answer.raise_for_status().json()["rows"]


@pytest.mark.parametrize(
    ("text", "indices"), [("0003", [3]), ("PERSON 4", [4]), ("person", [0, 1, 2, 3, 4]), ("nobody", [])]
)
def test_rows_are_found_by_number_and_by_variable(http, launch, text, indices):
    assert [row["row_index"] for row in rows(http, launch(5), query=text)] == indices


def test_rows_are_found_by_status(http, launch):
    campaign_id = launch(3, max_concurrent_calls=1)
    assert [row["row_index"] for row in rows(http, campaign_id, statuses="calling")] == [0]
    assert [row["row_index"] for row in rows(http, campaign_id, statuses="queued_for_calling")] == [1, 2]
    assert len(rows(http, campaign_id, statuses="calling,queued_for_calling")) == 3


def test_rows_are_found_by_result(http, launch, revox_sandbox):
    campaign_id = launch(40)
    assert len(rows(http, campaign_id, result="none")) == 40
    revox_sandbox.advance(10**6)
    found = {
        result: len(rows(http, campaign_id, result=result))
        for result in ("human", "voicemail", "none", "IVR")
    }
    assert found["human"] > 20
    assert found["IVR"] == 0
    assert sum(found.values()) == len(rows(http, campaign_id, result="all")) == 40


def test_the_future_of_an_attempt_is_not_shown(http, launch):
    for row in rows(http, launch(30)):
        attempt = row["call"]["last_call_attempt"]
        assert attempt["status"] == "ringing"
        assert {attempt[name] for name in ("answered_at", "ended_at", "result", "dial_error")} == {None}
        assert attempt["transcript"] is None


def test_the_latest_attempt_is_the_first(http, launch, revox_sandbox):
    campaign_id = launch(30)
    revox_sandbox.advance(10**6)
    tried_again = [row["call"] for row in rows(http, campaign_id) if row["call"]["calls_count"] > 1]
    assert tried_again
    for call in tried_again:
        starts = [attempt["started_at"] for attempt in call["call_attempts"]]
        assert starts == sorted(starts, reverse=True)
        assert call["last_call_attempt"] == call["call_attempts"][0]


def test_ids_of_rows_and_calls_are_stable_and_unique(http, launch, revox_sandbox):
    campaign_id = launch(20)
    before = [(row["id"], row["call"]["id"]) for row in rows(http, campaign_id)]
    revox_sandbox.advance(10**6)
    assert [(row["id"], row["call"]["id"]) for row in rows(http, campaign_id)] == before
    assert len({text for pair in before for text in pair}) == 40


def test_the_export_has_a_line_for_every_row(http, launch, revox_sandbox):
    people = [
        {"to_phone_number": "+14155550100", "prompt_variables": {"name": 'Ann "A", Lee'}},
        {"to_phone_number": "+14155550101", "prompt_variables": {"city": "Lyon\nFrance"}},
    ]
    campaign_id = launch(contacts=people)
    revox_sandbox.advance(10**6)
    answer = http.get(f"/campaigns/{campaign_id}/export").json()
    lines = list(csv.DictReader(io.StringIO(answer["csv"])))
    assert [(line["phone_number"], line["name"], line["city"]) for line in lines] == [
        ("+14155550100", 'Ann "A", Lee', ""),
        ("+14155550101", "", "Lyon\nFrance"),
    ]
    assert all(line["status"] in ("completed", "errored") for line in lines)
