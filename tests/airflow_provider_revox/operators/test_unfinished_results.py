"""What a task does with the results of a campaign that has not ended, and whom it tells of a file."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.assets import Asset, AssetAlias
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from airflow_provider_revox.compatibility import outlet_events
from airflow_provider_revox.exceptions import CampaignUnfinishedError
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.operators.launches import launch
from tests.campaigns import create_campaign

WEEK = 7 * 24 * 3600
OVER = "over, but Revox is not done with {} of its calls"


@pytest.fixture(params=["contract", "drafts", "launch-calls"])
def generation(request):
    return request.param


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(speed=0, generation=generation)


contract = pytest.mark.parametrize("generation", ["contract"], indirect=True)


def test_an_unfinished_campaign_fails_the_task_before_anything_is_written(
    revox_sandbox, results, tmp_path, generation
):
    campaign_id = create_campaign(revox_sandbox, 3)
    with pytest.raises(
        CampaignUnfinishedError, match=rf"{campaign_id} is running, .* Nothing was written\. Wait"
    ):
        results(campaign_id, on_unfinished="fail")
    assert list(tmp_path.iterdir()) == []
    assert not any(request.path.endswith("/rows") for request in revox_sandbox.requests())
    revox_sandbox.advance(WEEK)
    assert results(campaign_id, on_unfinished="fail")["campaign_status"] == "completed"


@contract
@pytest.mark.parametrize(
    ("shown", "state"),
    [
        ({"status": "draft"}, "draft"),
        ({"status": "paused"}, "paused"),
        ({"status": "new"}, "new"),
        ({}, "in a status that is not a word"),
        (
            {"status": "running", "is_cancelled": True, "row_stats": {"calling": 2}},
            OVER.format(2),
        ),
        ({"status": "completed", "row_stats": {"calling": 1.0}}, OVER.format(1)),
        ({"status": "completed", "row_stats": {"calling": 0}}, None),
        ({"status": "completed", "row_stats": {"pending": 2}}, OVER.format(2)),
        ({"status": "completed", "row_stats": {"retry": 2.0}}, OVER.format(2)),
        (
            {"status": "completed", "row_stats": {"pending": 1, "calling": 1, "retry": 1}},
            OVER.format(3),
        ),
        ({"status": "completed", "row_stats": {"not_launched": 2}}, None),
        ({"status": "completed", "is_cancelled": True, "row_stats": {"pending": 2, "retry": 2}}, None),
        ({"status": "cancelled", "row_stats": {"pending": 2, "retry": 2, "calling": 0}}, None),
        ({"status": "completed"}, None),
        ({"status": "paused", "is_cancelled": True}, None),
    ],
)
@pytest.mark.parametrize("on_unfinished", ["warn", "fail"])
def test_what_counts_as_unfinished(revox_sandbox, results, logged, shown, state, on_unfinished):
    campaign_id = create_campaign(revox_sandbox, 1)
    body = {"campaign": {"id": campaign_id, **shown}}
    revox_sandbox.faults.add(Fault(kind="broken_json", method="GET", path="/campaigns/{id}", body=body))
    if state and on_unfinished == "fail":
        with pytest.raises(CampaignUnfinishedError, match=state):
            results(campaign_id, on_unfinished=on_unfinished)
        return
    results(campaign_id, on_unfinished=on_unfinished)
    assert (f"Campaign {campaign_id} is {state}" in logged()) is bool(state)


PART = {"total": 10, "pending": 0, "calling": 0, "retry": 0, "completed": 4, "failed": 1, "not_launched": 5}


@contract
@pytest.mark.parametrize(
    ("changes", "is_finished"),
    [
        ({}, True),
        ({"completed": 3, "skipped": 1.0}, True),
        ({"pending": 1, "completed": 3}, False),
        ({"calling": 1, "completed": 3}, False),
        ({"retry": 1, "completed": 3}, False),
        ({"completed": 3}, False),  # one is in a state that is not counted
        ({"pending": None}, False),
        ({"total": None}, False),
        ({"not_launched": None}, False),
        ({"not_launched": 0, "completed": 9}, False),  # everybody is launched: "completed" follows
        ({"not_launched": 10, "completed": 0, "failed": 0}, False),  # nobody is launched
        ({"status": "paused"}, False),
        ({"status": "draft"}, False),
        ({"status": "new"}, False),
    ],
)
def test_a_part_is_finished_when_its_launched_calls_are_done(
    revox_sandbox, results, logged, changes, is_finished
):
    campaign_id = create_campaign(revox_sandbox, 10)
    stats = {**PART, **changes}
    status = stats.pop("status", "running")
    body = {"campaign": {"id": campaign_id, "status": status, "is_cancelled": False, "row_stats": stats}}
    revox_sandbox.faults.add(Fault(kind="broken_json", method="GET", path="/campaigns/{id}", body=body))
    if not is_finished:
        with pytest.raises(CampaignUnfinishedError, match=f"Campaign {campaign_id} is {status}"):
            results(campaign_id, on_unfinished="fail")
        return
    results(campaign_id, on_unfinished="fail")
    log = logged()
    assert f"All calls of campaign {campaign_id} that are launched are done. It has 5 more" in log
    assert "at this moment" not in log


@pytest.mark.parametrize("generation", ["launch-calls"], indirect=True)
def test_results_follow_the_launch_of_a_part(revox_sandbox, results, logged):
    campaign_id = create_campaign(revox_sandbox, 5, launched=False)
    with pytest.raises(CampaignUnfinishedError):
        results(campaign_id, on_unfinished="fail")  # nobody is launched
    launch(campaign_id, up_to=2)
    with pytest.raises(CampaignUnfinishedError):
        results(campaign_id, on_unfinished="fail")
    revox_sandbox.advance(WEEK)
    manifest = results(campaign_id, on_unfinished="fail")
    assert (manifest["rows"], manifest["campaign_status"]) == (5, "running")
    assert manifest["by_status"]["not_launched"] == 3
    assert f"campaign {campaign_id} that are launched are done. It has 3 more" in logged()


@contract
def test_airflow_retries_while_the_campaign_runs(run_dag, revox_sandbox, tmp_path):
    campaign_id = create_campaign(revox_sandbox, 3)
    result = run_dag(
        f"""
        from airflow_provider_revox.operators.revox import CampaignResultsOperator

        CampaignResultsOperator(
            task_id="results", campaign_id="{campaign_id}", path="{tmp_path}/calls.csv",
            on_unfinished="fail", retries=1, retry_delay=timedelta(0))
        """
    )
    assert result.tasks == {"results": "up_for_retry"} or result.tries == {"results": 2}
    assert "CampaignUnfinishedError" in result.output
    assert list(tmp_path.iterdir()) == []


@contract
def test_the_manifest_is_the_extra_of_an_assets_event(run_dag, revox_sandbox, tmp_path):
    campaign_id = create_campaign(revox_sandbox, 3)
    know_assets("s3://calls/one", "s3://calls/two")
    result = run_dag(
        f"""
        from airflow.providers.common.compat.assets import Asset, AssetAlias
        from airflow_provider_revox.operators.revox import CampaignResultsOperator

        CampaignResultsOperator(
            task_id="results", campaign_id="{campaign_id}", path="{tmp_path}/calls.csv",
            outlets=[Asset("s3://calls/one"), AssetAlias("calls"), Asset("s3://calls/two")])
        """
    )
    assert result.state == "success", result.output
    manifest = result.xcom("results")
    assert manifest["records"] == 3
    assert asset_events() == {"s3://calls/one": manifest, "s3://calls/two": manifest}


def test_what_is_no_asset_among_the_outlets_has_no_event():
    asset, event = Asset("s3://calls/one"), object()

    class Events:  # as Airflow's: before 3.1 an asset can't be the key of a dict
        def __getitem__(self, outlet):
            assert outlet is asset
            return event

    events = Events()
    assert outlet_events({"outlet_events": events}, [AssetAlias("calls"), asset, object()]) == [event]
    assert outlet_events({"outlet_events": events}, []) == []
    assert outlet_events({}, [asset]) == []


def know_assets(*uris):
    """Add datasets to Airflow 2, whose dag.test knows none. Airflow 3 adds the assets of a DAG itself."""
    if AIRFLOW_V_3_0_PLUS:
        return
    from airflow.models.dataset import DatasetModel
    from airflow.utils.session import create_session

    with create_session() as session:
        session.add_all([DatasetModel(uri=uri) for uri in uris])


def asset_events():
    from airflow.utils.session import create_session

    try:
        from airflow.models.asset import AssetEvent
    except ImportError:
        from airflow.models.dataset import DatasetEvent as AssetEvent
    with create_session() as session:
        return {event.uri: event.extra for event in session.query(AssetEvent).all()}
