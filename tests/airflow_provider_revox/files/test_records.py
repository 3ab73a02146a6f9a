from __future__ import annotations

import csv
import gzip
import io
import json
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.files.formats import is_path
from airflow_provider_revox.files.records import read_records, write_records
from tests.airflow_provider_revox.files.file_reading import TEXT, problem_of, read

DATA = Path(__file__).parent / "data"
EXAMPLES = Path(__file__).parents[3] / "dags/examples/data"

# ---- Files as real tools write them


def test_an_export_of_hubspot_is_read():
    first, second = read(DATA / "hubspot.csv")
    assert first["Phone Number"] == "+551123456789"
    assert first["Company name"] == "Serra Calçados"
    assert second["Company name"] == 'Burren "Best" Software, Ltd.'
    assert second["Contact owner"] == ""


def test_an_export_of_salesforce_with_an_address_of_two_lines_is_read():
    first, second = read(DATA / "salesforce.csv")
    assert first["Mailing Street"] == "Calle Luna 5\nInterior 2"
    assert (first["Last Name"], second["Mobile"]) == ("Cárdenas", "+43664123456")


def test_an_export_of_pipedrive_is_read():
    first, second = read(DATA / "pipedrive.csv")
    assert first["Person - Phone"] == "+353850123456, +3532212345"
    assert second == {
        "Person - Name": "Núria Vidal",
        "Person - Phone": "+34612345678",
        "Person - Email": "",
        "Person - Organization": "Mar & Sol",
        "Person - Owner": "Idris Calloway",
        "Person - Open deals": "0",
    }


def test_excel_with_mark_semicolons_floats_and_a_row_of_nothing_is_read():
    assert read(DATA / "excel_semicolons.csv") == [
        {"Prénom": "Zoé", "Téléphone": "33612345678.0", "Montant": "1 234,50", "Échéance": "30/11/2026"},
        {"Prénom": "Loïc", "Téléphone": "06 12 34 56 78", "Montant": "12,00", "Échéance": "01/12/2026"},
    ]


def test_excels_sep_line_wins_over_the_commas_in_the_header():
    assert read(DATA / "excel_sep.csv") == [
        {"Name": "Jörg Weiß", "Phone, mobile": "015123456789", "City, country": "Berlin, Deutschland"}
    ]


def test_latin1_is_read_where_it_is_declared_and_refused_where_not():
    for encoding in ("latin-1", "cp1252"):
        first, second = read(DATA / "excel_latin1.csv", encoding=encoding)
        assert (first["Prénom"], second["Ville"]) == ("Zoé", "Orléans")
    assert problem_of(DATA / "excel_latin1.csv") == (
        "excel_latin1.csv: header: is not UTF-8; set encoding to the one the file was written in, "
        "such as cp1252 or latin-1"
    )


def test_unicode_text_of_excel_is_read():
    assert read(DATA / "excel_unicode_text.txt") == [
        {"Name": "Łucja Żak", "Phone": "+48512345678", "Note": 'says "hello", twice'},
        {"Name": "Søren Ægir", "Phone": "+4532123456", "Note": ""},
    ]


def test_json_lines_keep_the_types_of_their_values():
    first, second = read(DATA / "events.jsonl")
    assert first["id"] == 90410152625904101526
    assert second == {"phone": 33612345678.0, "id": None, "name": "Zoé", "tags": ["a"]}


@pytest.mark.parametrize("name", ["hubspot_contacts.csv", "salesforce_contacts.csv"])
def test_the_examples_are_read_as_by_the_csv_module(name):
    with (EXAMPLES / name).open(encoding="utf-8", newline="") as file:
        assert read(EXAMPLES / name) == list(csv.DictReader(file))


# ---- Encodings, delimiters, line ends


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_every_mark_line_end_and_delimiter_is_recognised(file, encoding, end, delimiter):
    text = end.join([f'"a, b; |"{delimiter}c', f"Zoé{delimiter}", "", f'"x{end}y"{delimiter}2', ""])
    expected = [{"a, b; |": "Zoé", "c": ""}, {"a, b; |": f"x{end}y", "c": "2"}]
    if delimiter == "\t":
        assert read(file(text.encode(encoding), "due.tsv")) == expected
    assert read(file(text.encode(encoding))) == expected


def test_a_mark_in_the_file_wins_over_the_declared_encoding(file):
    assert read(file("n\nZoé\n".encode("utf-8-sig")), encoding="latin-1") == [{"n": "Zoé"}]
    assert read(file("n\nZoé\n".encode("utf-16")), encoding="utf-16-le") == [{"n": "Zoé"}]


