"""Every storage keeps the same promises: a file is there whole or not at all, and the first one stays."""

from __future__ import annotations

import json
import logging
from concurrent.futures import ThreadPoolExecutor
from io import SEEK_END, BufferedReader
from threading import Barrier

import pytest
from airflow.providers.common.compat.sdk import ObjectStoragePath

from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.batches.batch_folder import BatchFolder
from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.options import ContactOptions
from airflow_provider_revox.contacts.prepare import PreparedContacts
from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.files.atomic_write import create, replaced
from airflow_provider_revox.files.formats import path_text
from airflow_provider_revox.files.parquet_draft import ParquetDraft
from airflow_provider_revox.files.records import read_records, write_records
from airflow_provider_revox.files.same_file import lies_in, may_be_one_file
from airflow_provider_revox.files.storage import (
    open_source,
    read_if_there,
    remove_folder,
    storage_path,
    subfolders,
)
from airflow_provider_revox.files.text import CHUNK
from airflow_provider_revox.metrics import Metrics

pytestmark = pytest.mark.storage

ADA, BOB, CLEO = "+33612345678", "+14155550100", "+447400123456"
PEOPLE = [
    {"to_phone_number": number, "prompt_variables": {"who": number[-2:]}} for number in (ADA, BOB, CLEO)
]
FORMATS = ["x.csv", "x.csv.gz", "x.tsv", "x.jsonl", "x.jsonl.gz", "x.parquet"]


class LostError(Exception):
    pass


def write(path: str, content: bytes) -> None:
    with replaced(path, path.rpartition("/")[2]) as file:
        file.write(content)


def write_rows(path: str, rows) -> None:
    if path.endswith(".parquet"):
        with ParquetDraft("x.parquet", {"a": "text", "b": "text"}, metadata={}) as draft:
            for row in rows:
                draft.add([[row["a"], row["b"]]])
            draft.publish(path)
    else:
        write_records(path, rows, fields=["a", "b"])


def files_in(place: str) -> list[str]:
    """Return the names of all files in a folder, hidden ones too."""
    found = storage_path(place, "x")
    found.fs.invalidate_cache()
    return sorted(name.rpartition("/")[2] for name in found.fs.find(found.path))


# ---- A file is there as a whole, or not at all


@pytest.mark.parametrize("name", FORMATS)
def test_what_is_written_is_read(place, name):
    rows = [{"a": str(number), "b": "é" * (number % 50)} for number in range(1, 20_000)]
    write_rows(f"{place}/sub/{name}", rows)
    assert list(read_records(f"{place}/sub/{name}")) == rows
    assert files_in(place) == [name]


def test_a_file_of_many_megabytes_is_read_as_it_was_written(place):
    content = b"".join(b"%d,x\n" % number for number in range(750_000))
    assert len(content) > 6 * 1024 * 1024  # Google's is sent in pieces from 5 MB on
    write(f"{place}/x.csv", content)
    with BufferedReader(open_source(f"{place}/x.csv", "x.csv"), CHUNK) as source:
        assert source.read() == content
        # As Parquet is read: from the end.
        assert source.seek(-5, SEEK_END) == len(content) - 5
        assert source.read() == content[-5:]


@pytest.mark.parametrize("name", FORMATS)
@pytest.mark.parametrize("before", [False, True])
def test_an_error_in_the_middle_leaves_what_was_there(place, name, before):
    def until_lost():
        yield from [{"a": "1", "b": "2"}] * 2_000
        raise LostError

    old = [{"a": "old", "b": "1"}]
    if before:
        write_rows(f"{place}/{name}", old)
    with pytest.raises(LostError):
        write_rows(f"{place}/{name}", until_lost())
    if before:
        assert list(read_records(f"{place}/{name}")) == old
        assert files_in(place) == [name]
    else:
        assert read_if_there(f"{place}/{name}", name) is None


def test_an_older_file_stays_until_the_new_one_is_complete(place):
    write(f"{place}/x.csv", b"old")
    with replaced(f"{place}/x.csv", "x.csv") as file:
        file.write(b"new")
        file.flush()
        assert read_if_there(f"{place}/x.csv", "x.csv") == b"old"
    assert read_if_there(f"{place}/x.csv", "x.csv") == b"new"


