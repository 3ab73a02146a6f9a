from __future__ import annotations

import csv
import json
import sys

import pytest

from airflow_provider_revox.exceptions import RevoxRefusedError, RevoxUnavailableError, RowsChangedError
from airflow_provider_revox.files.records import read_records
from airflow_provider_revox.operators import revox as operators
from airflow_provider_revox.operators.results import CampaignResultsOperator
from airflow_provider_revox.results.columns import SCHEMA_VERSION
from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import create_campaign, number

WEEK = 7 * 24 * 3600


@pytest.fixture(params=["contract", "drafts", "launch-calls"])
def generation(request):
    return request.param


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(speed=0, generation=generation)


contract = pytest.mark.parametrize("generation", ["contract"], indirect=True)


def test_a_campaign_comes_back_with_the_key_of_the_crm(run_dag, revox_sandbox, tmp_path, generation):
    campaign_id = create_campaign(revox_sandbox, 40)
    revox_sandbox.advance(WEEK)
    result = run_dag(
        f"""
        from airflow_provider_revox.operators.revox import CampaignResultsOperator

        CampaignResultsOperator(
            task_id="results", campaign_id="{{{{ '{campaign_id}' }}}}",
            path="{tmp_path}/{{{{ 'calls' }}}}.csv", variable_columns="{{{{ ['customer_id'] }}}}")
        """
    )
    assert result.state == "success", result.output
    records = list(read_records(str(tmp_path / "calls.csv")))
    assert {(record["customer_id"], record["phone_number"]) for record in records} == {
        (f"C{index}", number(index)) for index in range(40)
    }
    assert {record["campaign_id"] for record in records} == {campaign_id}
    manifest = result.xcom("results")

    def counted(column):
        values = [record[column] or "none" for record in records]
        return {value: values.count(value) for value in sorted(set(values))}

    assert manifest == {
        "campaign_id": campaign_id,
        "campaign_status": "completed",
        "is_cancelled": False,
        "path": f"{tmp_path}/calls.csv",
        "schema": "calls",
        "schema_version": SCHEMA_VERSION,
        "rows": 40,
        "records": 40,
        "by_status": counted("status"),
        "by_result": counted("result"),
        "by_outcome": counted("outcome"),
    }
    assert manifest["by_result"]["human"] > 0
    assert set(manifest["by_outcome"]) > {"none"} or generation == "contract"
    talked = [record for record in records if record["result"] == "human"]
    assert all(float(record["duration_seconds"]) >= 20 for record in talked)
    assert all(json.loads(record["structured_output"])["satisfaction"] for record in talked)
    assert result.rendered["results"] == {
        "campaign_id": campaign_id,
        "path": f"{tmp_path}/calls.csv",
        "variable_columns": "['customer_id']",
        "revox_conn_id": "revox_default",
    }
    everything = result.output + str(result.rendered) + str(result.xcoms)
    assert "+1415" not in everything
    assert "Ada" not in everything
    assert revox_sandbox.api_key not in everything


@contract
@pytest.mark.parametrize("name", ["calls.jsonl", "calls.parquet", "calls.csv.gz"])
def test_results_are_written_to_object_storage(revox_sandbox, results, memory, pa, name):
    campaign_id = create_campaign(revox_sandbox, 3)
    manifest = results(campaign_id, f"s3://crm@bucket/2026/{name}")
    assert manifest["path"] == f"s3://crm@bucket/2026/{name}"
    assert len(list(read_records(manifest["path"]))) == manifest["rows"] == 3


def test_results_of_a_running_campaign_are_of_this_moment(revox_sandbox, results, logged):
    campaign_id = create_campaign(revox_sandbox, 3)
    manifest = results(campaign_id)
    assert manifest["campaign_status"] == "running"
    assert manifest["by_result"] == {"none": 3}
    assert f"Campaign {campaign_id} is running: these are its results at this moment" in logged()


def test_the_log_says_the_manifest_in_words(revox_sandbox, results, logged):
    manifest = results(create_campaign(revox_sandbox, 3))
    assert f"to {manifest['path']}: 3 rows; status: 3 calling; result: 3 none; outcome: 3 none" in logged()


@contract
def test_a_file_of_before_is_replaced_and_an_ended_campaign_warns_of_nothing(
    revox_sandbox, results, tmp_path, logged
):
    campaign_id = create_campaign(revox_sandbox, 3)
    first = results(campaign_id)
    revox_sandbox.advance(WEEK)
    assert "at this moment" in logged()
    second = results(campaign_id)
    assert "at this moment" not in logged()
    assert first["by_status"] != second["by_status"]
    with (tmp_path / "calls.csv").open(newline="") as file:
        assert len(list(csv.DictReader(file))) == 3


