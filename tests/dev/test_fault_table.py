"""The table of faults that the documentation shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cluster import table as module
from tests.cluster.table import FaultTable


def test_each_fault_is_a_row(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "_cluster" / "faults.md"
    monkeypatch.setattr(module, "FILE", file)
    table = FaultTable()
    table.add("SIGKILL to a worker", 200_000, 133.6)
    table.add("redis away", 2, 70)
    table.write()
    assert file.read_text().splitlines()[2:] == [
        "| SIGKILL to a worker | 200,000 | 134 |",
        "| redis away | 2 | 70 |",
    ]
