"""Whether the page loop reads every row once, and notices when the rows do not add up."""

from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client import all_rows
from airflow_provider_revox.client.errors import NoAnswerError, RowsDriftedError
from airflow_provider_revox.client.messages import Answer


def page(*ids, total, **more):
    return {"rows": [{"id": id_, "phone_number": "+33612345678"} for id_ in ids], "total": total, **more}


def at_once(*ids):
    return {"rows": [{"id": id_} for id_ in ids]}


class ScriptedClient:
    """Answers each request with the next body; an error in its place comes after the first row."""

    def __init__(self, *bodies):
        self.left = list(bodies)
        self.asked = []

    def send(self, endpoint):
        self.asked.append(endpoint.request)
        while True:
            read, sink = endpoint.begin_attempt()
            body = self.left.pop(0)
            if not isinstance(body, Exception):
                sink.feed(json.dumps(body).encode())
                return read(Answer(200, {}, b""))
            sink.feed(b'{"rows": [{"id": "lost"}, ')


def read(*bodies, expected_rows=None):
    """Return the ids of each page as they were handed on, and the client."""
    client, pages, rows = ScriptedClient(*bodies), [], []

    def begin_attempt():
        rows.clear()
        return lambda found: rows.extend(row["id"] for row in found)

    for _ in all_rows.read_pages(client, "c", expected_rows=expected_rows, begin_attempt=begin_attempt):
        pages.append(list(rows))
        rows.clear()
    return pages, client


def finding(*bodies, expected_rows=None):
    with pytest.raises(RowsDriftedError) as caught:
        read(*bodies, expected_rows=expected_rows)
    assert caught.value.transient
    assert "+336" not in str(caught.value)
    assert str(caught.value).startswith(f"The rows of campaign c do not add up: {caught.value.finding}. ")
    return caught.value.finding


@pytest.mark.parametrize("expected_rows", [None, 3])
def test_pages_are_read_until_all_rows_are_there(expected_rows):
    pages, client = read(page("a", "b", total=3), page("c", total=3), expected_rows=expected_rows)
    assert pages == [["a", "b"], ["c"]]
    assert [request.path for request in client.asked] == ["/campaigns/c/rows"] * 2
    size = str(all_rows.PAGE_SIZE)
    assert [request.query for request in client.asked] == [
        {"page": "1", "page_size": size},
        {"page": "2", "page_size": size},
    ]


def test_a_server_without_pages_is_asked_once():
    pages, client = read(at_once("a", "b", "c"), expected_rows=3)
    assert (pages, len(client.asked)) == ([["a", "b", "c"]], 1)


@pytest.mark.parametrize("body", [page(total=0), at_once()])
@pytest.mark.parametrize("expected_rows", [None, 0])
def test_a_campaign_may_have_no_rows(body, expected_rows):
    assert read(body, expected_rows=expected_rows)[0] == [[]]


def test_pages_may_be_smaller_than_asked_for():
    assert read(page("a", total=3), page("b", total=3), page("c", total=3))[0] == [["a"], ["b"], ["c"]]


def test_the_rows_of_an_attempt_that_failed_are_handed_on_again():
    lost = NoAnswerError("GET", "/", "ReadError")
    pages, _ = read(page("a", total=3), lost, lost, page("b", "c", total=3), expected_rows=3)
    assert pages == [["a"], ["b", "c"]]


def test_a_page_that_is_not_wanted_is_not_asked_for():
    client = ScriptedClient(page("a", total=2))
    rows = all_rows.read_pages(client, "c", expected_rows=2, begin_attempt=lambda: lambda rows: None)
    next(rows)
    rows.close()
    assert len(client.asked) == 1


@pytest.mark.parametrize(
    "bodies",
    [
        [at_once("a", "b", "b")],
        [page("a", "a", total=2)],
        # A row moved from the first page to the second, and another was lost.
        [page("a", "b", total=4), page("b", "c", total=4)],
        # Twice, although the ids are as many as the total.
        [page("a", "b", total=3), page("b", "c", total=3)],
    ],
)
def test_a_row_that_comes_twice_is_noticed(bodies):
    assert finding(*bodies) == "a row came twice"


@pytest.mark.parametrize("second", [page("b", total=3), page("b", total=1), at_once("b", "c")])
def test_a_total_that_changes_is_noticed(second):
    assert finding(page("a", total=2), second) == "the number of rows changed"


def test_more_rows_than_the_total_are_noticed():
    assert finding(page("a", "b", total=1)) == "2 rows came, and the API counts 1"
    assert finding(page("a", total=2), page("b", "c", total=2)) == "3 rows came, and the API counts 2"


def test_pages_that_end_before_their_total_are_noticed():
    assert finding(page("a", total=1_002), page(total=1_002)) == "1 row came, and the API counts 1,002"


@pytest.mark.parametrize("bodies", [[at_once("a", "b")], [page("a", total=2), page("b", total=2)]])
@pytest.mark.parametrize("expected_rows", [0, 1, 3])
def test_another_number_of_rows_than_the_campaign_counts_is_noticed(bodies, expected_rows):
    assert (
        finding(*bodies, expected_rows=expected_rows)
        == f"2 rows came, and the campaign counts {expected_rows}"
    )
