"""Quoted cells of CSV, with blanks around their quotes."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from airflow_provider_revox.files.blank import SPACES, is_blank
from airflow_provider_revox.files.csv_text import csv_records
from airflow_provider_revox.files.formulas import unwrapped
from tests.airflow_provider_revox.files.csv_reading import problem_of, read

plain = st.text(st.sampled_from('ab,;"\n é='), max_size=6).filter(
    lambda text: not text.lstrip().startswith("=")
)
spaces = st.text(st.sampled_from(SPACES.replace("\t", "")), max_size=2)


@given(
    st.lists(st.lists(st.tuples(plain, spaces, spaces, st.booleans()), min_size=3, max_size=3), max_size=4),
    st.sampled_from([",", ";", "|", "\t"]),
    st.sampled_from([1, 3, 7, 1000]),
)
@example([[('"', " ", "", True), ("a\nb", "", "\xa0", True), ("", "", "", False)]], ",", 3)
def test_what_is_between_quotes_is_the_cell_whatever_blanks_are_around_them(rows, delimiter, size):
    text, expected = delimiter.join("xyz") + "\n", []
    for row in rows:
        written = []
        for cell, before, behind, is_quoted in row:
            needs_quotes = is_quoted or any(character in cell for character in f'{delimiter}"\n') or not cell
            quoted = '"' + cell.replace('"', '""') + '"'
            written.append(f"{before}{quoted}{behind}" if needs_quotes else cell)
        text += delimiter.join(written) + "\n"
        if not all(is_blank(cell) for cell, *_ in row):
            expected.append(dict(zip("xyz", [cell for cell, *_ in row], strict=True)))
    blocks = text.splitlines(keepends=True)
    blocks = ["".join(blocks[start : start + size]) for start in range(0, len(blocks), size)]
    assert list(csv_records(iter(blocks), "due.csv", delimiter)) == expected


@given(st.lists(st.lists(st.text(st.sampled_from('ab," \n=(T)')), min_size=2, max_size=2), max_size=4))
@example([["", '=""']])
def test_what_the_csv_module_writes_is_read_as_the_csv_module_reads_it(rows):
    text = io.StringIO()
    csv.writer(text).writerows([["x", "y"], *rows])
    rows = [row for row in rows if not all(is_blank(unwrapped(cell)) for cell in row)]
    told = [[record["x"], record["y"]] for record in read(text.getvalue())]
    for row, found in zip(rows, told, strict=True):
        for cell, read_cell in zip(row, found, strict=True):
            assert read_cell == cell or cell.lstrip().startswith("=")  # a formula


@pytest.mark.parametrize("cell", ['5" pipe', 'a "b" c', ' 5" ', "O'Brien", "  Zoe ", "“Zoe”"])
def test_a_bare_cell_stays_as_it_is(cell):
    assert read(f"x,y\n{cell},2\n") == [{"x": cell, "y": "2"}]


@pytest.mark.parametrize("line", ['"a"b,2', '"a" b,2', '  "a" b,2', ' "a,b" c', '"a" "b",2', '"a\nb"c,2'])
def test_more_than_blanks_behind_a_closing_quote_is_an_error(line):
    assert problem_of(f"x,y\n1,2\n{line}\n").startswith("row 1: has more than blanks behind a closing quote")


def test_a_header_may_have_blanks_before_its_quotes():
    assert read('name, "a;b;c;d"\n1,2\n') == [{"name": "1", "a;b;c;d": "2"}]
    assert read('"name" ,\xa0"b" \n1,2\n') == [{"name": "1", "b": "2"}]
