"""CSV as spreadsheets and CRMs write it, and how it may be spoilt on the way."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_revox.files.csv_text import csv_rows, csv_writer
from tests.airflow_provider_revox.files.csv_reading import problem_of, read

NBSP, ZERO_WIDTH = "\xa0", "\u200b"


# ---- Blank and short rows, columns without a name


@pytest.mark.parametrize(
    "blank", ["", ",,", ",", " , ,", f"{NBSP},{NBSP},", f"{ZERO_WIDTH},,", '"","",""', ",,,,,"]
)
@pytest.mark.parametrize("place", [0, 1, 2])
def test_a_row_of_blanks_is_no_record(blank, place):
    rows = ["a,b,c", "1,2,3", "4,5,6"]
    rows.insert(place, blank)
    assert read("\n".join(rows)) == [{"a": "1", "b": "2", "c": "3"}, {"a": "4", "b": "5", "c": "6"}]


def test_cells_that_a_row_lacks_at_its_end_are_empty():
    assert read("a,b,c\n1\n2,3\n4,5,6\n") == [
        {"a": "1", "b": "", "c": ""},
        {"a": "2", "b": "3", "c": ""},
        {"a": "4", "b": "5", "c": "6"},
    ]


@pytest.mark.parametrize("cells", ["1,2,", "1,2,,,", "1,2, ,\xa0"])
def test_blank_cells_behind_the_last_column_are_ignored(cells):
    assert read(f"a,b\n{cells}\n") == [{"a": "1", "b": "2"}]


def test_more_cells_than_columns_are_an_error_for_a_comma_may_have_shifted_them():
    assert problem_of("a,b\n1,2\n1,2,,x\n") == "row 1: has 4 cells, but the header has 2"


@pytest.mark.parametrize(
    "header", ["a,b,", ",a,b", "a,,b", "a,b,,", f"a,{NBSP},b", f"a,{ZERO_WIDTH},b", 'a,"",b']
)
def test_a_column_without_a_name_is_ignored_if_it_is_empty(header):
    names = [name.strip(f'{NBSP}{ZERO_WIDTH}"') for name in header.split(",")]
    values = [{"a": "1", "b": "2"}.get(name, " ") for name in names]
    assert read(f"{header}\n{','.join(values)}\n") == [{"a": "1", "b": "2"}]


def test_a_value_in_a_column_without_a_name_is_an_error():
    assert problem_of("a,b,\n1,2,\n1,2,x\n") == (
        "row 1: has a value in column 3 (counted from 1), which has no name"
    )


# ---- Names


def test_a_name_twice_is_an_error_only_if_the_task_asks_for_it():
    text = "phone,note,note\n1,2,3\n"
    assert read(text, wanted=["phone"]) == [{"phone": "1", "note": "2", "note (column 3)": "3"}]
    assert problem_of(text, wanted=["phone", "note"]) == (
        "header: the field note is the name of columns 2 and 3 (counted from 1); rename all but one"
    )
    assert list(read("x,x,x,x (column 2)\n1,2,3,4\n")[0].values()) == ["1", "2", "3", "4"]


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_accents_of_names_are_composed(form):
    assert read(unicodedata.normalize(form, "prénom,Straße,が\n1,2,3\n")) == [
        {"prénom": "1", "Straße": "2", unicodedata.normalize("NFC", "が"): "3"}
    ]
    both = unicodedata.normalize("NFD", "é") + ",é\n1,2\n"
    assert "columns 1 and 2" in problem_of(both, wanted=["é"])


# ---- Long cells


@pytest.mark.parametrize("cell", ["x" * 140_000, "x" * 1_000_000, '"' + "x\n" * 200_000 + '"'])
def test_a_long_cell_is_read(cell):
    assert read(f"a,b\n1,{cell}\n") == [{"a": "1", "b": cell.strip('"')}]


@pytest.mark.parametrize("cell", ["{}", '"{}"', '="{}"', ' "{}"'])
def test_a_cell_that_is_too_long_has_one_clear_cause(cell):
    assert problem_of(f"a,b\n1,2\n1,{cell.format('x' * 1_000_001)}\n") == (
        "row 1: has a cell of more than 1,000,000 characters; shorten it"
    )


@settings(max_examples=50)
@given(
    rows=st.lists(st.lists(st.text('a ,;"\r\n\t\u2028') | st.none() | st.integers(), min_size=2, max_size=2)),
    delimiter=st.sampled_from([",", "\t"]),
)
def test_a_row_is_written_as_the_csv_module_writes_it(rows, delimiter):
    written, expected = io.StringIO(newline=""), io.StringIO(newline="")
    write = csv_writer(written, ["a", "b"], delimiter)
    for row in rows:
        write(row)
    csv.writer(expected, delimiter=delimiter).writerows(rows)
    assert written.getvalue().partition("\r\n")[2] == expected.getvalue()


CELLS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.sampled_from('a,;\t"\r\n é\x00'))
    | st.sampled_from(["", '{"a":"b"}', "0"])
)


@settings(max_examples=60)
@given(
    rows=st.lists(st.lists(CELLS, min_size=3, max_size=3), min_size=1, max_size=5),
    quoted=st.sets(st.integers(0, 2)),
    delimiter=st.sampled_from([",", "\t"]),
)
@example(rows=[[None, None, None], ["", '"', ""]], quoted={0, 1, 2}, delimiter=",")
def test_rows_that_are_written_column_by_column_are_read_as_they_were_written(rows, quoted, delimiter):
    written = csv_rows(rows, delimiter, quoted)
    words = {None: "", True: "true", False: "false"}
    cells = [
        [words[cell] if cell is None or type(cell) is bool else str(cell) for cell in row] for row in rows
    ]
    others = "".join(cell for row in cells for place, cell in enumerate(row) if place not in quoted)
    if set(others) & {delimiter, '"', "\r", "\n"}:
        assert written is None
    else:
        assert list(csv.reader(io.StringIO(written, newline=""), delimiter=delimiter)) == cells
