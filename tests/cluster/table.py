"""The table of faults that the documentation shows."""

from __future__ import annotations

from pathlib import Path

FILE = Path(__file__).resolve().parents[2] / "docs" / "_cluster" / "faults.md"


class FaultTable:
    """Collects one row for each fault."""

    def __init__(self) -> None:
        self._rows: list[tuple[str, int, float]] = []

    def add(self, fault: str, people: int, seconds: float) -> None:
        """
        Add a row.

        :param fault: What was done, and when.
        :param people: How many people were called, each once.
        :param seconds: The time from the fault until every task that it struck had succeeded.
        """
        self._rows.append((fault, people, seconds))

    def write(self) -> None:
        """Write the table."""
        head = "| Fault | People called, each once | Seconds until all tasks succeeded |\n|---|---|---|\n"
        rows = "".join(f"| {fault} | {people:,} | {seconds:.0f} |\n" for fault, people, seconds in self._rows)
        FILE.parent.mkdir(exist_ok=True)
        FILE.write_text(head + rows)
