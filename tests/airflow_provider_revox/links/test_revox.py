from __future__ import annotations

import airflow
import pytest

from airflow_provider_revox.links.revox import LINKS, CampaignLink, CampaignPageLink
from airflow_provider_revox.operators import revox as operators
from airflow_provider_revox.sensors.revox import CampaignSensor
from revox_sandbox import SandboxSettings
from tests.campaigns import create_campaign

HAS_PAGE = tuple(map(int, airflow.__version__.split(".")[:2])) >= (3, 1)
PEOPLE = "[{'to_phone_number': '+14155550100'}]"
LAUNCH = f"CreateCampaignOperator(task_id='t', assistant_id='a', name='n', contacts={PEOPLE}"
WAIT = "CampaignSensor(task_id='t', campaign_id='{id}', poke_interval=0.05"
CAMPAIGN = "from airflow_provider_revox.operators.revox import *\n{}(task_id='t', campaign_id='{id}'"
TASKS = {
    "create": f"{LAUNCH})",
    "create, waiting": f"{LAUNCH}, wait_for_completion=True, poll_interval=0.05)",
    "create, deferred": f"{LAUNCH}, wait_for_completion=True, deferrable=True, poll_interval=0.05)",
    "sensor": f"{WAIT})",
    "sensor, reschedule": f"{WAIT}, mode='reschedule')",
    "sensor, deferred": f"{WAIT}, deferrable=True)",
    "cancel": CAMPAIGN.replace("{}", "CancelCampaignOperator") + ")",
    "results": CAMPAIGN.replace("{}", "CampaignResultsOperator") + ", path='{path}')",
}
WITHOUT_CAMPAIGN = {
    "empty list": "CreateCampaignOperator(task_id='t', assistant_id='a', name='n', contacts=[])",
    "dry run": f"{LAUNCH}, dry_run=True)",
    "nothing to cancel": CAMPAIGN.replace("{}", "CancelCampaignOperator").replace("{id}", "") + ")",
    "unknown to the sensor": "CampaignSensor(task_id='t', campaign_id='nobody', poke_interval=0.05)",
    "unknown to an operator": CAMPAIGN.replace("{}", "CancelCampaignOperator").replace("{id}", "nobody")
    + ")",
}


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=10**6)


def shown(result, map_index: int = -1) -> dict[str, str]:
    """Return the links as Airflow keeps them. It shows none whose address is empty."""
    return {link.name: address for link in LINKS if (address := result.xcom("t", link.xcom_key, map_index))}


def expected(sandbox, campaign_id: str) -> dict[str, str]:
    page = {"Campaign": f"revox/campaigns/{campaign_id}"} if HAS_PAGE else {}
    return page | {"Open in Revox": f"{sandbox.url}/campaigns/{campaign_id}"}


@pytest.mark.airflow
@pytest.mark.parametrize("task", TASKS)
def test_a_task_with_a_campaign_links_to_it(run_dag, revox_sandbox, tmp_path, task):
    campaign_id = create_campaign(revox_sandbox, 1)
    result = run_dag(TASKS[task].replace("{id}", campaign_id).replace("{path}", str(tmp_path / "r.csv")))
    assert result.state == "success", result.output
    if task.startswith("create"):
        campaign_id = result.xcom("t")
    assert shown(result) == expected(revox_sandbox, campaign_id)


@pytest.mark.airflow
def test_each_mapped_instance_links_to_its_own_campaign(run_dag, revox_sandbox):
    result = run_dag(
        "CreateCampaignOperator.partial(task_id='t', assistant_id='a', name='n').expand("
        "contacts=[[{'to_phone_number': '+14155550100'}], [{'to_phone_number': '+14155550101'}]])"
    )
    ids = [result.xcom("t", map_index=index) for index in range(2)]
    assert len(set(ids)) == 2
    for index, campaign_id in enumerate(ids):
        assert shown(result, index) == expected(revox_sandbox, campaign_id)


@pytest.mark.airflow
@pytest.mark.parametrize("task", WITHOUT_CAMPAIGN)
def test_a_task_without_a_campaign_has_no_link_and_logs_no_error_for_it(run_dag, revox_sandbox, task):
    result = run_dag(WITHOUT_CAMPAIGN[task])
    assert shown(result) == {}
    assert "XCom not found" not in result.output
    assert "operator extra link" not in result.output


@pytest.mark.parametrize(
    "task",
    [CampaignSensor, *(getattr(operators, name) for name in operators.__all__ if name.endswith("Operator"))],
)
def test_every_task_with_a_campaign_has_the_links(task):
    names = [link.name for link in task.operator_extra_links]
    assert names == (["Campaign", "Open in Revox"] if HAS_PAGE else ["Open in Revox"])


@pytest.mark.parametrize("link", [CampaignLink(), CampaignPageLink()], ids=lambda link: link.name)
def test_a_link_without_a_campaign_or_a_database_is_empty(link):
    assert link.get_link(None, ti_key=object()) == ""


def test_an_id_can_not_lead_elsewhere():
    from types import SimpleNamespace

    sensor = CampaignSensor(task_id="t", campaign_id="x")
    pushed = {}
    ti = SimpleNamespace(xcom_push=lambda key, value: pushed.update({key: value}))
    sensor.show_links(ti, "../../x?y#z", "https://revox.example.com")
    assert pushed.get(CampaignPageLink().xcom_key, "") in ("", "revox/campaigns/..%2F..%2Fx%3Fy%23z")
