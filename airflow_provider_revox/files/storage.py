"""Files by path or URL: opened through Airflow, replaced as a whole or not at all."""

from __future__ import annotations

import io
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast
from uuid import uuid4

from airflow_provider_revox.client.errors import InvalidRequestError

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import ObjectStoragePath

SUFFIX = re.compile(r"\.(?:(csv|tsv|txt|jsonl|ndjson)(\.gz)?|(parquet))$", re.IGNORECASE)
_KINDS = {"txt": "csv", "ndjson": "jsonl"}

# What is uploaded to these has its name once all of it is there; to rename is to copy and delete.
_OBJECT_STORES = {"s3", "s3a", "gs", "gcs", "abfs", "abfss", "adl", "az", "wasb", "wasbs", "oss", "memory"}


class FileFormat(NamedTuple):
    """
    What a file's name says of it.

    :param name: The name without directory, bucket and credentials, for errors.
    :param kind: ``csv``, ``tsv``, ``jsonl`` or ``parquet``.
    :param packed: Whether it is compressed with gzip.
    """

    name: str
    kind: str
    packed: bool


def file_format(path: str) -> FileFormat:
    _, is_url, rest = path.rpartition("://")
    _, slash, name = rest.rpartition("/")
    if is_url and not slash:
        name = name.rpartition("@")[2]
    if (suffix := SUFFIX.search(name)) is None:
        raise InvalidRequestError(
            [
                "the file's name must end with .csv, .tsv, .txt, .jsonl or .ndjson (.gz may follow), "
                "or with .parquet; a spreadsheet must be saved as one of these"
            ]
        )
    kind = (suffix[1] or suffix[3]).lower()
    return FileFormat(name, _KINDS.get(kind, kind), bool(suffix[2]))


class Source(io.RawIOBase):
    """
    A file of any storage as Python's own readers want it, which remembers whether the storage failed.

    :param handle: What ``ObjectStoragePath.open`` returned; of its two versions none is a whole file object.
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
    Return a path's Airflow object.

    :param path: A path or URL.
    :param name: How errors name the file.
    :raises InvalidRequestError: It is no URL of a storage that Airflow knows here.
    """
    from airflow.providers.common.compat.sdk import ObjectStoragePath

    scheme, is_url, _ = path.partition("://")
    found = None
    try:
        # Airflow 2 takes a relative path for one from the root.
        found = ObjectStoragePath(path if is_url else str(Path(path).absolute()))
        found.fs  # noqa: B018  # Airflow 2 and 3 find out here, or above, that they don't know the storage
    except ValueError as error:
        if found is not None and not str(error).startswith("No filesystem registered"):
            raise
        known = False
    else:
        known = True
    if found is None or not known:
        raise InvalidRequestError(
            [f"{name}: is no valid URL, or the Airflow provider for {scheme}:// is not installed"]
            if is_url
            else [f"{name}: is no valid path"]
        )
    return found


def open_source(path: str, name: str) -> Source:
    problem = ""
    try:
        found: Any = storage_path(path, name)
        return Source(found.open("rb"))
    except FileNotFoundError:
        problem = "there is no such file"
    except (IsADirectoryError, NotADirectoryError):
        problem = "is not a file"
    except PermissionError:
        problem = "may not be read with the rights of this task"
    # Raised here, so that the path, which the storage's own error shows, does not hang on it as its context.
    raise InvalidRequestError([f"{name}: {problem}"])


def read_if_there(path: str, name: str) -> bytes | None:
    """
    Return a small file's content, or ``None`` if there is no such file.

    :raises InvalidRequestError: It may not be read.
    """
    target: Any = storage_path(path, name)
    target.fs.invalidate_cache()
    try:
        with target.open("rb") as file:
            return cast("bytes", file.read())
    except FileNotFoundError:
        return None
    except PermissionError:
        pass
    raise InvalidRequestError(
        [f"{name}: may not be read with the rights of this task (which it needs to list the folder, too)"]
    )


def create(path: str, name: str, content: bytes) -> None:
    """
    Write a small file unless it is there; then that one stays.

    Of two that write at the same time one comes first, if the storage has such a request: disks have, S3 and
    Google's, too. In another the second may replace the first, if both have looked before either has written.

    :param path: A path or URL.
    :param name: How errors name the file.
    """
    target = storage_path(path, name)
    if _is_local(target):
        final = Path(target.path)
        final.parent.mkdir(parents=True, exist_ok=True)
        staged = final.with_name(f".{uuid4().hex}.tmp")
        try:
            with staged.open("xb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(staged, final)
            except FileExistsError:
                pass
            except OSError:
                # A mount without hard links: the name is taken first, and the content follows.
                with suppress(FileExistsError), final.open("xb") as file:
                    file.write(content)
        finally:
            staged.unlink(missing_ok=True)
        return
    if target.fs.exists(target.path):
        return
    try:
        target.fs.pipe_file(target.path, content, mode="create")
    except FileExistsError:
        pass
    except Exception:
        # It was taken but not answered; or the storage has no such request.
        if not target.fs.exists(target.path):
            target.fs.pipe_file(target.path, content)


def subfolders(path: str) -> list[str]:
    """Return the names of the folders in a folder."""
    target = storage_path(path, "folder")
    target.fs.invalidate_cache()
    entries = target.fs.ls(target.path, detail=True)
    return [entry["name"].rstrip("/").rpartition("/")[2] for entry in entries if entry["type"] == "directory"]


def remove_folder(path: str) -> None:
    """Remove a folder and all that is in it."""
    target = storage_path(path, "folder")
    target.fs.rm(target.path, recursive=True)


def _is_local(target: ObjectStoragePath) -> bool:
    return (target.protocol or "file") in ("file", "local")


@contextmanager
def replaced(path: str, name: str) -> Iterator[BinaryIO]:
    """
    Write a file that appears under its name when it is complete, or never; an older one stays until then.

    Directories on the way are made where the storage has any.

    :param path: A path or URL.
    :param name: How errors name the file.
    :return: A context in which the file is written. Leaving it with an error leaves nothing behind.
    """
    target = storage_path(path, name)
    if _is_local(target):
        final = Path(target.path)
        final.parent.mkdir(parents=True, exist_ok=True)
        # Beside it: only within one file system is a rename one step.
        staged = final.with_name(f".{uuid4().hex}.tmp")
        try:
            with staged.open("xb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            staged.replace(final)
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
    else:
        # A disk of its own first: while the records are still coming, nothing is sent anywhere.
        with TemporaryDirectory(prefix="revox-") as folder:
            # Under its name, which storages take the content type from.
            complete = Path(folder, name)
            with complete.open("xb") as file:
                yield file
            _upload(str(complete), target)


def _upload(complete: str, target: ObjectStoragePath) -> None:
    fs, final = target.fs, target.path
    if target.protocol in _OBJECT_STORES:
        fs.put_file(complete, final)
        return
    folder, _, _ = final.rpartition("/")
    staged = f"{folder}/.{uuid4().hex}.tmp"
    try:
        fs.makedirs(folder, exist_ok=True)
        fs.put_file(complete, staged)
        fs.mv(staged, final)
    except BaseException:
        with suppress(Exception):
            fs.rm_file(staged)
        raise
