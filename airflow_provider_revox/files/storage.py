"""Open and remove files by path or URL."""

from __future__ import annotations

import io
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.compatibility import has_storage, untracked
from airflow_provider_revox.files.lineage import note_read
from airflow_provider_revox.files.named_connection import check_named_connection
from airflow_provider_revox.files.refusals import is_refusal

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import ObjectStoragePath

LOCAL = "file"
"""The protocol of a local disk."""
OBJECT_STORES = {
    "s3", "s3a", "s3n", "gs", "gcs", "abfs", "abfss", "adl", "az", "wasb", "wasbs", "oss", "memory",
}  # fmt: skip
"""The protocols of storages without folders."""


class Source(io.RawIOBase):
    """
    Reads a file of any storage as Python's own readers expect it, and remembers whether the storage failed.

    :param handle: What the storage opened. Not every storage opens a whole file object.
    """

    def __init__(self, handle: Any) -> None:
        super().__init__()
        self._handle = handle
        self.failed = False

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._call("read", len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        return cast("int", self._call("seek", offset, whence))

    def tell(self) -> int:
        return cast("int", self._call("tell"))

    def close(self) -> None:
        if not self.closed:
            self._handle.close()
        super().close()

    def _call(self, method: str, *arguments: Any) -> Any:
        try:
            return getattr(self._handle, method)(*arguments)
        except Exception:
            self.failed = True
            raise


def storage_path(path: str, name: str) -> ObjectStoragePath:
    """
    Return Airflow's object for a path.

    :param path: A path or URL.
    :param name: How errors name the file.
    :raises InvalidRequestError: The path is not valid, Airflow does not know its storage, or it names a
        connection that does not exist.
    """
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    scheme, is_url, rest = path.partition("://")
    if is_url:
        # Airflow 2 knows schemes in lower case only, and one of the two for a local disk.
        protocol = LOCAL if scheme.lower() == "local" else scheme.lower()
        path = f"{protocol}://{rest}"
        # First, since Airflow 3 opens the storage at once. Text in a URL of no storage is not looked up.
        if protocol in OBJECT_STORES or has_storage(protocol):
            check_named_connection(path, name)
    found = None
    try:
        # Airflow 2 reads a relative path from the root.
        found = ObjectStoragePath(path if is_url else str(Path(path).absolute()))
        found.fs  # noqa: B018  # an unknown storage shows here or above, by version of Airflow
    except ValueError as error:
        if found is not None and not str(error).startswith("No filesystem registered"):
            raise
        known = False
    else:
        known = True
    if found is None or not known:
        raise InvalidRequestError(
            [f"{name}: is not a valid URL, or the Airflow provider for {scheme}:// is not installed"]
            if is_url
            else [f"{name}: is not a valid path"]
        )
    return found


def open_source(path: str, name: str) -> Source:
    """
    Open a file for reading.

    :raises InvalidRequestError: There is no such file, or this task may not read it.
    """
    problem = ""
    try:
        found: Any = storage_path(path, name)
        source = Source(untracked(found.open("rb")))
    except FileNotFoundError:
        problem = "there is no such file"
    except (IsADirectoryError, NotADirectoryError):
        problem = "is not a file"
    except Exception as error:
        if not is_refusal(error):
            raise
        problem = "may not be read with the rights of this task"
    else:
        note_read(path, found)
        return source
    # Raised outside of the except block, since the storage's own error shows the whole path.
    raise InvalidRequestError([f"{name}: {problem}"])


def read_if_there(path: str, name: str) -> bytes | None:
    """
    Return the content of a small file, or ``None`` if there is no such file.

    :raises InvalidRequestError: This task may not read it.
    """
    target: Any = storage_path(path, name)
    target.fs.invalidate_cache()
    try:
        with untracked(target.open("rb")) as file:
            return cast("bytes", file.read())
    except FileNotFoundError:
        return None
    except Exception as error:
        if not is_refusal(error):
            raise
    raise InvalidRequestError(
        [f"{name}: may not be read with the rights of this task (which it needs to list the folder, too)"]
    )


def subfolders(path: str) -> list[str]:
    """Return the names of the folders in a folder."""
    target = storage_path(path, "folder")
    target.fs.invalidate_cache()
    entries = target.fs.ls(target.path, detail=True)
    return [entry["name"].rstrip("/").rpartition("/")[2] for entry in entries if entry["type"] == "directory"]


def remove_folder(path: str) -> None:
    """Remove a folder and everything in it."""
    target = storage_path(path, "folder")
    target.fs.rm(target.path, recursive=True)
