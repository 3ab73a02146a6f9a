"""A wait for a campaign, and what its polls return."""

from __future__ import annotations

import logging

from airflow_provider_revox.client.errors import NoAnswerError, UnexpectedAnswerError
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.metrics import Metrics
from airflow_provider_revox.waiting.policy import WaitPolicy
from airflow_provider_revox.waiting.wait import Wait

LOST = NoAnswerError("GET", "/campaigns/cmp_1", "ReadTimeout")
BUSY = UnexpectedAnswerError(503, "GET", "/campaigns/cmp_1")


def campaign(**fields):
    return Campaign.model_validate({"id": "cmp_1", "is_cancelled": False, "status": "running", **fields})


def wait(deadline=1e9, outage_began=None, jitter=False, **policy):
    return Wait(
        "cmp_1",
        WaitPolicy(**{"poll_interval": 60, **policy}),
        deadline,
        logging.getLogger("test"),
        Metrics(),
        outage_began=outage_began,
        jitter=jitter,
    )
