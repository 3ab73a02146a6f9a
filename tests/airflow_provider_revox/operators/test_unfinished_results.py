"""What a task does with the results of a campaign that has not ended, and whom it tells of a file."""

from __future__ import annotations

import pytest
from airflow.providers.common.compat.assets import Asset, AssetAlias
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS

from airflow_provider_revox.compatibility import outlet_events
from airflow_provider_revox.exceptions import CampaignUnfinishedError
from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import create_campaign

WEEK = 7 * 24 * 3600


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
        ({}, "in a status that is no word"),
        (
            {"status": "running", "is_cancelled": True, "row_stats": {"calling": 2}},
            "over, but 2 of its calls",
        ),
        ({"status": "completed", "row_stats": {"calling": 1.0}}, "over, but 1 of its calls"),
        ({"status": "completed", "row_stats": {"calling": 0}}, None),
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
