"""The second half of the tutorial: each line of output that it shows really comes."""

from __future__ import annotations

import json

import pytest

from airflow_provider_revox.sensors.revox import CampaignSensor
from dev.showroom import EXAMPLES, open_hubspot
from revox_sandbox import SandboxSettings
from tests.docs.pages import DOCS, blocks, lines_that_do_not_come

PAGE = "tutorial/from-a-crm-and-back.md"


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=1_000_000)


def test_the_sync_calls_who_wants_a_call_and_a_second_run_calls_nobody(
    run_dag, revox_sandbox, tmp_path, monkeypatch
):
    monkeypatch.setattr(CampaignSensor, "seconds_between_polls", lambda _: 0.1)
    monkeypatch.setenv("REVOX_EXAMPLE_RESULTS", str(tmp_path))
    copy = tmp_path / "hubspot_sync.py"
    source = (EXAMPLES / copy.name).read_text()
    copy.write_text(source.replace("\nhubspot_sync()\n", "\ndag = hubspot_sync()\n"))
    with open_hubspot() as hubspot:
        monkeypatch.setenv("AIRFLOW_CONN_HUBSPOT", hubspot.conn_json())
        first, second = run_dag(copy, "hubspot_sync"), run_dag(copy, "hubspot_sync")
        told = [sorted({name for name, _ in one.history}) for one in hubspot.contacts.values()]
        people = [one.properties for one in hubspot.contacts.values()]
    assert (first.state, second.state) == ("success", "success")
    assert set(revox_sandbox.calls_per_person().values()) == {1}
    assert lines_that_do_not_come(PAGE, first.output + second.output) == []
    (counts,) = map(json.loads, blocks(PAGE, "json"))
    assert first.xcom("write_back") == second.xcom("write_back") == counts
    written = {"revox_run", "revox_outcome", "revox_ended_at"}
    assert [written <= set(names) for names in told] == [True, True, False, False]
    rows = [line.replace(" ", "") for line in (DOCS / PAGE).read_text().splitlines()]
    for one in people:
        cells = [one.get(name, "") for name in ("firstname", "revox_call_requested", "revox_do_not_call")]
        assert f"|{'|'.join(cells)}|" in rows


def test_the_tasks_that_the_page_explains_are_those_of_the_example():
    named = [line.split("`")[1] for line in (DOCS / PAGE).read_text().splitlines() if line.startswith("- `")]
    assert named == ["list_contacts", "call", "wait", "results", "write_back"]
