"""
Count what the provider does, through Airflow's own metrics: in workers and in the triggerer.

This module holds the names of all metrics. A name has no id in it and nothing personal. As in Airflow's own
metrics, the tags say DAG and task; plain StatsD drops tags, so a name says all that must be told apart.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from functools import cache
from typing import Any

from airflow.providers.common.compat.sdk import Stats

LAUNCHED = "revox.launched"
CREATED = "revox.created"
ADOPTED = "revox.adopted"
REFUSED = "revox.refused"
FAILED = "revox.failed"
CONTACTS = "revox.contacts"
"""Begins the names of the counts of a contact report."""
FAILED_REQUESTS = "revox.failed_requests"
POLLS = "revox.polls"
FAILED_POLLS = "revox.failed_polls"
OUTAGES = "revox.outages"
WAIT_TIME = "revox.wait_time"
CONTROL = "revox.control"
"""Begins the names of what came of a cancel, a pause and a resume."""
OPT_OUTS = "revox.opt_outs"
"""Begins the names of what became of the people who are taken out of campaigns."""
RESULTS = "revox.results"
"""Begins the names of the counts of a results file."""

log = logging.getLogger(__name__)


class Metrics:
    """
    Sends the metrics of one task. Whatever goes wrong with a metric, the task goes on.

    :param ti: The task instance, in a task or in a trigger. ``None``: no task is known.
    """

    def __init__(self, ti: Any = None) -> None:
        self._ti = ti

    def count(self, name: str, number: int = 1) -> None:
        """
        Count events.

        :param name: A name of this module.
        :param number: How many there were.
        """
        try:
            Stats.incr(name, count=number, tags=self._tags())
        except Exception as error:
            _warn(type(error).__name__)

    def count_contacts(self, report: Mapping[str, Any]) -> None:
        """
        Count the records of a list by what became of them.

        :param report: The contact report, as it is pushed to XCom.
        """
        numbers = {name: report[name] for name in ("received", "to_call", "duplicate")}
        for group in ("invalid", "suppressed"):
            for reason, number in report[f"{group}_by_reason"].items():
                numbers[f"{group}.{reason}"] = number
        self.count_each(CONTACTS, numbers)

    def count_each(self, group: str, numbers: Mapping[str, int]) -> None:
        """
        Count events of several kinds.

        :param group: A name of this module, which begins the names of a group.
        :param numbers: How many there were of each kind. A kind with 0 is not sent.
        """
        for kind, number in numbers.items():
            if number:
                self.count(f"{group}.{kind}", number)

    def time_wait(self, seconds: float, state: str) -> None:
        """
        Send how long a wait took.

        :param state: How it ended.
        """
        try:
            Stats.timing(WAIT_TIME, timedelta(seconds=seconds), tags={**self._tags(), "state": state})
        except Exception as error:
            _warn(type(error).__name__)

    def _tags(self) -> dict[str, str]:
        return {} if self._ti is None else {"dag_id": self._ti.dag_id, "task_id": self._ti.task_id}


@cache
def _warn(error: str) -> None:
    """Log, once a process, that metrics can't be sent. A backend may fail at every poll."""
    log.warning("Metrics can't be sent (%s). Tasks go on without them.", error)
