from __future__ import annotations

import os
import tempfile
from itertools import product
from pathlib import Path

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.storage import (
    create,
    lies_in,
    may_be_one_file,
    read_if_there,
    remove_folder,
    replaced,
    subfolders,
)

PLACES = [
    "{tmp_path}/a/b/manifest.json",
    "memory://bucket/a/manifest.json",
    "s3://crm@bucket/a/manifest.json",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_file_that_is_there_stays(memory, tmp_path, place):
    path = place.format(tmp_path=tmp_path)
    assert read_if_there(path, "manifest.json") is None
    create(path, "manifest.json", b"first")
    create(path, "manifest.json", b"second")
    assert read_if_there(path, "manifest.json") == b"first"
    assert [file.name for file in tmp_path.rglob("*") if file.is_file()] in ([], ["manifest.json"])


@pytest.mark.parametrize("place", PLACES[1:])
def test_of_two_that_have_both_looked_before_either_has_written_the_first_stays(memory, monkeypatch, place):
    exists, looks = type(memory).exists, []

    def not_yet(self, path, **options):
        looks.append(path)
        return len(looks) > 1 and exists(self, path, **options)

    create(place, "manifest.json", b"first")
    monkeypatch.setattr(type(memory), "exists", not_yet)
    create(place, "manifest.json", b"second")
    assert len(looks) > 0
    assert read_if_there(place, "manifest.json") == b"first"


def test_a_write_that_was_taken_and_not_answered_is_not_repeated(memory, monkeypatch):
    pipe_file, writes = type(memory).pipe_file, []

    def loses_the_answer(self, *arguments, **options):
        writes.append(arguments)
        pipe_file(self, *arguments, **options)
        raise OSError("timeout")

    monkeypatch.setattr(type(memory), "pipe_file", loses_the_answer)
    create("memory://bucket/x.json", "x.json", b"first")
    assert len(writes) == 1
    assert read_if_there("memory://bucket/x.json", "x.json") == b"first"


def test_a_storage_that_knows_no_such_request_is_written_to_all_the_same(memory, monkeypatch):
    pipe_file = type(memory).pipe_file

    def knows_no_mode(self, path, value):
        pipe_file(self, path, value)

    monkeypatch.setattr(type(memory), "pipe_file", knows_no_mode)
    create("memory://bucket/x.json", "x.json", b"first")
    create("memory://bucket/x.json", "x.json", b"second")
    assert read_if_there("memory://bucket/x.json", "x.json") == b"first"


def test_a_file_that_may_not_be_read_is_not_taken_for_one_that_is_not_there(memory, monkeypatch):
    def forbidden(*_, **__):
        raise PermissionError("403 for memory://bucket/x.json")

    monkeypatch.setattr(type(memory), "_open", forbidden)
    with pytest.raises(InvalidRequestError, match=r"x\.json: may not be read with the rights of this task"):
        read_if_there("memory://bucket/x.json", "x.json")


@pytest.mark.parametrize("place", ["{tmp_path}/lists", "memory://bucket/lists"])
def test_folders_are_found_and_removed(memory, tmp_path, place):
    folder = place.format(tmp_path=tmp_path)
    for path in ("one/x.json", "two/x.json", "x.json"):
        create(f"{folder}/{path}", "x.json", b"x")
    assert sorted(subfolders(folder)) == ["one", "two"]
    remove_folder(f"{folder}/one")
    assert subfolders(folder) == ["two"]
    assert read_if_there(f"{folder}/one/x.json", "x.json") is None
    assert read_if_there(f"{folder}/x.json", "x.json") == b"x"


def test_on_a_mount_without_hard_links_the_first_stays_too(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    path = str(tmp_path / "manifest.json")
    create(path, "manifest.json", b"first")
    create(path, "manifest.json", b"second")
    assert read_if_there(path, "manifest.json") == b"first"
    assert [file.name for file in tmp_path.iterdir()] == ["manifest.json"]


# ---- Spellings of one path


def spellings(folder):
    """Return ways to write the path of ``due.csv`` in a folder that is the working directory."""
    link = folder / "link.csv"
    link.symlink_to(folder / "due.csv")
    (folder / "linked").symlink_to(folder)
    os.link(folder / "due.csv", folder / "hard.csv")
    name = folder.name
    return [
        "due.csv", "./due.csv", f"../{name}/due.csv", f"{folder}/due.csv", f"{folder}//due.csv",
        f"{folder}/./due.csv", f"{folder}/x/../due.csv", f"//{str(folder)[1:]}/due.csv",
        f"file://{folder}/due.csv", f"FILE://{folder}/due.csv", f"File://{folder}//./due.csv",
        f"local://{folder}/due.csv", f"file://{folder}/x/../due.csv", str(link), f"file://{link}",
        f"{folder}/linked/due.csv", f"{folder}/hard.csv",
    ]  # fmt: skip


def test_every_spelling_of_a_local_path_leads_to_one_file(tmp_path, monkeypatch, memory):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "due.csv").write_text("a\n")
    for one, other in product(spellings(tmp_path), repeat=2):
        assert may_be_one_file(one, other), (one, other)
        assert not may_be_one_file(one, f"{tmp_path}/other.csv")
        assert not may_be_one_file(one, f"memory://{tmp_path}/due.csv")
    (tmp_path / "hard.csv").unlink()
    (tmp_path / "due.csv").unlink()  # a file that is not there yet has spellings, too
    assert may_be_one_file("due.csv", f"file://{tmp_path}/linked/link.csv")


REMOTE = [
    "s3://crm@bucket/a/due.csv", "s3://bucket/a/due.csv", "S3://crm@bucket/a/due.csv",
    "s3://other@bucket/a//due.csv", "s3://crm@bucket/a/./due.csv", "s3://crm@bucket/b/../a/due.csv",
    "s3://crm@bucket//a/due.csv",
]  # fmt: skip


def test_every_spelling_of_a_remote_path_may_lead_to_one_file(memory):
    for attach_as in ("other", None):
        attach(attach_as, memory)
    for one, other in product(REMOTE, repeat=2):
        assert may_be_one_file(one, other), (one, other)
    assert not may_be_one_file(REMOTE[0], "s3://crm@bucket/a/new.csv")
    assert not may_be_one_file(REMOTE[0], "s3://crm@bucket/A/due.csv")  # names differ by case there
    assert not may_be_one_file(REMOTE[0], "memory://bucket/a/due.csv")


def attach(conn_id, fs):
    try:
        from airflow.sdk.io.store import attach
    except ImportError:
        from airflow.io.store import attach
    attach("s3", conn_id=conn_id, fs=fs)


def test_a_file_in_a_folder_lies_in_it_however_both_are_spelt(tmp_path, monkeypatch, memory):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "linked").symlink_to(tmp_path)
    for folder in ("lists", f"{tmp_path}/lists", f"file://{tmp_path}/x/../lists/", "linked/lists"):
        assert lies_in("lists/a/due.csv", folder)
        assert lies_in(f"{tmp_path}//lists/due.csv", folder)
        assert not lies_in("lists2/due.csv", folder)
        assert not lies_in("lists/../due.csv", folder)
    assert lies_in("s3://crm@bucket/lists/due.csv", "s3://crm@bucket/lists/")
    assert not lies_in("s3://crm@bucket/lists.csv", "s3://crm@bucket/lists")


# ---- Who may read a local file


@pytest.mark.parametrize("umask", [0o000, 0o022])
@pytest.mark.parametrize("hard_links", [True, False])
def test_only_the_owner_may_read_a_local_file_also_while_it_is_written(
    tmp_path, memory, monkeypatch, umask, hard_links
):
    def refuse(*_):
        raise PermissionError

    def modes():
        folders = (tmp_path, Path(tempfile.gettempdir()))
        files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
        return {path.stat().st_mode & 0o777 for path in files}

    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    if not hard_links:
        monkeypatch.setattr("os.link", refuse)
    (tmp_path / "old.csv").write_text("x")
    (tmp_path / "old.csv").chmod(0o644)
    before = os.umask(umask)
    try:
        for path in ("new.csv", "old.csv", "sub/new.csv"):
            with replaced(f"{tmp_path}/{path}", path) as file:
                file.write(b"+33612345678")
                (tmp_path / "old.csv").chmod(0o600)  # what an older release has written stays until then
                assert modes() == {0o600}
        with replaced("s3://crm@bucket/new.csv", "new.csv"):
            assert modes() == {0o600}
        create(f"{tmp_path}/manifest.json", "manifest.json", b"{}")
        assert modes() == {0o600}
    finally:
        os.umask(before)
