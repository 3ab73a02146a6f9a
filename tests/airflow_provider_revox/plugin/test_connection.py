"""What one Airflow connection is asked, and which connections are used at all."""

from __future__ import annotations

import json
import logging

import pytest

pytest.importorskip("airflow.api_fastapi.core_api.security", reason="Airflow 2 has no such app")

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.errors import InvalidRequestError, RevoxError
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.plugin.connection import Connection, UnusableError
from airflow_provider_revox.plugin.live import LiveView
from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import create_campaign

LIST = "/revox/api/campaigns"
SAFE = {"X-Revox-Request": "1"}
ONE = "/campaigns/{id}"
UNUSABLE = (
    "The api-server can't use the connection 'odd'. It must be there, be of the type Revox, and have right "
    "values in its fields."
)


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0, generation="launch-calls")


def test_a_connection_that_does_not_exist_is_a_problem_and_no_error(login, rows):
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_1", revox_conn_id="gone")})
    shown = login("ann").get(f"{LIST}/cmp_1").json()
    assert "'gone'" in shown["problem"]


ODD = {
    "another type": {"conn_type": "aws"},
    "no type": {"conn_type": ""},
    "http": {"conn_type": "http"},
    "a host that is none": {"host": "http://hidden.internal:99999/x"},
    "plain http elsewhere": {"host": "http://hidden.internal/api"},
    "a key that is none": {"password": "one\ntwo"},
    "an extra that is none": {"extra": {"retries": "many"}},
    "two protocols": {"schema": "https"},
    "a bundle that is not there": {
        "host": "https://hidden.internal/api",
        "extra": {"ca_bundle": "/hidden/ca.pem"},
    },
}


@pytest.mark.parametrize("change", [*ODD.values(), None], ids=[*ODD, "missing"])
def test_a_connection_that_cannot_be_used_is_not_asked_and_nothing_is_told_of_it(
    login, rows, revox_sandbox, monkeypatch, caplog, change
):
    if change is not None:
        fields = {**json.loads(revox_sandbox.conn_json()), **change}
        monkeypatch.setenv("AIRFLOW_CONN_ODD", json.dumps(fields))
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_1", revox_conn_id="odd")})
    client = login("dora")
    shown = client.get(f"{LIST}/cmp_1").json()
    assert shown["problem"] == UNUSABLE
    answer = client.post(f"{LIST}/cmp_1/cancel", headers=SAFE, json={})
    assert answer.status_code == 502
    assert "the api-server can't use the connection" in answer.json()["detail"]
    assert revox_sandbox.requests() == []
    assert "hidden" not in shown["problem"] + answer.text + caplog.text


class SurpriseError(Exception):
    """Something that a database or a secrets backend raises."""


@pytest.mark.parametrize(
    "error", [SurpriseError("key-of-revox"), ValueError(), KeyError(), OSError()], ids=repr
)
def test_whatever_reading_a_connection_raises_is_a_problem_of_the_connection(
    login, rows, revox_sandbox, monkeypatch, caplog, error
):
    reads = []

    def get_config(self):
        reads.append(self.revox_conn_id)
        raise error

    monkeypatch.setattr(RevoxHook, "get_config", get_config)
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_1", revox_conn_id="odd")})
    client = login("dora")
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert client.get(f"{LIST}/cmp_1").json()["problem"] == UNUSABLE
    assert len(reads) <= 2  # with the statistics
    assert f"'odd' ({type(error).__name__})" in caplog.text
    assert client.post(f"{LIST}/cmp_1/cancel", headers=SAFE, json={}).status_code == 502
    assert "key-of-revox" not in caplog.text


@pytest.mark.parametrize("conn_id", ["14155550001", "call_0612345678", "+33-6-12-34-56-78"])
async def test_a_connection_id_that_may_be_a_number_is_neither_read_nor_shown(monkeypatch, caplog, conn_id):
    monkeypatch.setattr(RevoxHook, "get_connection", lambda *_: pytest.fail("it was read"))
    connection = Connection(conn_id)
    with pytest.raises(UnusableError):
        await connection.send(endpoints.get_campaign("cmp_1"))
    assert "\u2026" in connection.problem
    assert conn_id[-6:] not in connection.problem + caplog.text


async def test_a_request_that_is_not_sent_is_no_fault_of_the_connection(monkeypatch):
    async def send(self, endpoint):
        raise InvalidRequestError(["x"])

    monkeypatch.setattr(Connection, "_send", send)
    live = LiveView()
    await live.refresh("revox_default", "cmp_1")
    assert (
        live.problem("revox_default", "cmp_1")
        == "Revox was not asked for this campaign (InvalidRequestError)."
    )
    assert live.problem("revox_default", "cmp_2") is None


async def test_retry_after_is_obeyed(revox_sandbox):
    revox_sandbox.faults.add(
        Fault(kind="status", status=429, retry_after=120, method="GET", path=ONE, times=None)
    )
    connection = Connection("revox_default")
    with pytest.raises(RevoxError):
        await connection.send(endpoints.get_campaign("cmp_1"))
    assert connection.is_held()
    assert connection.held_seconds() > 100


async def test_failures_lengthen_the_pause_up_to_a_limit(revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", times=None))
    connection = Connection("revox_default")
    pauses = []
    for _ in range(8):
        with pytest.raises(RevoxError):
            await connection.send(endpoints.get_campaign("cmp_1"))
        pauses.append(round(connection.held_seconds(), -1))
    assert pauses == [10, 20, 40, 80, 160, 300, 300, 300]
    assert "since" in connection.problem


async def test_a_good_answer_ends_the_outage(revox_sandbox):
    campaign_id = create_campaign(revox_sandbox, 1)
    revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", times=1))
    connection = Connection("revox_default")
    with pytest.raises(RevoxError):
        await connection.send(endpoints.get_campaign(campaign_id))
    await connection.send(endpoints.get_campaign(campaign_id))
    assert (connection.problem, connection.is_held()) == (None, False)


async def test_an_answer_that_was_asked_for_before_the_outage_does_not_end_it(revox_sandbox, monkeypatch):
    campaign_id = create_campaign(revox_sandbox, 1)
    connection, send = Connection("revox_default"), Connection._send

    async def overtaken(self, endpoint):
        monkeypatch.setattr(Connection, "_send", send)
        revox_sandbox.faults.add(Fault(kind="status", status=503, method="GET", times=1))
        with pytest.raises(RevoxError):
            await self.send(endpoint)
        return await send(self, endpoint)

    monkeypatch.setattr(Connection, "_send", overtaken)
    await connection.send(endpoints.get_campaign(campaign_id))
    assert connection.is_held()
    assert "503" in connection.problem
    await connection.send(endpoints.get_campaign(campaign_id))
    assert (connection.problem, connection.is_held()) == (None, False)
