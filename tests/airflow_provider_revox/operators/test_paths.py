"""Paths of files in a real Airflow: objects, from the DAG file and from tasks."""

from __future__ import annotations

import pytest

from revox_sandbox import SandboxSettings

ADA, BOB, CLEO = "+33612345678", "+14155550100", "+447400123456"


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=1_000_000)


def test_a_path_object_is_a_path_whether_it_is_a_literal_or_comes_from_a_task(
    run_dag, revox_sandbox, tmp_path
):
    (tmp_path / "due.csv").write_text(f"phone\n{ADA}\n{BOB}\n?\n")
    (tmp_path / "stop.csv").write_text(f"phone\n{BOB}\n")
    (tmp_path / "cleo.csv").write_text(f"phone\n{CLEO}\n")
    result = run_dag(
        f"""
        from pathlib import Path

        from airflow.providers.common.compat.sdk import ObjectStoragePath
        from airflow_provider_revox.operators.revox import CampaignResultsOperator

        @task
        def path_of(name):
            return ObjectStoragePath("file://{tmp_path}") / name

        calls = CreateCampaignOperator(
            task_id="from_tasks", assistant_id="a1", name="x", contacts=path_of("due.csv"),
            suppress=path_of("stop.csv"), report_path=path_of("rejected.csv"), on_invalid="skip",
            phone_field="phone", wait_for_completion=True, poll_interval=0.05)
        CampaignResultsOperator(
            task_id="results", campaign_id=calls.output, path=Path("{tmp_path}/out/calls.csv"))
        CreateCampaignOperator(
            task_id="literal", assistant_id="a1", name="y", contacts=Path("{tmp_path}/cleo.csv"),
            suppress=ObjectStoragePath("{tmp_path}/stop.csv"), phone_field="phone")
        CreateCampaignOperator.partial(
            task_id="mapped", assistant_id="a1", name="z", phone_field="phone"
        ).expand(contacts=path_of.expand(name=["due.csv", "cleo.csv"]))
        """
    )
    failed = {name for name, state in result.tasks.items() if state != "success"}
    assert failed == {"mapped[0]"}, result.output  # its last record is invalid
    revox_sandbox.advance(7 * 24 * 3600)
    assert revox_sandbox.calls_per_person() == {ADA: 1, CLEO: 2}
    assert (tmp_path / "rejected.csv").exists()
    assert result.xcom("results")["path"] == f"{tmp_path}/out/calls.csv"
    assert (tmp_path / "out" / "calls.csv").stat().st_mode & 0o777 == 0o600
    assert result.rendered["literal"]["contacts"] == "contacts (a file)"


@pytest.mark.parametrize("written", ["{path}", "file://{path}", "//{path}"])
def test_a_report_over_the_contacts_calls_nobody_and_leaves_the_list(
    run_dag, revox_sandbox, tmp_path, written
):
    path = tmp_path / "due.csv"
    path.write_text(f"phone\n{ADA}\n?\n")
    result = run_dag(
        f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="x", contacts="{path}", phone_field="phone",
            on_invalid="skip", report_path="{written.format(path=path)}")
        """
    )
    assert result.tasks == {"calls": "failed"}
    assert "report_path: is a file that this task reads" in result.output
    assert path.read_text() == f"phone\n{ADA}\n?\n"
    assert revox_sandbox.requests() == []


def test_a_list_of_which_nothing_can_be_read_makes_the_task_red(run_dag, revox_sandbox):
    result = run_dag(
        """
        common = dict(assistant_id="a1", name="x", on_invalid="skip", retries=2, retry_delay=timedelta(0))
        records = [{"phone": "?", "who": "Zoltan"}] * 20
        CreateCampaignOperator(task_id="invalid", contacts=records, phone_field="phone", **common)
        CreateCampaignOperator(task_id="absent", contacts=records, phone_field="Phone", **common)
        """
    )
    assert result.tasks == {"invalid": "failed", "absent": "failed"}
    assert result.tries == {"invalid": 1, "absent": 1}
    assert "every record is invalid, so nobody is left to call" in result.output
    assert "no record has the field Phone; they have: phone, who" in result.output
    assert "Zoltan" not in result.output
    assert revox_sandbox.requests() == []


def test_a_connection_that_a_path_names_and_that_does_not_exist_is_named_before_anything_is_sent(
    run_dag, revox_sandbox, tmp_path
):
    (tmp_path / "due.csv").write_text(f"phone\n{ADA}\n")
    result = run_dag(
        f"""
        from airflow_provider_revox.batches import contact_batches
        from airflow_provider_revox.operators.revox import CampaignResultsOperator, CancelCallsOperator
        from airflow_provider_revox.operators.revox import RelaunchCampaignOperator

        retries = dict(retries=2, retry_delay=timedelta(0))
        create = dict(assistant_id="a1", name="x", phone_field="phone", **retries)
        there, missing = "{tmp_path}/due.csv", "s3://missing_conn@bucket/x.csv"

        CreateCampaignOperator(task_id="contacts", contacts=missing, **create)
        CreateCampaignOperator(task_id="suppress", contacts=there, suppress=missing, **create)
        CreateCampaignOperator(
            task_id="report", contacts=there, report_path="s3://missing_conn@b/{{{{ ds }}}}.csv", **create)
        CreateCampaignOperator.partial(task_id="mapped", **create).expand(contacts=[missing])
        CampaignResultsOperator(task_id="results", campaign_id="c", path=missing, **retries)
        CancelCallsOperator(task_id="opt_outs", campaign_ids="c", contacts=missing, **retries)
        rest = dict(assistant_id="a1", name="x", campaign_id="c", **retries)
        RelaunchCampaignOperator(task_id="relaunch", report_path=missing, **rest)
        RelaunchCampaignOperator(task_id="suppress_of_relaunch", suppress=missing, **rest)

        @task.revox_campaign(task_id="decorated", report_path=missing, **create)
        def decorated():
            return [{{"phone": "{ADA}"}}]

        @task(task_id="batches", **retries)
        def batches():
            return contact_batches(there, to="s3://missing_conn@bucket/lists", phone_field="phone")

        @task(task_id="report_of_batches", **retries)
        def report_of_batches():
            return contact_batches(there, to="{tmp_path}/lists", phone_field="phone", report_path=missing)

        decorated(), batches(), report_of_batches()
        """
    )
    assert set(result.tasks.values()) == {"failed"}, result.tasks
    assert len(result.tasks) == 11
    assert set(result.tries.values()) == {1}
    problem = "its path names the connection missing_conn that does not exist"
    assert result.output.count(problem) >= len(result.tasks)
    assert revox_sandbox.requests() == []
    assert [path.name for path in tmp_path.iterdir()] == ["due.csv"]