def test_of_many_that_write_at_once_one_is_there_as_a_whole(place):
    contents = [str(number).encode() * 200_000 for number in range(8)]
    together = Barrier(len(contents))

    def write_together(content: bytes) -> None:
        together.wait()
        write(f"{place}/x.csv", content)

    with ThreadPoolExecutor(len(contents)) as pool:
        list(pool.map(write_together, contents))
    assert read_if_there(f"{place}/x.csv", "x.csv") in contents
    assert files_in(place) == ["x.csv"]


def test_an_empty_file_is_a_file(place):
    write(f"{place}/x.csv", b"")
    assert read_if_there(f"{place}/x.csv", "x.csv") == b""


@pytest.mark.parametrize(
    "name", ["due list.csv", "é.csv", "a+b.csv", "100%.csv", "%41.csv", "a&b=c.csv", "Ü 1.CSV"]
)
def test_a_name_may_have_any_letters(place, name):
    write(f"{place}/{name}", b"a\n1\n")
    assert list(read_records(f"{place}/{name}")) == [{"a": "1"}]
    assert files_in(place) == [name]


# ---- The first file stays


def test_a_file_that_is_there_stays(place):
    assert read_if_there(f"{place}/manifest.json", "manifest.json") is None
    create(f"{place}/manifest.json", "manifest.json", b"first")
    create(f"{place}/manifest.json", "manifest.json", b"second")
    assert read_if_there(f"{place}/manifest.json", "manifest.json") == b"first"
    assert files_in(place) == ["manifest.json"]


def test_of_many_that_create_a_file_at_once_one_is_first_for_all(place, storage, monkeypatch):
    path, together = f"{place}/manifest.json", Barrier(8)
    fs, asked = storage_path(path, "x").fs, []
    if "://" in storage:
        # All have looked before any has written: then only the storage can tell who was first.
        exists, looks = fs.exists, [False] * 8
        monkeypatch.setattr(fs, "exists", lambda *a, **k: looks.pop() if looks else exists(*a, **k))
    if storage.startswith("gs:"):
        # The emulator ignores what it is asked for, so see that it is asked for it.
        call = fs._call
        monkeypatch.setattr(fs, "_call", lambda *a, **k: (asked.append((a, k)), call(*a, **k))[1])

    def create_and_read(number: int) -> bytes | None:
        together.wait()
        create(path, "manifest.json", b"%d" % number)
        return read_if_there(path, "manifest.json")

    with ThreadPoolExecutor(8) as pool:
        seen = set(pool.map(create_and_read, range(8)))
    if storage.startswith("gs:"):
        uploads = [str(one) for one in asked if one[0][0] == "POST"]
        assert len(uploads) == 8
        assert all("ifGenerationMatch" in one for one in uploads)
    else:
        assert len(seen) == 1
    assert files_in(place) == ["manifest.json"]


def test_a_listing_from_before_does_not_hide_the_first_file(place, is_disk, other_process, monkeypatch):
    """Also where the storage can't write only new files, so that all depends on the look."""
    create(f"{place}/sub/x.json", "x.json", b"x")
    assert subfolders(place) == ["sub"]
    other_process(f"{place}/manifest.json", b"first")
    fs = storage_path(place, "x").fs
    if not is_disk:
        pipe_file = fs.pipe_file
        monkeypatch.setattr(fs, "pipe_file", lambda path, value: pipe_file(path, value))
    create(f"{place}/manifest.json", "manifest.json", b"second")
    assert read_if_there(f"{place}/manifest.json", "manifest.json") == b"first"


# ---- Folders


def test_folders_are_found_and_removed(place):
    for path in ("one/x.json", "two/sub/x.json", "x.json"):
        create(f"{place}/{path}", "x.json", b"x")
    assert sorted(subfolders(place)) == ["one", "two"]
    remove_folder(f"{place}/one")
    assert subfolders(place) == ["two"]
    assert read_if_there(f"{place}/one/x.json", "x.json") is None
    assert read_if_there(f"{place}/x.json", "x.json") == b"x"
    # A listing from before is not used again.
    create(f"{place}/three/x.json", "x.json", b"x")
    assert sorted(subfolders(place)) == ["three", "two"]


