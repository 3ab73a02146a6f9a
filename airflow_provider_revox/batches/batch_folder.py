"""Write the batches of one list into a folder: all of them or none, and the first list stands."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.files.atomic_write import compressed, create, replaced
from airflow_provider_revox.files.formats import is_path, path_text
from airflow_provider_revox.files.same_file import lies_in
from airflow_provider_revox.files.storage import read_if_there, remove_folder, subfolders

_MANIFEST = "manifest.json"
_BATCH = re.compile(r"/(revox-[a-z2-7]{20})/[0-9a-f]{32}/([0-9]{5,})\.jsonl\.gz$")


def folder_name(*identity: Any) -> str:
    """Return a folder's name: the same for the same identity, and without anything personal in it."""
    digest = hashlib.sha256(json.dumps(identity).encode()).digest()
    return f"revox-{base64.b32encode(digest)[:20].decode().lower()}"


def batch_of(contacts: Any) -> str | None:
    """
    Return the identity of a batch: its list, and its number within the list.

    The manifest of the list fixes the contacts of each batch, so equal identities have equal contacts.

    :param contacts: The operator's argument ``contacts``.
    :return: ``None`` if this is not the URL of a batch.
    """
    found = _BATCH.search(contacts) if isinstance(contacts, str) else None
    return f"{found[1]}/{found[2]}" if found else None


@dataclass(frozen=True)
class Manifest:
    """
    Lists the batches, without anything personal. Once it is written, it never changes.

    :param written_by: The try whose batches count. It is the name of their folder.
    :param contacts: The number of contacts in each batch.
    :param report: The counts of the contact report.
    """

    written_by: str
    contacts: list[int]
    report: dict[str, Any]


class BatchFolder:
    """
    The folder of one list.

    Tries may overlap, and each may read another list from the source. So each try writes its batches into a
    folder of its own, and then the manifest. The first manifest stands, and all tries use its batches.

    :param to: The parent folder: text, a ``Path`` or an ``ObjectStoragePath``.
    :param name: The name of this folder.
    :raises InvalidRequestError: ``to`` can't be a folder.
    """

    def __init__(self, to: Any, name: str) -> None:
        to = path_text(to)
        if not isinstance(to, str) or not to.strip():
            raise InvalidRequestError(["to: must be the path or URL of a folder"])
        _, is_url, _ = to.partition("://")
        # A relative path would be another one on a worker that runs in another directory.
        self._path = f"{to.rstrip('/') if is_url else Path(to).absolute()}/{name}"
        if not is_path(self._url("0", 1)):
            raise InvalidRequestError(["to: is not the path or URL of a folder; templates are not rendered"])

    def check_outside(self, path: Any, option: str) -> None:
        """
        Refuse the path of a file in this folder, because each try removes the files of other tries from it.

        :param option: How the error names the path.
        :raises InvalidRequestError: The path leads into the folder.
        """
        if is_path(path) and lies_in(path, self._path):
            raise InvalidRequestError(
                [f"{option}: is a file in the folder of this list, in which the batches are written"]
            )

    def manifest(self) -> Manifest | None:
        """Return the manifest, or ``None`` if no try has written one."""
        content = read_if_there(f"{self._path}/{_MANIFEST}", _MANIFEST)
        return None if content is None else Manifest(**json.loads(content))

    def write(self, lines: Iterable[bytes], batch_size: int, report: dict[str, Any]) -> Manifest:
        """
        Write the batches of a list that is checked already.

        :param lines: The contacts, one line of JSON each.
        :param batch_size: The largest number of contacts in one batch.
        :param report: The counts of the contact report.
        :return: The manifest that stands. Another try that was faster may have written it.
        """
        own_folder = uuid4().hex
        contacts: list[int] = []
        try:
            for batch in _batches(iter(lines), batch_size):
                contacts.append(self._write_batch(self._url(own_folder, len(contacts) + 1), batch))
        except BaseException as error:
            self._remove(own_folder)
            # A faster try removes the folders of the others. Then its manifest stands.
            first = self.manifest() if isinstance(error, OSError) else None
            if first is None:
                raise
            return first
        manifest = json.dumps(asdict(Manifest(own_folder, contacts, report))).encode()
        create(f"{self._path}/{_MANIFEST}", _MANIFEST, manifest)
        first = self.manifest()
        if first is None:
            raise FileNotFoundError("the batches' manifest was written, but is not there")
        # The folders of other tries hold people's data, and no task will read them.
        with suppress(Exception):
            for name in subfolders(self._path):
                if name != first.written_by:
                    self._remove(name)
        return first

    def urls(self, manifest: Manifest) -> list[str]:
        """Return the URLs of the batches."""
        return [self._url(manifest.written_by, number) for number in range(1, len(manifest.contacts) + 1)]

    def _url(self, written_by: str, number: int) -> str:
        return f"{self._path}/{written_by}/{number:05}.jsonl.gz"

    def _write_batch(self, url: str, lines: Iterable[bytes]) -> int:
        written = 0
        with replaced(url, url.rpartition("/")[2]) as file, compressed(file) as text:
            for line in lines:
                text.write(line)
                written += 1
        return written

    def _remove(self, written_by: str) -> None:
        with suppress(Exception):
            remove_folder(f"{self._path}/{written_by}")


def _batches(lines: Iterator[bytes], batch_size: int) -> Iterator[Iterator[bytes]]:
    """Cut lines into batches. Read each batch to its end before you ask for the next one."""
    for first in lines:
        yield chain((first,), islice(lines, batch_size - 1))
