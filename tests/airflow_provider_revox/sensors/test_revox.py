from __future__ import annotations

import airflow
import pytest

from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.sensors.revox import CampaignSensor
from revox_sandbox import Fault, SandboxSettings

ADA = "+33612345678"
AIRFLOW = tuple(map(int, airflow.__version__.split(".")[:2]))
MODES = {
    "poke": 'mode="poke"',
    "reschedule": 'mode="reschedule"',
    "deferrable": "deferrable=True",
}


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=100_000, call_ends={"human": 1})


def launch(client, **fields):
    contacts = [{"to_phone_number": ADA, "prompt_variables": {"who": "Ada"}}]
    return client.create_campaign(
        CampaignCreate.build(assistant_id="a1", name="x", contacts=contacts, **fields)
    ).id


def wait(mode: str, campaign_id: str, **options: object) -> str:
    arguments = {"poke_interval": 0.05, "timeout": 30, **options}
    more = ", ".join(f"{name}={value!r}" for name, value in arguments.items())
    return f'CampaignSensor(task_id="{mode}", campaign_id="{campaign_id}", {more}, {MODES[mode]})\n'


def all_modes(campaign_id: str, **options: object) -> str:
    return "".join(wait(mode, campaign_id, **options) for mode in MODES)


def test_every_mode_ends_with_the_final_counts(run_dag, client):
    result = run_dag(all_modes(launch(client)))
    assert set(result.tasks.values()) == {"success"}
    expected = {"total": 1, "pending": 0, "calling": 0, "retry": 0, "completed": 1, "failed": 0}
    assert [result.xcom(mode) for mode in MODES] == [expected] * 3
    assert ADA not in result.output


def test_a_cancelled_campaign_fails_every_mode_at_once_without_a_retry(run_dag, client):
    campaign_id = launch(client, scheduled_at="2050-01-01T00:00:00Z")
    client.cancel_campaign(campaign_id)
    result = run_dag(all_modes(campaign_id, retries=2))
    assert set(result.tasks.values()) == {"failed"}
    assert result.output.count("CampaignFailedError") >= 3
    assert f"Campaign {campaign_id} was cancelled, so not everybody was called" in result.output


def test_an_unknown_campaign_and_a_wrong_key_end_every_mode_at_once(run_dag, revox_sandbox, monkeypatch):
    result = run_dag(all_modes("nowhere", retries=2))
    assert set(result.tasks.values()) == {"failed"}
    assert "check the id" in result.output
    assert result.output.count("RevoxRefusedError") >= 3
    wrong = revox_sandbox.conn_json().replace(revox_sandbox.api_key, "wrong-key")
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", wrong)
    result = run_dag(all_modes("nowhere", retries=2))
    assert set(result.tasks.values()) == {"failed"}
    assert "check the API key" in result.output
    assert "wrong-key" not in result.output


def test_an_outage_is_waited_out_in_every_mode(run_dag, client, revox_sandbox):
    for mode in MODES:
        campaign_id = launch(client)
        revox_sandbox.faults.add(
            Fault(kind="reset", method="GET", path="/campaigns/{id}"),
            Fault(kind="status", status=503, method="GET", path="/campaigns/{id}"),
            Fault(kind="status", status=429, retry_after=0, method="GET", path="/campaigns/{id}"),
            Fault(kind="broken_json", method="GET", path="/campaigns/{id}"),
        )
        result = run_dag(wait(mode, campaign_id))
        assert result.tasks == {mode: "success"}
        assert "Waiting up to 1 h until Revox answers again" in result.output
        if AIRFLOW >= (3, 3):  # before, nothing survives from one look to the next of a rescheduled sensor
            assert result.output.count("Waiting up to 1 h") == 1
            assert result.output.count("Revox answers again, after") == 1
        assert revox_sandbox.faults.waiting == []


NATIVE = "dag.render_template_as_native_obj = True\n"


@pytest.mark.parametrize(
    ("campaign_id", "native", "problem"),
    [
        ("", "", "not empty"),
        ("  ", "", "not empty"),
        ("{{ ti.xcom_pull(task_ids='poke') }}", "", "not the word None"),
        (" None ", "", "not the word None"),
        ("{{ none }}", NATIVE, "not the word None"),
        ("{{ [ti.dag_id] }}", NATIVE, "not list"),
    ],
)
def test_every_mode_refuses_what_is_not_the_id_of_one_campaign(
    run_dag, revox_sandbox, campaign_id, native, problem
):
    result = run_dag(native + all_modes(campaign_id, retries=2, soft_fail=True))
    assert set(result.tasks.values()) == {"failed"}
    assert result.output.count("RevoxRefusedError") >= 3
    assert f"campaign_id: must be the id of one campaign, {problem}" in result.output
    assert "CampaignSensor.partial(...).expand(campaign_id=...)" in result.output
    assert revox_sandbox.requests() == []


def test_every_mode_ignores_spaces_around_the_id(run_dag, client):
    result = run_dag(all_modes(f" {launch(client)} "))
    assert set(result.tasks.values()) == {"success"}


def test_the_arguments_of_the_wait_can_come_from_default_args_and_partial(run_dag, client, revox_sandbox):
    revox_sandbox.faults.add(Fault(kind="status", status=503, path="/campaigns/{id}", times=None))
    campaign_id = launch(client)
    result = run_dag(
        f"""
        dag.default_args["outage_budget"] = 0
        CampaignSensor(task_id="one", campaign_id="{campaign_id}", default_args=dag.default_args)
        CampaignSensor.partial(task_id="mapped", outage_budget=0, deferrable=True).expand(
            campaign_id=["{campaign_id}"])
        """
    )
    assert set(result.tasks.values()) == {"failed"}
    assert result.output.count("Revox has not answered for 0 s") >= 2


def test_exponential_backoff_of_a_whole_dag_is_ignored_with_a_warning():
    from airflow.providers.common.compat.sdk import DAG

    with (
        pytest.warns(UserWarning, match="wait: exponential_backoff is ignored; poke_interval is the pace"),
        DAG("d", default_args={"exponential_backoff": True, "poke_interval": 7}),
    ):
        sensor = CampaignSensor(task_id="wait", campaign_id="c")
    assert not sensor.exponential_backoff
    assert sensor.seconds_between_polls() == 7
