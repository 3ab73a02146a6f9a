from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from airflow_provider_revox.files.atomic_write import create, replaced
from airflow_provider_revox.files.storage import read_if_there

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


def test_a_listing_from_before_does_not_hide_the_first_file(memory, monkeypatch):
    create("memory://bucket/x.json", "x.json", b"first")
    kind, listed = type(memory), []

    def knows_no_mode(self, path, value):
        pipe_file(self, path, value)

    pipe_file, exists = kind.pipe_file, kind.exists
    monkeypatch.setattr(kind, "pipe_file", knows_no_mode)
    # The first file was written since the listing: without a new one it is not there.
    monkeypatch.setattr(kind, "invalidate_cache", lambda self, path=None: listed.clear())
    monkeypatch.setattr(kind, "exists", lambda self, path, **_: not listed and exists(self, path))
    listed.append("an empty folder")
    create("memory://bucket/x.json", "x.json", b"second")
    assert read_if_there("memory://bucket/x.json", "x.json") == b"first"


def test_a_storage_that_knows_no_such_request_is_written_to_all_the_same(memory, monkeypatch):
    pipe_file = type(memory).pipe_file

    def knows_no_mode(self, path, value):
        pipe_file(self, path, value)

    monkeypatch.setattr(type(memory), "pipe_file", knows_no_mode)
    create("memory://bucket/x.json", "x.json", b"first")
    create("memory://bucket/x.json", "x.json", b"second")
    assert read_if_there("memory://bucket/x.json", "x.json") == b"first"


def test_on_a_mount_without_hard_links_the_first_stays_too(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr("os.link", refuse)
    path = str(tmp_path / "manifest.json")
    create(path, "manifest.json", b"first")
    create(path, "manifest.json", b"second")
    assert read_if_there(path, "manifest.json") == b"first"
    assert [file.name for file in tmp_path.iterdir()] == ["manifest.json"]


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
