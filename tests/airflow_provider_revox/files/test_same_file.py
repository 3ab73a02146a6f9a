from __future__ import annotations

import os
from itertools import product

from airflow_provider_revox.files.same_file import lies_in, may_be_one_file


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


def test_every_spelling_of_a_remote_path_may_lead_to_one_file(memory, monkeypatch):
    monkeypatch.setenv("AIRFLOW_CONN_OTHER", "{}")
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
