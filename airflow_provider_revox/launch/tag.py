"""The tag in a campaign's name by which the launch of a task is found again."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import dataclass
from typing import Self

from airflow_provider_revox.client.errors import InvalidRequestError

MAX_NAME = 120
"""Characters of a name, tag included. The API states no limit; a name cut by it would lose its tag."""


@dataclass(frozen=True)
class LaunchTag:
    """
    Marks the campaign of one launch: ``Renewals 2026-11-23 [af-3k9x0c2m7q1z]``.

    The mark also says which try made the campaign, unless it was the first: ``[af-3k9x0c2m7q1z.2]``. That is
    for people; the look-up ignores it.

    :param value: 12 characters from a hash of what identifies the launch. Campaigns of earlier releases are
        found by it, so how it is made must never change.
    """

    value: str

    @classmethod
    def of(cls, dag_id: str, task_id: str, launch_key: str) -> Self:
        """
        Return the tag of a launch.

        :param dag_id: The DAG.
        :param task_id: The task.
        :param launch_key: What makes it this launch and no other, within the task.
        """
        identity = json.dumps([dag_id, task_id, launch_key], ensure_ascii=True, separators=(",", ":"))
        digest = hashlib.sha256(identity.encode()).digest()
        return cls(base64.b32encode(digest)[:12].decode().lower())

    def name(self, name: str, try_number: int) -> str:
        """
        Return a campaign's name with the mark at its end, cut so that the mark stays whole.

        :raises InvalidRequestError: There is no name.
        """
        if not isinstance(name, str) or not name.strip():
            raise InvalidRequestError(["name: must be text of at least one character"])
        mark = f"[af-{self.value}{f'.{try_number}' if try_number > 1 else ''}{self._seal('')}]"
        base = name[: MAX_NAME - len(mark) - 1].rstrip()
        return f"{base} {mark.removesuffix(self._seal('') + ']')}{self._seal(base)}]"

    def marks(self, name: str) -> bool:
        """Whether a campaign with this name belongs to the launch: it has the mark, wherever."""
        return self._mark(name) is not None

    def named(self, name: str | None, base: str) -> bool:
        """Whether a campaign's name is just what :meth:`name` makes of ``base``; a copy's is not."""
        return name is not None and name == self.name(base, self.launched_by(name) or 1)

    def made(self, name: str | None) -> bool:
        """Whether a campaign's name is just what :meth:`name` makes of whatever stands before the mark."""
        mark = self._mark(name or "")
        return mark is not None and self.named(name, (name or "")[: mark.start()])

    def launched_by(self, name: str | None) -> int | None:
        """Return which try made a campaign with this name."""
        mark = self._mark(name or "")
        return int(mark[1] or 1) if mark else None

    def _mark(self, name: str) -> re.Match[str] | None:
        marks = list(re.finditer(rf"\[af-{self.value}(?:\.([0-9]+))?(?:-[a-z2-7]{{6}})?\]", name))
        return marks[-1] if marks else None

    def _seal(self, base: str) -> str:
        """Return what the mark says of the text before it."""
        return ""


class SealedTag(LaunchTag):
    """
    The tag of a launch that tasks make under several names: ``The rest [af-3k9x0c2m7q1z-5qk2ab]``.

    The mark says what stands before it, so that ``Copy of The rest [af-…]`` is told from a campaign that
    another task has named.
    """

    def _seal(self, base: str) -> str:
        digest = hashlib.sha256(f"{self.value} {base}".encode()).digest()
        return f"-{base64.b32encode(digest)[:6].decode().lower()}"
