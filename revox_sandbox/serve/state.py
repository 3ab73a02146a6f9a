"""Keep everything that a sandbox knows. Both the class ``Sandbox`` and the remote control act on it."""

from __future__ import annotations

from revox_sandbox.play.store import Store
from revox_sandbox.serve.faults import FaultPlan
from revox_sandbox.serve.journal import Journal
from revox_sandbox.settings import SandboxSettings


class SandboxState:
    """
    The campaigns, the planned faults and the journal of one sandbox.

    :param settings: The settings of the sandbox.
    """

    def __init__(self, settings: SandboxSettings) -> None:
        self.settings = settings
        self.store = Store(settings)
        self.faults = FaultPlan()
        self.journal = Journal()

    def advance(self, seconds: float) -> None:
        """
        Let all campaigns skip time, and wake those who wait for it.

        :param seconds: How many seconds they skip.
        """
        self.store.jump(seconds)
        self.journal.notify()

    def reset(self) -> None:
        """Forget campaigns, requests and faults."""
        self.store.reset()
        self.faults.reset()
        self.journal.clear()
