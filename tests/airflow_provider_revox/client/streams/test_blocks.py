from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from airflow_provider_revox.client.limits import DEEPEST
from airflow_provider_revox.client.streams.blocks import LONGEST, BlockReader
from airflow_provider_revox.client.streams.rows import RowsScanner
from tests.airflow_provider_revox.client.streams.json_texts import ODD, WRONG, answer

TEXTS = st.text(st.characters(codec="utf-8")) | st.sampled_from(
    ['}},{"id":', "}", '"', "],[", "\\", "Zoë 😀"]
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS | st.just("id"), inner, max_size=3),
    max_leaves=8,
)
ROW = st.builds(lambda fields, last: {"id": "a", **fields, "x": last}, st.dictionaries(TEXTS, VALUES), VALUES)


def rows_of(content, piece=65_536):
    taken = []
    scanner = RowsScanner(taken.extend)
    for start in range(0, len(content), piece):
        scanner.feed(content[start : start + piece])
    scanner.finish()
    return taken


def among_others(value):
    rows = [f'{{"id": "{number}", "call": {{"x": [{{}}]}}}}' for number in range(20)]
    rows[10] = f'{{"id": "10", "call": {{"x": {value}}}}}'
    return rows


@pytest.mark.matrix
@settings(max_examples=100)
@given(
    rows=st.lists(ROW, min_size=1, max_size=12),
    indent=st.sampled_from([None, 0, 2]),
    separators=st.sampled_from([(",", ":"), (", ", ": "), (" ,\n", " :\t")]),
    escaped=st.booleans(),
    piece=st.sampled_from([64, 200, 65_536]),
)
def test_rows_are_what_json_reads_however_they_are_written_and_cut(rows, indent, separators, escaped, piece):
    rows = [{**row, "id": str(number)} for number, row in enumerate(rows)]
    text = json.dumps({"rows": rows}, indent=indent, separators=separators, ensure_ascii=escaped)
    assert repr(rows_of(text.encode(), piece)) == repr(json.loads(text)["rows"])


@pytest.mark.parametrize("value", ODD)
def test_a_value_among_many_rows_is_what_json_reads(value):
    rows = among_others(value)
    assert repr(rows_of(answer(rows))) == repr([json.loads(row) for row in rows])


@pytest.mark.parametrize("value", WRONG)
@pytest.mark.parametrize("piece", [50, 65_536])
def test_what_is_no_json_is_refused_among_many_rows(value, piece):
    with pytest.raises(ValueError, match=r"not JSON|has a member twice"):
        rows_of(answer(among_others(value)), piece)


@pytest.mark.parametrize(
    ("opens", "inmost", "closes"), [("[", "", "]"), ('{"a":', "1", "}"), ("[", "[]", "]")]
)
def test_a_row_among_many_has_a_hundred_levels_at_most(opens, inmost, closes):
    most = DEEPEST - 2 - (inmost == "[]")  # the row, and its call
    rows = among_others(opens * most + inmost + closes * most)
    assert len(rows_of(answer(rows))) == len(rows)
    with pytest.raises(ValueError, match="more than 100 levels"):
        rows_of(answer(among_others(opens * (most + 1) + inmost + closes * (most + 1))))


def test_rows_are_read_together(monkeypatch):
    scanner = RowsScanner(lambda rows: None)
    decode, decoded = scanner._decode, []
    monkeypatch.setattr(scanner, "_decode", lambda: decoded.append(1) or decode())
    content = answer(among_others('"\u00e9"') * 50)
    for start in range(0, len(content), len(content) // 4):
        scanner.feed(content[start : start + len(content) // 4])
    assert len(scanner.finish().ids) == 1000
    assert len(decoded) < 20


def test_no_more_is_read_at_once_than_an_item_may_have():
    reader = BlockReader()
    item = f'{{"id": "{"x" * (LONGEST // 2)}"}}'
    text = f"{item}, {item}, {item}, {item}"
    reader.learn(text, 0, len(item))
    items, end = reader.read(text, 0)
    assert (len(items), end) == (1, len(item))


def test_an_end_of_an_item_is_looked_for_in_vain_once_in_each_piece(monkeypatch):
    tried = []
    read = BlockReader.read
    monkeypatch.setattr(BlockReader, "read", lambda *given: tried.append(1) or read(*given))
    # The place where the first two rows meet is also within each of the others.
    inner = ", ".join(['{"x": 1}'] * 3)
    rows = ['{"x": 1, "id": "0"}', *(f'{{"x": [{inner}], "id": "{n}"}}' for n in range(1, 100))]
    content = answer(rows)
    assert len(rows_of(content, 1000)) == len(rows)
    assert 0 < len(tried) <= len(content) // 1000 + 1
