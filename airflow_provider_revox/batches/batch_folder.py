"""Where the batches of one list are: all of them or none, and the first list stands."""

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
from airflow_provider_revox.files.records import is_path, packed
from airflow_provider_revox.files.storage import (
    create,
    read_if_there,
    remove_folder,
    replaced,
    subfolders,
)

_MANIFEST = "manifest.json"
_BATCH = re.compile(r"/(revox-[a-z2-7]{20})/[0-9a-f]{32}/([0-9]{5,})\.jsonl\.gz$")


def folder_name(*identity: Any) -> str:
    """Return a folder's name that says nothing, and is the same for the same identity."""
    digest = hashlib.sha256(json.dumps(identity).encode()).digest()
    return f"revox-{base64.b32encode(digest)[:20].decode().lower()}"


def batch_of(contacts: Any) -> str | None:
    """
    Return what a batch is the same batch by: of which list, and which of its batches.

    Who is in it is fixed by the list's manifest, so this tells it from all others without a word about them.

    :param contacts: What an operator was given.
    :return: ``None`` if that is no batch.
    """
    found = _BATCH.search(contacts) if isinstance(contacts, str) else None
    return f"{found[1]}/{found[2]}" if found else None


@dataclass(frozen=True)
class Manifest:
    """
    Says which batches there are, and nothing of who is in them. Once written it is never changed.

    :param written_by: The try whose batches count; the name of their folder.
    :param contacts: How many each batch has.
    :param report: What became of every record of the list.
    """

    written_by: str
    contacts: list[int]
    report: dict[str, Any]


class BatchFolder:
    """
    The folder of one list.

    Tries may overlap, each with a list of its own. So each writes its batches into a folder of its own, and
    then the manifest; the first manifest stands, and the others go by it.

    :param to: The folder in which this one is.
    :param name: The list's own name.
    """

    def __init__(self, to: str, name: str) -> None:
        if not isinstance(to, str) or not to.strip():
            raise InvalidRequestError(["to: must be the path or URL of a folder"])
        _, is_url, _ = to.partition("://")
        # Another worker may start in another directory.
        self._path = f"{to.rstrip('/') if is_url else Path(to).absolute()}/{name}"
        if not is_path(self._url("0", 1)):
            raise InvalidRequestError(["to: can't be the path or URL of a folder; is it a template?"])

    def manifest(self) -> Manifest | None:
        """Return the manifest, if there is one already."""
        content = read_if_there(f"{self._path}/{_MANIFEST}", _MANIFEST)
        return None if content is None else Manifest(**json.loads(content))

    def write(self, lines: Iterable[bytes], batch_size: int, report: dict[str, Any]) -> Manifest:
        """
        Write the batches of a list that is known to be right.

        :param lines: The contacts.
        :return: The manifest that counts; it may be another try's, which was faster.
        """
        mine = uuid4().hex
        contacts: list[int] = []
        try:
            for batch in _batches(iter(lines), batch_size):
                contacts.append(self._write_batch(self._url(mine, len(contacts) + 1), batch))
        except BaseException as error:
            self._remove(mine)
            # A faster try clears away what others have begun; then it is the one that counts.
            standing = self.manifest() if isinstance(error, OSError) else None
            if standing is None:
                raise
            return standing
        manifest = json.dumps(asdict(Manifest(mine, contacts, report))).encode()
        create(f"{self._path}/{_MANIFEST}", _MANIFEST, manifest)
        standing = self.manifest()
        if standing is None:
            raise FileNotFoundError("the batches' manifest was written, but is not there")
        # What other tries left behind holds people's data, and nobody will use it.
        with suppress(Exception):
            for name in subfolders(self._path):
                if name != standing.written_by:
                    self._remove(name)
        return standing

    def urls(self, manifest: Manifest) -> list[str]:
        """Return where the batches are."""
        return [self._url(manifest.written_by, number) for number in range(1, len(manifest.contacts) + 1)]

    def _url(self, written_by: str, number: int) -> str:
        return f"{self._path}/{written_by}/{number:05}.jsonl.gz"

    def _write_batch(self, url: str, lines: Iterable[bytes]) -> int:
        written = 0
        with replaced(url, url.rpartition("/")[2]) as file, packed(file) as text:
            for line in lines:
                text.write(line)
                written += 1
        return written

    def _remove(self, written_by: str) -> None:
        with suppress(Exception):
            remove_folder(f"{self._path}/{written_by}")


def _batches(lines: Iterator[bytes], batch_size: int) -> Iterator[Iterator[bytes]]:
    """Cut lines into batches; each must be read to its end before the next is asked for."""
    for first in lines:
        yield chain((first,), islice(lines, batch_size - 1))