@pytest.mark.parametrize("size", [1, 2, 3, 5, 8, 64])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_it_does_not_matter_where_a_chunk_ends(file, monkeypatch, size, encoding):
    from airflow_provider_revox.files import text

    path = file('a;b\r\n"Zoé\r\n\r";"é""é"\r\n\r\n\u20ac\u2028;\U0001f600\r\n'.encode(encoding))
    expected = read(path)
    assert expected == [{"a": "Zoé\r\n\r", "b": 'é"é'}, {"a": "\u20ac\u2028", "b": "\U0001f600"}]
    monkeypatch.setattr(text, "CHUNK", max(size, 4))
    assert read(path, delimiter=";") == expected
    gone = []
    blocks = text.text_blocks(io.BytesIO(b"a\r\n\xe9\r").read, None)
    with pytest.raises(text.UnreadableLineError):
        gone.extend(blocks)
    assert "".join(gone) == "a\r\n"


def test_a_declared_delimiter_wins(file):
    assert read(file("sep=;\na,b|c\n1,2|3\n"), delimiter="|") == [{"a,b": "1,2", "c": "3"}]
    assert read(file("a b:c\n1:2\n"), delimiter=":") == [{"a b": "1", "c": "2"}]


def test_header_cells_are_trimmed_and_data_cells_are_not(file):
    assert read(file('\ufeff\ufeff" a" ,b\xa0\n 1 , 2\n'.replace('" ,', '",'))) == [{"a": " 1 ", "b": " 2"}]


def test_a_mark_inside_of_quotes_is_no_part_of_the_name(file):
    assert read(file('"\ufeffa",b\n1,2\n')) == [{"a": "1", "b": "2"}]


def test_tsv_has_tabs_however_many_commas_its_header_has(file):
    assert read(file("a,b,c\td\n1\t2\n", "due.tsv")) == [{"a,b,c": "1", "d": "2"}]


def test_lines_of_blanks_are_no_records(file):
    assert read(file("phone\n+4930123456\n\n   \n\n")) == [{"phone": "+4930123456"}]
    assert read(file("a,b\n1,2\n   \n3,4")) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


@pytest.mark.parametrize("name", ["due.csv.gz", "DUE.CSV.GZ"])
def test_gzip_is_read_to_the_end_of_its_last_part(file, name):
    joined = gzip.compress(b"a,b\n1,2\n") + gzip.compress(b"3,4\n")
    assert read(file(joined, name)) == [{"a": "1", "b": "2"}, {"a": "3", "b": "4"}]


def test_header_only_is_no_records_and_an_empty_json_lines_file_too(file):
    assert read(file("a,b\n")) == []
    assert read(file("", "due.jsonl")) == []


@pytest.mark.parametrize("end", ["\x1a", "\n\x1a", "\r\n\x1a\x1a\x1a", "\n\x1a\n", "\n\x1a\r\n\x1a"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_the_mark_that_dos_writes_at_the_end_is_no_record(file, end, encoding):
    one, two = ("a,b\n1,2" + end).encode(encoding), ('{"a": "1", "b": "2"}' + end).encode(encoding)
    for path in (file(one), file(gzip.compress(one), "due.csv.gz"), file(two, "due.jsonl")):
        assert read(path) == [{"a": "1", "b": "2"}]


def test_a_mark_of_dos_within_a_cell_stays(file):
    assert read(file('a,b\n"1\x1a2",3\x1a4\n')) == [{"a": "1\x1a2", "b": "3\x1a4"}]
    assert "quote that is never closed" in problem_of(file('a\n"1\n\x1a'))


# ---- What is a path


@pytest.mark.parametrize(
    "path",
    [
        "due.csv", "/data/due list.CSV", "./[x].csv", "s3://crm@bucket/due.csv.gz", "gs://b/x.jsonl",
        "file:///x.ndjson", "x.tsv", "x.txt", "memory://b/x.parquet", "é/ü.csv",
    ],
)  # fmt: skip
def test_text_that_ends_like_a_file_is_a_path(path):
    assert is_path(path)


@pytest.mark.parametrize(
    "value",
    [
        "[{'a': 1}]", '[{"file": "x.csv"}]', "[{'file': 'x.csv", '{"a": "x.csv', " [x.csv", "[]", "", "None",
        "s3://b/{{ ds }}.csv", "{% raw %}x.csv", "a\nb.csv", "due.json", "due.xlsx", "x.parquet.gz", "csv",
        "+33612345678", None, 7, ["due.csv"], b"due.csv", Path("due.csv"), "x" * 5000 + ".csv",
    ],
)  # fmt: skip
def test_rendered_records_templates_and_other_values_are_no_path(value):
    assert not is_path(value)


@given(st.lists(st.dictionaries(TEXT, TEXT | st.just("x.csv"), max_size=3), max_size=3))
def test_rendered_records_are_no_path(records):
    assert not is_path(str(records))
    assert not is_path(json.dumps(records))


# ---- Many records


@pytest.mark.matrix
def test_two_hundred_thousand_rows_are_read_in_little_memory(tmp_path):
    path = str(tmp_path / "due.csv")
    row = {
        "phone": "+33612345678",
        "name": "Zoé Martin",
        "city": "Besançon",
        "due": "2026-11-30",
        "sum": "12,50",
    }
    write_records(path, (row for _ in range(200_000)), fields=list(row))
    next(read_records(path))
    tracemalloc.start()
    try:
        assert sum(1 for _ in read_records(path)) == 200_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20e6
