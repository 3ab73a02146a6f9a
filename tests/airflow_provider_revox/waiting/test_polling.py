"""A poll counts alike, whether a task sends it or the triggerer."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client import ClientConfig
from airflow_provider_revox.client.shared_client import shared_client
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.metrics import FAILED_POLLS, POLLS
from airflow_provider_revox.waiting.polling import poll, poll_async
from revox_sandbox import Fault
from tests.campaigns import create_campaign

READ, FAILED = {POLLS: 1}, {POLLS: 1, FAILED_POLLS: 1}
ANSWERS = {
    "a campaign": (None, READ),
    "503": ({"kind": "status", "status": 503}, FAILED),
    "429": ({"kind": "status", "status": 429}, FAILED),
    "broken JSON": ({"kind": "broken_json"}, FAILED),
    "a reset": ({"kind": "reset"}, FAILED),
    # Revox has answered, and the wait ends.
    "401": ({"kind": "status", "status": 401}, READ),
    "403": ({"kind": "status", "status": 403}, READ),
    "404": ({"kind": "status", "status": 404}, READ),
}


class Counts(dict):
    """Metrics that stay here."""

    def count(self, name, number=1):
        self[name] = self.get(name, 0) + number


@pytest.mark.parametrize(("fault", "expected"), ANSWERS.values(), ids=ANSWERS)
async def test_polls_in_a_worker_and_in_the_triggerer_count_alike(revox_sandbox, fault, expected):
    campaign_id = create_campaign(revox_sandbox, 1)
    if fault:
        revox_sandbox.faults.add(Fault(**fault, method="GET", path="/campaigns/{id}", times=None))
    in_worker, in_triggerer = Counts(), Counts()
    poll(RevoxHook(), campaign_id, in_worker)
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url, retries=0)
    async with shared_client(config) as client:
        await poll_async(client, campaign_id, in_triggerer)
    assert in_worker == in_triggerer == expected


def test_a_poll_with_the_new_key_of_the_connection_is_a_second_poll(revox_sandbox, monkeypatch):
    campaign_id, counts = create_campaign(revox_sandbox, 1), Counts()
    connection = revox_sandbox.conn_json()
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", connection.replace(revox_sandbox.api_key, "the-old-key"))
    hook = RevoxHook()
    hook.get_conn()
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", connection)
    assert poll(hook, campaign_id, counts).id == campaign_id
    assert counts == {POLLS: 2}
