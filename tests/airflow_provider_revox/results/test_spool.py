from __future__ import annotations

import pytest

from airflow_provider_revox.results import spool as spooling
from airflow_provider_revox.results.spool import Spool

LONG = "x" * 400


@pytest.fixture
def spool(monkeypatch):
    monkeypatch.setattr(spooling, "TOGETHER", 1000)
    with Spool() as spool:
        yield spool


def blocks(spool):
    """Return how many records are in memory at once when the spool is read."""
    spool.mark()
    spool._file.seek(0)
    return [len(spooling._decode(line)) for line in spool._file]


@pytest.mark.parametrize(
    ("record", "together"),
    [
        (("a", LONG), [3, 3, 1]),
        (("a", LONG * 3), [1] * 7),
        (("a", "\N{SNOWMAN}" * 134), [3, 3, 1]),  # three bytes each
        (("a", 1), [7]),
    ],
    ids=["long", "longer than all together", "not in ASCII", "short"],
)
@pytest.mark.parametrize("at_once", [1, 7])
def test_records_go_to_the_disk_before_they_fill_the_memory(spool, record, together, at_once):
    for _ in range(7 // at_once):
        spool.add([record] * at_once)
        assert sum(map(len, spool._block)) < 1000
    assert blocks(spool) == together
    assert list(spool) == [list(record)] * 7


def test_a_spool_goes_back_to_a_mark(spool):
    spool.add([("kept", LONG)])
    mark = spool.mark()
    spool.add([("forgotten", LONG)] * 4)
    spool.rewind(mark)
    spool.add([("new", LONG)] * 2)
    assert [name for name, _ in spool] == ["kept", "new", "new"]
    assert blocks(spool) == [1, 2]
