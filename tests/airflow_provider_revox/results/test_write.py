from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files import draft, parquet_draft
from airflow_provider_revox.files.records import read_records
from airflow_provider_revox.results.columns import SCHEMA_VERSION, Layout
from airflow_provider_revox.results.write import Results
from revox_sandbox import SandboxSettings
from tests.campaigns import create_campaign

ADA = {
    "campaign_id": "cmp", "row_id": "r0", "row_index": 0, "phone_number": "+33612345678",
    "from_phone_number": "+14155550199", "direction": "outbound", "call_id": "c0",
    "created_at": "2026-11-23T09:00:00.000+00:00", "scheduled_at": None, "status": "completed",
    "result": "human", "outcome": "interested", "outcome_summary": "Wants a demo", "attempts": 2,
    "attempt_status": "completed", "started_at": "2026-11-24T09:00:00.000+00:00",
    "answered_at": "2026-11-24T09:00:05.250+00:00", "ended_at": "2026-11-24T09:01:00.000+00:00",
    "duration_seconds": 54.75, "recording_url": "https://recordings.invalid/1.mp3", "ended_by": "agent",
    "end_reason": "tool_end_call", "dial_error": None, "handled_by_ai": True, "handled_by_human": False,
    "structured_output": '{"note":"né"}',
    "input_data": '{"customer_id":"0017","who":"Ada, \\"née\\" B"}', "customer_id": "0017",
}  # fmt: skip
BOB = {
    **dict.fromkeys(ADA), "campaign_id": "cmp", "row_id": "r1", "row_index": 1, "attempts": 0,
    "phone_number": "+14155550100", "input_data": '{"who":"Bob"}',
}  # fmt: skip
NAMES = list(ADA)
RESULTS = [list(ADA.values()), list(BOB.values())]
LAYOUT = Layout(variables=["customer_id"])


def write(path, results=RESULTS, layout=LAYOUT):
    """Write records, of which those of a row follow each other."""
    row_id = list(layout.types).index("row_id")
    with Results(str(path), layout) as written:
        for _, records in groupby(results, itemgetter(row_id)):
            written.add([[*records]])
        written.keep()
        written.publish()
    return written.counts


def test_every_column_is_there():
    assert list(LAYOUT.types) == NAMES


@pytest.mark.parametrize("name", ["calls.jsonl", "calls.jsonl.gz"])
def test_json_lines_keep_objects(tmp_path, name):
    write(tmp_path / name)
    first, second = read_records(str(tmp_path / name))
    assert first == {
        **ADA,
        "structured_output": {"note": "né"},
        "input_data": {"customer_id": "0017", "who": 'Ada, "née" B'},
    }
    assert second == {**BOB, "input_data": {"who": "Bob"}}
    assert list(first) == NAMES


@pytest.mark.parametrize("name", ["calls.csv", "calls.tsv", "calls.csv.gz"])
def test_csv_has_objects_as_json(tmp_path, name):
    write(tmp_path / name)
    first, second = read_records(str(tmp_path / name))
    assert list(first) == NAMES
    assert first["input_data"] == ADA["input_data"]
    assert first["structured_output"] == ADA["structured_output"]
    assert first["customer_id"] == "0017"
    assert first["answered_at"] == "2026-11-24T09:00:05.250+00:00"
    assert first["duration_seconds"] == "54.75"
    assert (first["handled_by_ai"], first["handled_by_human"], second["handled_by_ai"]) == (
        "true",
        "false",
        "",
    )
    assert (second["status"], second["structured_output"], second["customer_id"]) == ("", "", "")


def test_parquet_has_types_whatever_the_rows_hold(tmp_path, pa):
    import pyarrow.parquet as pq

    write(tmp_path / "calls.parquet")
    write(tmp_path / "nobody.parquet", [])
    write(tmp_path / "bob.parquet", RESULTS[1:])
    schema = pq.read_schema(tmp_path / "calls.parquet")
    assert schema == pq.read_schema(tmp_path / "nobody.parquet") == pq.read_schema(tmp_path / "bob.parquet")
    assert schema.names == NAMES
    assert str(schema.field("answered_at").type) == "timestamp[ms, tz=UTC]"
    names = ("attempts", "duration_seconds", "input_data", "handled_by_ai")
    assert [str(schema.field(name).type) for name in names] == ["int64", "double", "string", "bool"]
    first, second = read_records(str(tmp_path / "calls.parquet"))
    assert first["answered_at"] == datetime(2026, 11, 24, 9, 0, 5, 250_000, tzinfo=UTC)
    assert first["input_data"] == ADA["input_data"]
    assert (first["attempts"], first["customer_id"], first["handled_by_human"]) == (2, "0017", False)
    assert (second["status"], second["customer_id"]) == (None, None)


