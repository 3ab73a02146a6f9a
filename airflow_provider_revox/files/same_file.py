"""Tell whether two paths lead to one file, however they are spelt."""

from __future__ import annotations

import os
import posixpath
from contextlib import suppress
from pathlib import Path

from airflow_provider_revox.files.formats import file_format
from airflow_provider_revox.files.storage import LOCAL, storage_path

_ONE_STORAGE = {
    "s3a": "s3", "s3n": "s3", "gcs": "gs",
    "abfss": "abfs", "adl": "abfs", "az": "abfs", "wasb": "abfs", "wasbs": "abfs",
}  # fmt: skip


def may_be_one_file(one: str, other: str) -> bool:
    """
    Return whether two paths may lead to one file, however they are spelt.

    On a local disk links and parts such as ``..`` are followed. In a remote storage, neither the connection
    nor the host tells one file from another: two of them may lead to one storage.

    :raises InvalidRequestError: A path is not valid, or Airflow does not know its storage.
    """
    first, second = (_place(path, file_format(path).name) for path in (one, other))
    if first == second:
        return True
    # Some disks take two spellings of a name for one.
    with suppress(OSError):
        return first[0] == second[0] == LOCAL and Path(first[1]).samefile(second[1])
    return False


def lies_in(path: str, folder: str) -> bool:
    """Return whether a path may lead to a file in a folder, however both are spelt."""
    (storage, file), (of_folder, outer) = _place(path, file_format(path).name), _place(folder, "folder")
    return storage == of_folder and file.startswith(f"{outer}/")


def _place(path: str, name: str) -> tuple[str, str]:
    """Return the storage of a file, and the one spelling of its path."""
    target = storage_path(path, name)
    protocol = _ONE_STORAGE.get(target.protocol, target.protocol or LOCAL)
    if protocol == LOCAL:
        return LOCAL, os.path.realpath(target.path)
    return protocol, posixpath.normpath(f"/{target.path}").replace("//", "/")
