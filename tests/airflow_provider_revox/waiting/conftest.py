from __future__ import annotations

import logging

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.metrics import OUTAGES, Metrics
from airflow_provider_revox.waiting import killed_triggers, on_kill
from tests.airflow_provider_revox.waiting.kills import ADA, Airflow


@pytest.fixture
def airflow(monkeypatch):
    """Airflow, which says that a person has marked the task failed until a test says otherwise."""
    airflow = Airflow()
    monkeypatch.setattr(on_kill, "task_state", airflow.state)
    monkeypatch.setattr(killed_triggers, "states_of_task", airflow.states)
    monkeypatch.setattr(on_kill, "wait_for_the_end", airflow.ended.append)
    return airflow


@pytest.fixture
def config(revox_sandbox):
    return ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)


@pytest.fixture
def campaign_id(config):
    contacts = [{"to_phone_number": ADA, "prompt_variables": {}}]
    with RevoxClient(config) as client:
        return client.create_campaign(CampaignCreate.build(assistant_id="a", name="x", contacts=contacts)).id


@pytest.fixture
def logged(caplog, capfd):
    """Return what was logged; Airflow 3 writes it out, Airflow 2 hands it to Python."""
    caplog.set_level(logging.INFO)

    def read():
        captured = capfd.readouterr()
        return caplog.text + captured.out + captured.err

    return read


@pytest.fixture
def messages(caplog):
    """Return the messages that were logged."""
    caplog.set_level(logging.INFO)
    return lambda: [record.message for record in caplog.records]


@pytest.fixture
def outages(monkeypatch):
    """Return how many outages were counted."""
    counted = []
    monkeypatch.setattr(Metrics, "count", lambda _, name, number=1: counted.append(name))
    return lambda: counted.count(OUTAGES)