# ---- What is not there


def test_a_file_that_is_not_there_is_named(place):
    with pytest.raises(InvalidRequestError, match=r"due\.csv: there is no such file"):
        next(iter(read_records(f"{place}/due.csv")))


def test_a_bucket_that_is_not_there_is_no_such_file(storage, place):
    scheme, is_url, rest = storage.partition("://")
    url = f"{scheme}://{rest.partition('@')[0]}@no-such-bucket" if is_url else f"{place}/none"
    with pytest.raises(InvalidRequestError, match=r"due\.csv: there is no such file"):
        next(iter(read_records(f"{url}/due.csv")))
    assert read_if_there(f"{url}/manifest.json", "manifest.json") is None


def test_a_connection_that_is_not_there_is_named(storage):
    scheme = storage.partition("://")[0] if "://" in storage else "file"
    with pytest.raises(InvalidRequestError, match="the connection missing_conn that does not exist"):
        next(iter(read_records(f"{scheme}://missing_conn@bucket/due.csv")))


def test_a_file_that_may_not_be_read_is_not_taken_for_one_that_is_not_there(forbidden):
    for read in (lambda url: next(iter(read_records(url))), lambda url: read_if_there(url, "due.csv")):
        with pytest.raises(
            InvalidRequestError, match=r"due\.csv: may not be read with the rights of this task"
        ):
            read(f"{forbidden}/due.csv")


# ---- What the tasks do with it


def test_contacts_suppression_list_and_report_are_files_of_the_storage(place):
    write(f"{place}/due.csv", f"phone,name\n{ADA},Ada\n{BOB},Bob\nnonsense,Eve\n".encode())
    write(f"{place}/stop.csv", f"phone\n{BOB}\n".encode())
    options = ContactOptions(
        phone_field="phone",
        variable_fields=["name"],
        suppress=f"{place}/stop.csv",
        report_path=f"{place}/rejected.csv",
        on_invalid="skip",
    )
    prepared = PreparedContacts(ContactSource(f"{place}/due.csv", rendered=True), options)
    prepared.read()
    prepared.account(lambda **_: None, logging.getLogger(), Metrics())
    assert prepared.builder.report.to_dict()["to_call"] == 1
    (rejected,) = read_records(f"{place}/rejected.csv")
    assert (rejected["row"], rejected["field"]) == ("2", "phone")


def test_batches_are_made_once(place, storage):
    urls = contact_batches(PEOPLE, to=f"{place}/batches", batch_size=2, key="x")
    assert [[record["to_phone_number"] for record in read_records(url)] for url in urls] == [
        [ADA, BOB],
        [CLEO],
    ]
    assert contact_batches([], to=ObjectStoragePath(f"{place}/batches"), batch_size=1, key="x") == urls
    assert files_in(f"{place}/batches") == ["00001.jsonl.gz", "00002.jsonl.gz", "manifest.json"]


def test_of_tries_that_overlap_the_first_manifest_stands_and_the_other_files_go(place):
    orphan, retry = BatchFolder(place, "list"), BatchFolder(place, "list")
    lines = [json.dumps(contact).encode() + b"\n" for contact in PEOPLE]
    theirs = []

    def slow_lines():
        yield lines[0]
        theirs.append(retry.write(lines, 2, {}))  # the retry is through while the orphan still writes
        yield lines[1]

    adopted = orphan.write(slow_lines(), 5, {"of": "the orphan"})
    assert theirs == [adopted] == [retry.manifest()]
    assert files_in(place) == ["00001.jsonl.gz", "00002.jsonl.gz", "manifest.json"]


def test_a_path_is_known_again_however_it_is_spelt(place):
    path = f"{place}/due.csv"
    assert may_be_one_file(path, f"{place}/./due.csv")
    assert may_be_one_file(path, path_text(ObjectStoragePath(place) / "due.csv"))
    assert not may_be_one_file(path, f"{place}/other.csv")
    assert lies_in(path, place)
