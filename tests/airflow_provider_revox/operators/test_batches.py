"""Batches in a real Airflow: from a large list to campaigns."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from airflow_provider_revox.batches.batch_folder import folder_name
from airflow_provider_revox.contacts.prepare import PreparedContacts
from airflow_provider_revox.launch.tag import LaunchTag, people_digest
from airflow_provider_revox.operators.create import DEFAULT_LAUNCH_KEY
from airflow_provider_revox.operators.revox import CreateCampaignOperator
from revox_sandbox import Fault, SandboxSettings

PEOPLE = [f"+3361234567{digit}" for digit in range(7)]


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=1_000_000)


@pytest.fixture
def due(tmp_path):
    """Write the CRM's export; return its path."""
    path = tmp_path / "due.csv"

    def write(people):
        rows = "".join(f"0{number[3:]};Person {number[-1]}\n" for number in people)
        path.write_text(f"Phone;Name\n{rows}")
        return path

    write(PEOPLE)
    return write


BATCHES = """
from airflow_provider_revox.batches import contact_batches

@task(retries=1, retry_delay=timedelta(seconds=0))
def batches({arguments}):
    return {wrap}(contact_batches(
        "{folder}/due.csv", to="{folder}/batches", batch_size=3, phone_field="Phone",
        variable_fields={{"who": "Name"}}, default_region="FR", key={key}))

calls = CreateCampaignOperator.partial(
    task_id="call", assistant_id="a1", name="due {{{{ ti.map_index }}}}", retries=1,
    retry_delay=timedelta(seconds=0){operator}).expand(contacts=batches())
CampaignSensor.partial(task_id="wait", poke_interval=0.1, deferrable=True).expand(campaign_id=calls.output)
"""


def dag(folder, arguments="", wrap="", key="None", operator=""):
    return BATCHES.format(folder=folder, arguments=arguments, wrap=wrap, key=key, operator=operator)


def everybody_once(revox_sandbox):
    revox_sandbox.advance(7 * 24 * 3600)
    return revox_sandbox.calls_per_person()


def test_a_long_list_becomes_campaigns_and_everybody_is_called_once(run_dag, revox_sandbox, due, tmp_path):
    due([*PEOPLE, PEOPLE[0]])
    # An answer is lost: that batch's retry adopts its campaign.
    revox_sandbox.faults.add(Fault(kind="reset", when="after", method="POST", path="/campaigns"))
    result = run_dag(dag(tmp_path))
    assert result.state == "success", result.output
    assert [result.xcom("wait", map_index=index)["total"] for index in range(3)] == [3, 3, 1]
    assert result.xcom("batches", "contact_report") == {
        "received": 8,
        "to_call": 7,
        "invalid": 0,
        "invalid_by_reason": {},
        "duplicate": 1,
        "suppressed": 0,
        "suppressed_by_reason": {},
    }
    assert everybody_once(revox_sandbox) == dict.fromkeys(PEOPLE, 1)
    assert "Contacts: 8 received: 7 to call, 1 duplicate" in result.output
    assert result.rendered["call[1]"]["contacts"] == "contacts (a file)"


def test_without_anybody_to_call_the_mapped_task_is_skipped(run_dag, revox_sandbox, due, tmp_path):
    due([])
    result = run_dag(dag(tmp_path))
    assert result.tasks["batches"] == "success"
    assert {result.tasks[task] for task in ("call", "wait")} == {"skipped"}
    assert revox_sandbox.requests() == []


def test_a_list_in_another_order_and_a_source_that_has_changed_call_nobody_twice(
    run_dag, revox_sandbox, due, tmp_path
):
    # A launch key and a list of the day: two runs of one DAG make one list and its campaigns.
    options = {"key": '"2026-11-24"', "operator": ', launch_key="2026-11-24"'}
    first = run_dag(dag(tmp_path, **options), "same_day")
    assert first.state == "success", first.output
    due([PEOPLE[6], *PEOPLE[:6]])
    again = run_dag(dag(tmp_path, wrap="(lambda urls: urls[::-1][:2] + urls[:1])", **options), "same_day")
    assert again.state == "success", again.output
    assert "An earlier try made the batches of this list" in again.output
    ids = [[run.xcom("call", map_index=index) for index in range(3)] for run in (first, again)]
    assert ids[1] == [ids[0][2], ids[0][1], ids[0][0]]
    assert everybody_once(revox_sandbox) == dict.fromkeys(PEOPLE, 1)


def test_a_try_that_dies_midway_and_its_retry_with_another_source_call_everybody_once(
    run_dag, revox_sandbox, due, tmp_path, monkeypatch
):
    from airflow_provider_revox.batches.batch_folder import BatchFolder

    write, tries = BatchFolder._write_batch, []

    def dies_once(self, url, lines):
        if url.endswith("00002.jsonl.gz") and not tries:
            tries.append(url)
            due(PEOPLE[1:])
            raise OSError("the storage went away")
        return write(self, url, lines)

    monkeypatch.setattr(BatchFolder, "_write_batch", dies_once)
    result = run_dag(dag(tmp_path))
    assert result.state == "success", result.output
    assert tries != []
    assert everybody_once(revox_sandbox) == dict.fromkeys(PEOPLE[1:], 1)


def test_a_list_that_is_wrong_fails_at_once_and_is_not_retried(
    run_dag, revox_sandbox, due, tmp_path, monkeypatch
):
    account, tries = PreparedContacts.account, []

    def counted(self, *arguments):
        tries.append(self)
        account(self, *arguments)

    monkeypatch.setattr(PreparedContacts, "account", counted)
    due([*PEOPLE, "+336123"])
    result = run_dag(dag(tmp_path))
    assert result.tasks["batches"] == "failed"
    assert "contacts[7].Phone: has too few or too many digits" in result.output
    assert len(tries) == 1
    assert result.xcom("batches", "contact_report")["invalid"] == 1
    assert not (tmp_path / "batches").exists()
    assert revox_sandbox.requests() == []


def identities(contacts, launch_key, rendered):
    """Return what tells the launches of three mapped instances: key, place and whose the key is."""
    operator = CreateCampaignOperator(
        task_id="t", assistant_id="a", name="x", contacts=contacts, launch_key=launch_key
    )
    operator.launch_key = rendered
    found = set()
    for index in range(3):
        ti = SimpleNamespace(dag_id="d", task_id="t", run_id="run", map_index=index, try_number=1)
        identity = operator.launch_identity({"ti": ti}, {"+33612345678"})
        found.add((identity.tag.launch, identity.tag.place, identity.has_own_key))
    return found


def identities_of(key, *places, own):
    people = people_digest(["+33612345678"], "a")
    return {(LaunchTag.of("d", "t", key, people=people).launch, place, own) for place in places}


def test_a_batch_is_a_launch_of_its_own_whatever_its_place_and_other_lists_have_a_place(
    revox_sandbox, monkeypatch
):
    batch = f"{folder_name('x')}/00012"
    url = f"/batches/{folder_name('x')}/{'0' * 32}/00012.jsonl.gz"
    places, own_key = ("m0", "m1", "m2"), "2026-11-24"
    # The folder of a batch is the run's, or the key's.
    assert identities(url, DEFAULT_LAUNCH_KEY, "run") == identities_of(batch, "s", own=True)
    assert identities(url, "{{ ds }}", own_key) == identities_of(f"{own_key}/{batch}", "s", own=True)
    assert identities("/due.csv", DEFAULT_LAUNCH_KEY, "run") == identities_of("run", *places, own=False)
    assert identities([], "{{ ds }}", own_key) == identities_of(own_key, *places, own=True)
