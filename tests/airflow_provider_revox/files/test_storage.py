from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.atomic_write import create
from airflow_provider_revox.files.storage import read_if_there, remove_folder, subfolders


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
