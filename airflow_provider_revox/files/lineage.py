"""
Tell Airflow which files a task has read and written, each once.

Airflow's hook lineage gets every file. Within :func:`files_used` a task learns its own files, too.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import ObjectStoragePath

_SCHEMES = {"s3a": "s3", "gcs": "gs"}
"""Two names of one storage, and the one that lineage uses."""

log = logging.getLogger(__name__)


@dataclass
class FilesUsed:
    """
    Holds the URIs of files, each once.

    :param inputs: The files that were read.
    :param outputs: The files that were written.
    """

    inputs: list[str] = field(default_factory=list)
    outputs: list[str] = field(default_factory=list)


_used: ContextVar[FilesUsed | None] = ContextVar("revox_files_used", default=None)


@contextmanager
def files_used(files: FilesUsed) -> Iterator[None]:
    """
    Note the files that the code in this context reads and writes.

    :param files: Where to note them.
    """
    token = _used.set(files)
    try:
        yield
    finally:
        _used.reset(token)


def file_uri(path: str, target: ObjectStoragePath) -> str:
    """
    Return the URI of a file as lineage names it: without connection, user, password and query.

    :param path: The path or URL, as the user wrote it.
    :param target: Airflow's object for it.
    """
    scheme, is_url, rest = path.partition("://")
    if not is_url or target.protocol in ("", "file", "local"):
        return f"file://{target.path}"
    host, _, key = rest.partition("/")
    scheme = scheme.lower()
    return f"{_SCHEMES.get(scheme, scheme)}://{host.rpartition('@')[2]}/{key.partition('?')[0]}"


def note_read(path: str, target: ObjectStoragePath) -> None:
    """Tell Airflow that a file is read."""
    _note(path, target, is_input=True)


def note_written(path: str, target: ObjectStoragePath) -> None:
    """Tell Airflow that a file was written, and is complete."""
    _note(path, target, is_input=False)


def _note(path: str, target: ObjectStoragePath, *, is_input: bool) -> None:
    used = _used.get()
    uri = file_uri(path, target)
    if used is not None:
        uris = used.inputs if is_input else used.outputs
        if uri in uris:
            return
        uris.append(uri)
    try:
        from airflow.providers.common.compat.lineage.hook import get_hook_lineage_collector

        collector: Any = get_hook_lineage_collector()  # type: ignore[no-untyped-call]
        add = collector.add_input_asset if is_input else collector.add_output_asset
        add(context=target, uri=uri)
    except Exception as error:  # Airflow refuses some URIs, and a reader may fail; the task goes on
        log.warning("Airflow's hook lineage did not take a file (%s).", type(error).__name__)