def test_parquet_is_written_a_group_of_rows_at_a_time(tmp_path, pa, monkeypatch):
    import pyarrow.parquet as pq

    monkeypatch.setattr(parquet_draft.ParquetDraft, "together", 1)
    monkeypatch.setattr(parquet_draft, "ROW_GROUP", 2)
    write(tmp_path / "calls.parquet", RESULTS * 5)
    assert pq.ParquetFile(tmp_path / "calls.parquet").num_row_groups == 5
    assert len(list(read_records(str(tmp_path / "calls.parquet")))) == 10


def test_without_pyarrow_the_error_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(InvalidRequestError, match=r"calls\.parquet: .*airflow-provider-revox\[parquet\]"):
        write(tmp_path / "calls.parquet")


def test_rows_are_counted(tmp_path):
    counts = write(tmp_path / "calls.csv", [*RESULTS, ["cmp", "r2", *RESULTS[0][2:]]])
    assert counts.to_dict() == {
        "rows": 3,
        "records": 3,
        "by_status": {"completed": 2, "none": 1},
        "by_result": {"human": 2, "none": 1},
        "by_outcome": {"interested": 2, "none": 1},
    }
    assert counts.variables_found == {"customer_id"}
    assert write(tmp_path / "bob.csv", RESULTS[1:]).variables_found == set()


@pytest.mark.parametrize("different", [49, 50, 3000])
def test_only_the_most_frequent_words_are_shown(tmp_path, different):
    words = [f"w{number}".translate(str.maketrans("0123456789", "abcdefghij")) for number in range(different)]
    shown = [*words, words[-1], "no word"]
    records = [[*map({**ADA, "row_id": str(n), "outcome": word}.get, NAMES)] for n, word in enumerate(shown)]
    counts = write(tmp_path / "calls.csv", records).to_dict()["by_outcome"]
    assert sum(counts.values()) == different + 2
    assert counts[words[-1]] == 2
    assert counts["other"] == max(different - 49, 0) + 1
    assert {*counts} <= {*words, "other"}


def test_rows_with_several_attempts_are_counted_once_with_their_last_one(tmp_path):
    layout = Layout("attempts")
    names = list(layout.types)
    shown = {
        "a": [("human", "completed"), ("voicemail", "completed")],
        "b": [(None, "cancelled")],
        "c": [("voicemail", "errored")] * 3,
    }
    records = [
        [{"row_id": row_id, "result": result, "status": status}.get(name) for name in names]
        for row_id, attempts in shown.items()
        for result, status in attempts
    ]
    assert write(tmp_path / "attempts.csv", records, layout).to_dict() == {
        "rows": 3,
        "records": 6,
        "by_status": {"cancelled": 1, "completed": 1, "errored": 1},
        "by_result": {"human": 1, "none": 1, "voicemail": 1},
        "by_outcome": {"none": 3},
    }


@pytest.mark.parametrize("layout", [Layout(), Layout("attempts")], ids=["calls", "attempts"])
def test_a_parquet_file_says_which_columns_it_has(tmp_path, pa, layout):
    import pyarrow.parquet as pq

    write(tmp_path / "calls.parquet", [], layout)
    metadata = pq.read_schema(tmp_path / "calls.parquet").metadata
    assert metadata[b"airflow-provider-revox.schema"] == f"{layout.record_of} {SCHEMA_VERSION}".encode()


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("transcript", json.dumps([{"content": "x" * 400}])),
        ("input_data", json.dumps({"notes": "x" * 400})),
        ("outcome_summary", "x" * 400),
        ("notes", "x" * 400),
        ("phone_number", "x" * 400),
    ],
)
def test_long_texts_are_written_to_parquet_before_they_fill_the_memory(
    tmp_path, pa, monkeypatch, column, value
):
    import pyarrow.parquet as pq

    monkeypatch.setattr(draft, "MOST_CHARS", 300)
    monkeypatch.setattr(parquet_draft, "MOST_BYTES", 1300)
    layout = Layout(transcripts=True, variables=["notes"])
    record = [value if name == column else None for name in layout.types]
    write(tmp_path / "calls.parquet", [record] * 7, layout)
    assert pq.ParquetFile(tmp_path / "calls.parquet").num_row_groups == 3
    assert len(list(read_records(str(tmp_path / "calls.parquet")))) == 7


