from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client.streams.rows import RowsScanner

ROWS = [
    {"id": "a", "phone_number": "+33612345678", "input_data": {"who": 'Zoë ]}" \\ 😀'}, "call": None},
    {"id": "b", "call": {"transcript": [{"content": "[{"}], "calls_count": 2.0}},
]


def scan(body, piece=7):
    taken = []
    scanner = RowsScanner(taken.extend)
    content = body if isinstance(body, bytes) else json.dumps(body, ensure_ascii=False).encode()
    for start in range(0, len(content), piece):
        scanner.feed(content[start : start + piece])
    return scanner.finish(), taken


@pytest.mark.parametrize("piece", [1, 2, 3, 7, 100_000])
def test_rows_come_one_by_one_however_the_answer_is_cut(piece):
    answer, taken = scan({"page": 1, "rows": ROWS, "page_size": 100, "total": 1234}, piece)
    assert taken == ROWS
    assert (answer.ids, answer.total) == (["a", "b"], 1234)
    answer, taken = scan(b' {\n"rows" : [ %s ] , "new": {"x": [1]}} ' % json.dumps(ROWS[0]).encode(), piece)
    assert taken == ROWS[:1]
    assert (answer.ids, answer.total) == (["a"], None)


def test_no_rows_are_an_answer():
    answer, taken = scan({"rows": []})
    assert (answer.ids, answer.total, taken) == ([], None, [])


def test_a_row_is_handed_on_before_the_next_one_is_there():
    taken = []
    scanner = RowsScanner(taken.extend)
    scanner.feed(b'{"rows": [{"id": "a"}, {"id": ')
    assert taken == [{"id": "a"}]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        (b"", "not JSON"),
        (b"<html>", "not JSON"),
        (b"{}", 'has no list "rows"'),
        (b'{"rows": [{"id": "a"}', "not JSON"),
        (b'{"rows": [{"id": "a"},]}', "not JSON"),
        (b'{"rows": [{"id": "a"} {"id": "b"}]}', "not JSON"),
        (b'{"rows": []} more', "not JSON"),
        (b'{"rows": [{"id": "\xff"}]}', "not JSON"),
        (b'{"rows": [{"id": "a", "x": NaN}]}', "not JSON"),
        (b'{"rows": [{"id": "a", "x": %s' % (b"[" * 200_000), "more than 100 levels"),
        (b'{"rows": [{"id": "a", "x": %s%s}]}' % (b"[" * 101, b"]" * 101), "more than 100 levels"),
        ({"rows": [{"id": "a\nb"}]}, "has no id"),
        ({"rows": [{"id": "a" * 129}]}, "has no id"),
        ({"other": 1}, 'has no list "rows"'),
        ({"rows": None}, 'has no list "rows"'),
        ({"other": {"rows": ROWS}}, 'has no list "rows"'),
        ([{"rows": ROWS}], 'has no list "rows"'),
        ({"rows": [1]}, "not an object"),
        ({"rows": [[ROWS]]}, "not an object"),
        ({"rows": [{"phone_number": "+33612345678"}]}, "has no id"),
        ({"rows": [{"id": 1}]}, "has no id"),
        (b'{"rows": [{"id": "a"}], "rows": []}', "has a member twice"),
        (b'{"rows": [], "total": 1, "total": 0}', "has a member twice"),
        (b'{[1]: 2, "rows": []}', "not JSON"),
        ({"rows": ROWS, "page": 1}, 'has pages, but no "total"'),
        ({"rows": ROWS, "page": 1, "total": "2"}, 'has pages, but no "total"'),
        ({"rows": ROWS, "has_more": True}, "more pages"),
        ({"next": "/rows?page=2", "rows": ROWS}, "more pages"),
        ({"rows": ROWS, "pageInfo": {"hasNextPage": True}}, "is not the whole list of rows"),
        ({"rows": ROWS, "totalCount": 3}, "is not the whole list of rows"),
        ({"meta": {"pagination": {"pages": 2}}, "rows": ROWS}, "is not the whole list of rows"),
    ],
)
@pytest.mark.parametrize("piece", [7, 1_000_000])
def test_what_is_no_whole_answer_counts_for_nothing(body, problem, piece):
    with pytest.raises(ValueError, match=problem) as caught:
        scan(body, piece)
    assert "+336" not in str(caught.value)


def test_an_answer_that_is_never_a_row_is_not_held(monkeypatch):
    monkeypatch.setattr(RowsScanner, "longest_item", 1000)
    scanner = RowsScanner(lambda rows: None)
    scanner.feed(b'{"rows": [{"id": "')
    for _ in range(100):
        scanner.feed(b"x" * 100)
    assert len(scanner._text) < 2000
    with pytest.raises(ValueError, match="too long"):
        scanner.finish()
