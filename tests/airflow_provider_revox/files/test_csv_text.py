"""CSV as spreadsheets and CRMs write it, and how it may be spoilt on the way."""

from __future__ import annotations

import csv
import io
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.blank import SPACES, is_blank
from airflow_provider_revox.files.csv_text import csv_records, csv_rows, csv_writer
from airflow_provider_revox.files.formulas import unwrapped
from airflow_provider_revox.files.text import text_blocks

NBSP, ZERO_WIDTH = "\xa0", "\u200b"


def read(text, delimiter=None, wanted=()):
    blocks = text_blocks(io.BytesIO(text.encode()).read, None)
    return list(csv_records(blocks, "due.csv", delimiter, wanted=wanted))


def problem_of(text, **how):
    with pytest.raises(InvalidRequestError) as caught:
        read(text, **how)
    (problem,) = caught.value.problems
    return problem.removeprefix("due.csv: ")


# ---- Formulas that wrap text


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('="Zoe"', "Zoe"),
        ('="+33612345678"', "+33612345678"),
        ('"=""Zoe"""', "Zoe"),
        ('= "Zoe"', "Zoe"),
        (' ="Zoe" ', "Zoe"),
        ('"= ""Zoe"""', "Zoe"),
        ('="Zoe; ""Z"", Dr"', 'Zoe; "Z", Dr'),
        ('"=""Zoe, """"Z"""""""', 'Zoe, "Z"'),
        ('=T("Zoe, Dr")', "Zoe, Dr"),
        ('"=T(""Zoe"")"', "Zoe"),
        ('=t("Zoe")', "Zoe"),
        ('=T ("Zoe")', "Zoe"),
        ('"= t ( ""Zoe"" )"', "Zoe"),
        ('="two\nlines"', "two\nlines"),
        ('"=""two\nlines"""', "two\nlines"),
        ('=""', ""),
        ("=1+1", "=1+1"),  # a sum is no text
        ('="Zoe"&"x"', '="Zoe"&"x"'),
        ('"say =""x"""', 'say ="x"'),
    ],
)
def test_a_formula_that_wraps_text_is_that_text(cell, told):
    assert read(f"phone,name,x\n1,{cell},2\n") == [{"phone": "1", "name": told, "x": "2"}]
    assert read(f"phone,name\n1,{cell}") == [{"phone": "1", "name": told}]


def test_a_header_may_be_formulas():
    assert read('="phone",="name;x"\n1,2\n') == [{"phone": "1", "name;x": "2"}]


# ---- Blanks around quotes

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
def test_names_are_composed(form):
    assert read(unicodedata.normalize(form, "prénom,Straße,が\n1,2,3\n")) == [
        {"prénom": "1", "Straße": "2", unicodedata.normalize("NFC", "が"): "3"}
    ]
    both = unicodedata.normalize("NFD", "é") + ",é\n1,2\n"
    assert "columns 1 and 2" in problem_of(both, wanted=["é"])


# ---- Lists without a header

NUMBERS = [
    "+33612345678", "tel:+33612345678", "TEL: +33 6 12 34 56 78", "p:+33612345678", "callto:0612345678",
    "06 12 34 56 78", "(06) 12-34-56-78", "0033 6.12.34.56.78", "33612345678", "33612345678.0", "3.36E+10",
    "3,36123E+10", "'+33612345678", '="+33612345678"', '"=""+33612345678"""', "+33612345678 (mobile)",
    "Zoe +33612345678", "0612345678 ext 5", "\u0660\u0666\u0661\u0662\u0663\u0664\u0665\u0666", "4000",
    "+33\xa06\u202f12345678", "\u200e+33612345678", "whatsapp:+33612345678", "sip:+33612345678@x.example",
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("line", ["{}", "{},Zoe", "Zoe,{},x", "{},", ",{}", '{},"Zoe"'])
@pytest.mark.parametrize("wanted", [(), ("phone",)])
def test_a_first_line_with_a_number_is_no_header(number, line, wanted):
    if "," in number:
        number = f'"{number}"'
    text = line.format(number) + "\n+33698765432,x\n"
    assert problem_of(text, wanted=wanted, delimiter=",") == (
        "header: is a number, not a header; add a first line with the names of the columns"
    )


@pytest.mark.parametrize("name", ["phone", "phone 2", "0", "12", "Tel. 1/2", "col_2026", "E164", "x1y2z3"])
def test_a_name_may_have_digits(name):
    assert read(f"{name}\nx\n") == [{name: "x"}]


def test_a_header_with_the_wanted_field_may_have_any_other_name():
    assert read("phone,2026-11-30,20261130\n1,2,3\n", wanted=["phone"]) == [
        {"phone": "1", "2026-11-30": "2", "20261130": "3"}
    ]


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