@contract
@pytest.mark.parametrize("status", ["cancelled", "canceled"])
def test_a_campaign_with_the_status_cancelled_has_ended(revox_sandbox, results, logged, status):
    campaign_id = create_campaign(revox_sandbox, 3)
    shown = {"campaign": {"id": campaign_id, "status": status, "row_stats": {"total": 3}}}
    revox_sandbox.faults.add(Fault(kind="broken_json", method="GET", path="/campaigns/{id}", body=shown))
    manifest = results(campaign_id)
    assert (manifest["campaign_status"], manifest["is_cancelled"]) == (status, True)
    assert "at this moment" not in logged()


@pytest.mark.parametrize("left", [0, 2])
def test_a_file_of_before_stays_where_rows_are_fewer_than_the_campaign_counts(
    revox_sandbox, results, tmp_path, generation, left
):
    campaign_id = create_campaign(revox_sandbox, 3)
    results(campaign_id)
    before = (tmp_path / "calls.csv").read_bytes()
    rows = [{"id": f"row {index}", "phone_number": number(index), "input_data": {}} for index in range(left)]
    answer = {"total": left, "rows": rows} if generation == "contract" else {"rows": rows}
    revox_sandbox.faults.add(
        Fault(kind="broken_json", method="GET", path="/campaigns/{id}/rows", body=answer, times=None)
    )
    with pytest.raises(RowsChangedError, match=rf"{left} rows came, and the campaign counts 3\. Nothing was"):
        results(campaign_id)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {"calls.csv": before}


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"rows": "call"}, "rows must be one of 'calls', 'attempts'"),
        ({"rows": None}, "rows must be one of"),
        ({"transcripts": "False"}, "transcripts must be one of True, False"),
        ({"on_unfinished": "wait"}, "on_unfinished must be one of 'warn', 'fail'"),
    ],
)
def test_a_word_that_is_no_option_is_refused_when_the_dag_is_parsed(options, problem):
    with pytest.raises(ValueError, match=problem):
        CampaignResultsOperator(task_id="results", campaign_id="c", path="calls.csv", **options)


@contract
def test_a_variable_that_no_row_has_is_told(revox_sandbox, results, logged):
    results(create_campaign(revox_sandbox, 2), variable_columns=["customer_id", "custmer_id"])
    assert "No row has the variable custmer_id: its column is empty." in logged()


@contract
@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ({"path": "calls.json"}, "the file's name must end with"),
        ({"path": "s3://key:secret@bucket/calls.csv"}, "path: must not contain a password"),
        ({"path": "https://bucket/calls.csv?sig=secret"}, "path: must not have a query"),
        ({"path": "s3://bucket/calls?token=secret.csv"}, "path: must not have a query"),
        ({"variable_columns": ["result"]}, "result: the file has a column of this name already"),
        ({"variable_columns": "customer_id"}, "neither JSON nor a Python literal"),
        ({"campaign_id": ""}, "campaign_id: must be the id of one campaign, not empty"),
        ({"campaign_id": " None "}, "campaign_id: must be the id of one campaign, not the word None"),
        ({"campaign_id": None}, "campaign_id: must be the id of one campaign, not NoneType"),
        ({"campaign_id": ["a", "b"]}, r"CampaignResultsOperator\.partial\(\.\.\.\)\.expand"),
    ],
)
def test_what_can_not_work_is_refused_before_anything_is_asked(revox_sandbox, results, options, problem):
    with pytest.raises(RevoxRefusedError, match=problem) as caught:
        results(**{"campaign_id": "c", **options})
    assert "secret" not in str(caught.value)
    assert revox_sandbox.requests() == []


@contract
def test_a_file_that_needs_pyarrow_is_refused_before_anything_is_asked(revox_sandbox, results, monkeypatch):
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(RevoxRefusedError, match=r"airflow-provider-revox\[parquet\]"):
        results("c", path="calls.parquet")
    assert revox_sandbox.requests() == []


def test_an_unknown_campaign_is_refused(revox_sandbox, results, tmp_path):
    with pytest.raises(RevoxRefusedError, match="answered 404"):
        results("unknown")
    assert list(tmp_path.iterdir()) == []


def test_an_outage_in_the_middle_is_left_to_the_next_try(
    revox_sandbox, results, tmp_path, monkeypatch, generation
):
    connection = json.loads(revox_sandbox.conn_json()) | {"extra": {"retries": 0}}
    monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", json.dumps(connection))
    campaign_id = create_campaign(revox_sandbox, 600)
    revox_sandbox.faults.add(
        Fault(
            kind="truncate", method="GET", path="/campaigns/{id}/rows", when="after",
            skip=int(generation == "contract"),
        )
    )  # fmt: skip
    with pytest.raises(RevoxUnavailableError):
        results(campaign_id)
    assert list(tmp_path.iterdir()) == []
    assert results(campaign_id)["rows"] == 600


def test_the_operators_can_be_imported_from_where_airflow_users_look():
    assert operators.CampaignResultsOperator is CampaignResultsOperator
    assert all(hasattr(operators, name) for name in operators.__all__)
