from __future__ import annotations

import logging

import pytest

from airflow_provider_revox.display import Display

LOG = logging.getLogger("display")


def refuse() -> None:
    raise ConnectionError("Ada +33612345678")


def test_what_airflow_refuses_is_logged_once_until_it_works_again(caplog: pytest.LogCaptureFixture) -> None:
    display = Display()
    pushes = [refuse, refuse, list, refuse]
    assert [display.show("a link", push, LOG) for push in pushes] == [False, False, True, False]
    line = "Airflow did not take a link (ConnectionError). The task goes on."
    assert [record.getMessage() for record in caplog.records] == [line, line]


def test_each_thing_that_is_refused_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    display = Display()
    display.show("a link", refuse, LOG)
    display.show("the progress", refuse, LOG)
    assert len(caplog.records) == 2


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_what_ends_the_process_is_not_held_up(end: type[BaseException]) -> None:
    def stop() -> None:
        raise end

    with pytest.raises(end):
        Display().show("a link", stop, LOG)
