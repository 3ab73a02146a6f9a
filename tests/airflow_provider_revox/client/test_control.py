"""Whether there is anything to cancel, pause or resume."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.control import CONTROLS, possible_controls
from airflow_provider_revox.client.models import Campaign

DONE = "already_finished"


@pytest.mark.parametrize(
    ("fields", "outcomes", "possible"),
    [
        ({"status": "draft"}, ("", "", ""), ["cancel"]),
        ({"status": "running"}, ("", "already_running", ""), ["pause", "cancel"]),
        ({"status": "paused"}, ("already_paused", "", ""), ["resume", "cancel"]),
        ({"status": "on hold"}, ("", "", ""), ["cancel"]),
        ({}, ("", "", ""), ["cancel"]),
        ({"status": "completed"}, (DONE, DONE, DONE), []),
        ({"status": "cancelled"}, (DONE, DONE, "already_cancelled"), []),
        ({"status": "running", "is_cancelled": True}, (DONE, DONE, "already_cancelled"), []),
        ({"status": "paused", "is_cancelled": True}, (DONE, DONE, "already_cancelled"), []),
        ({"status": "completed", "is_cancelled": True}, (DONE, DONE, "already_cancelled"), []),
    ],
)
def test_what_a_campaign_is_already_needs_no_request(fields, outcomes, possible):
    campaign = Campaign.model_validate({"id": "c", **fields})
    found = tuple(CONTROLS[verb].outcome_without_request(campaign) for verb in ("pause", "resume", "cancel"))
    assert found == outcomes
    assert possible_controls(campaign) == possible


@pytest.mark.parametrize("verb", CONTROLS)
def test_a_revox_without_the_request_is_told_from_one_without_the_campaign(verb):
    assert CONTROLS[verb].refusal("c").startswith("Campaign c exists, but")
    assert f"can't {verb} campaigns" in CONTROLS[verb].refusal("c")
