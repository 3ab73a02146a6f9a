from __future__ import annotations

import gzip
from operator import itemgetter

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files import draft as drafts
from airflow_provider_revox.files.draft import TextDraft
from airflow_provider_revox.files.formats import file_format
from airflow_provider_revox.files.parquet_draft import ParquetDraft
from airflow_provider_revox.files.records import read_records

TYPES = {"name": "text", "notes": "text", "count": "integer", "data": "json", "is_new": "boolean"}
LONG = "x" * 400
NAMES = ["calls.csv", "calls.tsv.gz", "calls.jsonl", "calls.parquet"]


@pytest.fixture(autouse=True)
def few_characters(monkeypatch):
    monkeypatch.setattr(drafts, "MOST_CHARS", 1000)


def open_draft(name, types=TYPES):
    if name.endswith(".parquet"):
        pytest.importorskip("pyarrow")
        return ParquetDraft(name, types, {})
    return TextDraft(file_format(name), types, prose=["notes"])


def record(name, notes=LONG):
    return [name, notes, None, None, None]


@pytest.mark.parametrize(
    ("notes", "at_a_time", "together"),
    [
        (LONG, 1, [3, 3, 1]),
        (LONG, 7, [3, 4]),
        (LONG * 3, 1, [1] * 7),
        (LONG * 3, 7, [1] * 7),
        (None, 1, [7]),
        (None, 7, [7]),
    ],
)
@pytest.mark.parametrize("name", NAMES)
def test_records_go_to_the_disk_before_they_fill_the_memory(monkeypatch, name, notes, at_a_time, together):
    with open_draft(name) as draft:
        write, at_once = draft._write, []
        monkeypatch.setattr(draft, "_write", lambda records: (at_once.append(len(records)), write(records)))
        for _ in range(7 // at_a_time):
            draft.add([record("a", notes)] * at_a_time)
        draft.mark()
    assert at_once == together


@pytest.mark.parametrize("most", [1, 2, 250])
@pytest.mark.parametrize("name", NAMES)
def test_a_draft_goes_back_to_a_mark(tmp_path, monkeypatch, name, most):
    monkeypatch.setattr(drafts.Draft, "together", most)
    monkeypatch.setattr(ParquetDraft, "together", most)
    path = str(tmp_path / name)
    with open_draft(name) as draft:
        start = draft.mark()
        draft.add([record("too early")])
        draft.rewind(start)
        draft.add([record("kept")])
        mark = draft.mark()
        for _ in range(2):
            for _ in range(4):
                draft.add([record("forgotten")])
            draft.rewind(mark)
        draft.add([record("new")])
        assert not (tmp_path / name).exists()
        draft.publish(path)
    assert [*map(itemgetter("name"), read_records(path))] == ["kept", "new"]


@pytest.mark.parametrize("name", NAMES)
def test_a_file_without_records_has_its_columns(tmp_path, name):
    with open_draft(name) as draft:
        draft.publish(str(tmp_path / name))
    content = (tmp_path / name).read_bytes()
    content = gzip.decompress(content) if name.endswith(".gz") else content
    assert (b"notes" in content) is (not name.endswith(".jsonl"))
    assert list(read_records(str(tmp_path / name))) == []


@pytest.mark.parametrize("odd", ["a,b", 'a"b', "a\tb", "a\r\nb", "", None, "é \N{SNOWMAN}"])
@pytest.mark.parametrize("place", range(2))
@pytest.mark.parametrize("name", NAMES)
def test_a_text_that_needs_quotes_is_read_as_it_was_written(tmp_path, name, place, odd):
    written = ["Ada", "Bob", 7, '{"a":"b,\\n"}', False]
    written[place] = odd
    with open_draft(name) as draft:
        draft.add([written])
        draft.publish(str(tmp_path / name))
    (read,) = read_records(str(tmp_path / name))
    assert [read["name"], read["notes"]][place] == (odd or "" if "sv" in name else odd)
    assert str(read["data"]).replace("'", '"').replace(" ", "") == written[3]


@pytest.mark.parametrize("names", [["a", ""], ["a", "a "], ["a", "\ud83d"]])
def test_a_field_that_can_not_have_its_name_is_refused_at_once(names):
    with pytest.raises(InvalidRequestError, match="fields: "):
        TextDraft(file_format("calls.csv"), dict.fromkeys(names, "text"), prose=[])
