"""Whether a file of attempts has all of them, and what was said only on request."""

from __future__ import annotations

import pytest

from airflow_provider_revox.files.records import read_records
from airflow_provider_revox.results.columns import Layout
from revox_sandbox import SandboxSettings
from tests.campaigns import create_campaign

WEEK = 7 * 24 * 3600


@pytest.fixture(params=["contract", "drafts", "launch-calls"])
def generation(request):
    return request.param


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(speed=0, generation=generation)


def test_every_attempt_is_a_record_and_no_row_is_left_out(revox_sandbox, results, tmp_path, logged):
    campaign_id = create_campaign(revox_sandbox, 40)
    revox_sandbox.advance(WEEK)
    calls = results(campaign_id)
    manifest = results(campaign_id, str(tmp_path / "attempts.jsonl"), rows="attempts")
    of_calls = list(read_records(calls["path"]))
    records = list(read_records(manifest["path"]))
    assert list(records[0]) == list(Layout("attempts").types)
    assert {record["row_id"] for record in records} == {record["row_id"] for record in of_calls}
    made = {record["row_id"]: int(record["attempts"]) for record in of_calls}
    assert max(made.values()) > 1
    assert len(records) == manifest["records"] == sum(max(attempts, 1) for attempts in made.values())
    assert calls["records"] == calls["rows"] == manifest["rows"] == 40
    for counts in ("by_status", "by_result", "by_outcome"):
        assert manifest[counts] == calls[counts]
    assert (calls["schema"], manifest["schema"]) == ("calls", "attempts")
    assert len({record["attempt_id"] for record in records}) == len(records)
    for record in records:
        assert record["started_at"] <= record["ended_at"]
        assert record["attempt_status"] in ("completed", "error")
    assert f"40 rows in {len(records)} records" in logged()


def test_how_the_attempts_went_is_in_the_file(revox_sandbox, results, generation):
    campaign_id = create_campaign(revox_sandbox, 40)
    revox_sandbox.advance(WEEK)
    records = list(read_records(results(campaign_id)["path"]))
    talked = [record for record in records if record["result"] == "human"]
    assert {record["ended_by"] for record in talked} == {"agent"}
    assert {record["attempt_status"] for record in talked} == {"completed"}
    assert {record["direction"] for record in records} == {"outbound"}
    assert {record["from_phone_number"] for record in records} == {"+12025550100"}
    assert all(record["created_at"] <= record["started_at"] <= record["answered_at"] for record in talked)
    # Launching calls is what gives them a time there.
    scheduled = {record["scheduled_at"] for record in records}
    assert scheduled == {""} if generation != "launch-calls" else min(scheduled) >= talked[0]["created_at"]
    later = generation != "contract"
    assert all(bool(record["outcome_summary"]) is later for record in talked)
    assert {record["handled_by_ai"] for record in talked} == {"true" if generation == "launch-calls" else ""}


@pytest.mark.parametrize("rows", ["calls", "attempts"])
def test_transcripts_are_in_the_file_on_request_alone(revox_sandbox, results, tmp_path, logged, rows):
    campaign_id = create_campaign(revox_sandbox, 10)
    revox_sandbox.advance(WEEK)
    without = results(campaign_id, str(tmp_path / "without.jsonl"), rows=rows)
    manifest = results(campaign_id, str(tmp_path / "with.jsonl"), rows=rows, transcripts=True)
    assert "Yes, go on." not in (tmp_path / "without.jsonl").read_text()
    talked = [record for record in read_records(manifest["path"]) if record["result"] == "human"]
    assert {record["transcript"][1]["content"] for record in talked} == {"Yes, go on."}
    assert {record["post_call_transcript"] for record in talked} == {None}
    assert {**manifest, "path": ""} == {**without, "path": ""}
    assert "Yes, go on." not in logged() + str(manifest)
