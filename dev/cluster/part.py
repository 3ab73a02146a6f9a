"""Describe a part of the cluster: one program that runs until it is stopped."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Part:
    """
    One program.

    :param name: Its name, which is also the name of its log.
    :param command: The program and its arguments.
    :param env: Its environment variables.
    :param cwd: The folder in which it runs.
    :param user: The user who runs it. Default: the user of this process.
    :param stop_signal: The signal that asks it to end.
    :param grace: How many seconds it may take to end, before it is killed.
    """

    name: str
    command: list[str]
    env: Mapping[str, str] = field(repr=False)
    cwd: Path
    user: str | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 20
