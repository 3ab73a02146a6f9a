import time

import pytest

from revox_sandbox.play.clock import Clock


@pytest.fixture
def monotonic(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    return now


def test_campaigns_play_faster_than_real_time(monotonic):
    clock = Clock(speed=60)
    monotonic[0] += 2
    assert clock.played() == 120


def test_real_time_is_not_sped_up_and_not_skipped(monotonic):
    clock = Clock(speed=60)
    before = clock.now()
    clock.jump(500)
    monotonic[0] += 2
    assert clock.now() - before == pytest.approx(2)
    assert clock.played() == 620


def test_a_machine_whose_clock_is_set_back_changes_nothing(monotonic, monkeypatch):
    clock = Clock(speed=1)
    before = clock.now()
    monkeypatch.setattr(time, "time", lambda: 0.0)
    assert clock.now() == before


def test_time_does_not_go_backwards(monotonic):
    with pytest.raises(ValueError, match="backwards"):
        Clock(speed=1).jump(-1)
