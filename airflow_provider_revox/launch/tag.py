"""The tag in a campaign's name, by which a retry finds the campaign of its launch."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Self

from airflow_provider_revox.client.errors import InvalidRequestError

MAX_NAME = 120
"""Characters of a name, tag included. The API states no limit, but a name that is cut loses its tag."""


@dataclass(frozen=True)
class LaunchTag:
    """
    The tag of one launch: ``Renewals 2026-11-23 [af-3k9x0c2m7q1z]``.

    From the second try on, the tag also says which try created the campaign: ``[af-3k9x0c2m7q1z.2]``. That is
    for people; the look-up ignores it.

    :param value: 12 characters of a hash of the launch. Campaigns of earlier releases are found by it, so the
        way it is made must never change.
    """

    value: str

    @classmethod
    def of(cls, dag_id: str, task_id: str, launch_key: str) -> Self:
        """
        Return the tag of a launch.

        :param dag_id: The id of the DAG.
        :param task_id: The id of the task.
        :param launch_key: What tells this launch from the other launches of the task.
        """
        identity = json.dumps([dag_id, task_id, launch_key], ensure_ascii=True, separators=(",", ":"))
        digest = hashlib.sha256(identity.encode()).digest()
        return cls(base64.b32encode(digest)[:12].decode().lower())

    def name(self, name: str, try_number: int) -> str:
        """
        Return a campaign's name with the tag at its end. A long name is cut, so that the tag stays whole.

        :raises InvalidRequestError: The name is empty.
        """
        if not isinstance(name, str) or not name.strip():
            raise InvalidRequestError(["name: must be text of at least one character"])
        tag = f"af-{self.value}{f'.{try_number}' if try_number > 1 else ''}"
        room = MAX_NAME - len(f" [{tag}{self._seal('')}]")
        text = name[:room].rstrip()
        return f"{text} [{tag}{self._seal(text)}]"

    def is_in(self, name: str) -> bool:
        """Return whether the tag is in a campaign's name, wherever it stands."""
        return self._find(name) is not None

    def is_exactly(self, name: str | None, text: str) -> bool:
        """Return whether a name is exactly what :meth:`name` makes of ``text``. The name of a copy is not."""
        return name is not None and name == self.name(text, self.launched_by(name) or 1)

    def is_unaltered(self, name: str | None) -> bool:
        """Return whether a campaign's name is what :meth:`name` makes of the text before the tag."""
        tag = self._find(name or "")
        return tag is not None and self.is_exactly(name, (name or "")[: tag.start()])

    def launched_by(self, name: str | None) -> int | None:
        """Return the number of the try that created the campaign with this name."""
        tag = self._find(name or "")
        return int(tag[1] or 1) if tag else None

    def _find(self, name: str) -> re.Match[str] | None:
        tags = list(re.finditer(rf"\[af-{self.value}(?:\.([0-9]+))?(?:-[a-z2-7]{{6}})?\]", name))
        return tags[-1] if tags else None

    def _seal(self, text: str) -> str:
        """Return what the tag says of the text before it."""
        return ""


class SealedTag(LaunchTag):
    """
    The tag of a launch that several tasks may make, each under its own name: ``Rest
    [af-3k9x0c2m7q1z-5qk2ab]``.

    The tag also has a hash of the text before it. That tells ``Copy of Rest [af-…]``, made by hand, from a
    campaign that another task has named.
    """

    def _seal(self, text: str) -> str:
        digest = hashlib.sha256(f"{self.value} {text}".encode()).digest()
        return f"-{base64.b32encode(digest)[:6].decode().lower()}"
