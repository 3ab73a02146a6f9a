"""Write files by path or URL. A written file is there when it is complete, or not at all."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from gzip import GzipFile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, BinaryIO, cast
from uuid import uuid4

from airflow_provider_revox.files.lineage import note_written
from airflow_provider_revox.files.storage import LOCAL, OBJECT_STORES, storage_path

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import ObjectStoragePath


@contextmanager
def replaced(path: str, name: str) -> Iterator[BinaryIO]:
    """
    Write a file that is there when it is complete, or not at all. An older file stays until then.

    Missing directories are made if the storage has directories.

    :param path: A path or URL.
    :param name: How errors name the file.
    :return: A context to write the file in. An error in it leaves nothing behind.
    """
    target = storage_path(path, name)
    if _is_local(target):
        final = Path(target.path)
        final.parent.mkdir(parents=True, exist_ok=True)
        # Beside the file, since a rename is one step only within one file system.
        staged = final.with_name(f".{uuid4().hex}.tmp")
        try:
            with _new_file(staged) as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            staged.replace(final)
        except BaseException:
            staged.unlink(missing_ok=True)
            raise
    else:
        # On a local disk first, so that nothing is sent before all of the file is there.
        with TemporaryDirectory(prefix="revox-") as folder:
            # Under its own name, since storages derive the content type from it.
            complete = Path(folder, name)
            with _new_file(complete) as file:
                yield file
            _upload(str(complete), target)
    note_written(path, target)


def _upload(complete: str, target: ObjectStoragePath) -> None:
    fs, final = target.fs, target.path
    if target.protocol in OBJECT_STORES:
        # An uploaded file gets its name when it is complete. To rename it would mean to copy and delete it.
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


@contextmanager
def compressed(file: BinaryIO) -> Iterator[BinaryIO]:
    """Compress with gzip what is written into a file."""
    # Without the time of writing, so that equal content makes equal files.
    with GzipFile("", "wb", fileobj=file, mtime=0) as gzip:
        yield cast("BinaryIO", gzip)


def create(path: str, name: str, content: bytes) -> None:
    """
    Write a small file unless there is one; then the first file stays.

    If two tasks write at the same time, a disk, S3, Azure and Google's storage keep the first file. On
    another storage the second file may replace the first, if both tasks have looked before either has
    written.

    :param path: A path or URL.
    :param name: How errors name the file.
    """
    target = storage_path(path, name)
    if _is_local(target):
        final = Path(target.path)
        final.parent.mkdir(parents=True, exist_ok=True)
        staged = final.with_name(f".{uuid4().hex}.tmp")
        try:
            with _new_file(staged) as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            try:
                os.link(staged, final)
            except FileExistsError:
                pass
            except OSError:
                # This mount has no hard links, so take the name first and write the content then.
                with suppress(FileExistsError), _new_file(final) as file:
                    file.write(content)
        finally:
            staged.unlink(missing_ok=True)
        return
    if _is_there(target):
        return
    try:
        target.fs.pipe_file(target.path, content, mode="create")
    except FileExistsError:
        pass
    except Exception:
        # The storage has written it and the answer was lost, or it can't write only new files.
        if not _is_there(target):
            target.fs.pipe_file(target.path, content)


def _is_there(target: ObjectStoragePath) -> bool:
    # A listing from before does not show what another task has written since.
    target.fs.invalidate_cache()
    return bool(target.fs.exists(target.path))


def _new_file(path: Path) -> BinaryIO:
    """Create a file that only its owner may read: it may hold people."""
    return cast("BinaryIO", open(path, "xb", opener=partial(os.open, mode=0o600)))


def _is_local(target: ObjectStoragePath) -> bool:
    return (target.protocol or LOCAL) == LOCAL