# ---- All or nothing

FILES = ["calls.csv", "calls.jsonl.gz", "calls.parquet"]
STORAGES = ["", "memory://bucket", "s3://crm@bucket/sub", "sftp://host"]


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("name", FILES)
def test_every_storage_takes_every_kind(tmp_path, memory, pa, storage, name):
    path = f"{storage or tmp_path}/{name}"
    write(path, RESULTS[:1])
    write(path)
    assert [record["row_id"] for record in read_records(path)] == ["r0", "r1"]


class LostError(Exception):
    pass


def until_lost():
    yield from RESULTS * 6_000  # more than a group of rows in Parquet
    raise LostError


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("before", [False, True])
def test_an_error_in_the_middle_leaves_what_was_there(tmp_path, memory, pa, storage, name, before):
    path = f"{storage or tmp_path}/{name}"
    if before:
        write(path, RESULTS[:1])
    with pytest.raises(LostError):
        write(path, until_lost())
    if before:
        assert [record["row_id"] for record in read_records(path)] == ["r0"]
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert len(files) + len(memory.store) == int(before)


@pytest.mark.parametrize("storage", STORAGES)
@pytest.mark.parametrize("name", FILES)
def test_of_two_at_once_one_is_there_as_a_whole(tmp_path, memory, pa, storage, name):
    path = f"{storage or tmp_path}/{name}"
    both_write = threading.Barrier(2, timeout=60)

    def results(which):
        for number in range(2000):
            if number == 1500:
                both_write.wait()
            yield ["cmp", f"{which} {number}", *RESULTS[0][2:]]

    threads = [threading.Thread(target=write, args=(path, results(which))) for which in ("a", "b")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ids = [record["row_id"] for record in read_records(path)]
    assert ids in ([f"{which} {number}" for number in range(2000)] for which in ("a", "b"))
    assert len([file for file in tmp_path.rglob("*") if file.is_file()]) + len(memory.store) == 1


@pytest.fixture(scope="module")
def download(tmp_path_factory):
    """Return a function that runs a download in a process of its own; its result is the exit code."""
    errors = tmp_path_factory.mktemp("downloads") / "errors"
    with (
        errors.open("w") as stderr,
        subprocess.Popen(
            [sys.executable, "-m", "tests.airflow_provider_revox.results.dying_download"],
            cwd=Path(__file__).parents[3],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        ) as program,
    ):

        def run(order):
            program.stdin.write(json.dumps(order) + "\n")
            program.stdin.flush()
            answer = program.stdout.readline()
            assert answer, errors.read_text()
            return int(answer)

        yield run


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0)


@pytest.mark.matrix
@pytest.mark.parametrize(("when", "rows"), [("reading", 0), ("reading", 700), ("writing", 700)])
@pytest.mark.parametrize("stored", [False, True])
@pytest.mark.parametrize("name", ["calls.csv", "calls.parquet"])
def test_a_killed_download_leaves_what_was_there(
    revox_sandbox, tmp_path, pa, download, stored, name, when, rows
):
    campaign_id = create_campaign(revox_sandbox, 1200)
    (tmp_path / name).write_bytes(b"what was there")
    order = order_of(revox_sandbox, campaign_id, tmp_path, name, stored)
    assert download({**order, "when": when, "rows": rows}) == -signal.SIGKILL
    files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert files.pop(name) == b"what was there"
    # What was being written is left under a name that nobody looks for.
    assert all(left.startswith(".") and left.endswith(".tmp") for left in files)
    assert len(files) == (1 if when == "writing" and not stored else 0)


@pytest.mark.matrix
@pytest.mark.parametrize("stored", [False, True])
def test_the_next_try_writes_the_file(revox_sandbox, tmp_path, download, stored):
    campaign_id = create_campaign(revox_sandbox, 1200)
    order = order_of(revox_sandbox, campaign_id, tmp_path, "calls.csv", stored)
    assert download({**order, "when": "writing", "rows": 700}) == -signal.SIGKILL
    assert not (tmp_path / "calls.csv").exists()
    assert download({**order, "when": "never", "rows": 0}) == 0
    assert len(list(read_records(str(tmp_path / "calls.csv")))) == 1200


def order_of(sandbox, campaign_id, folder, name, stored):
    return {
        "api_key": sandbox.api_key,
        "base_url": sandbox.base_url,
        "campaign_id": campaign_id,
        "path": f"s3://crm@/{name}" if stored else str(folder / name),
        "storage": str(folder) if stored else "",
    }
