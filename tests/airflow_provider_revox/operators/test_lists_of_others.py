"""What a task makes of lists that are not whole, and of what is in other people's campaigns."""

from __future__ import annotations

import pytest

from revox_sandbox import Fault, SandboxSettings

ADA = "+33612345678"
CREATE = (
    'CreateCampaignOperator(task_id="calls", assistant_id="a", name="x", retries=0, reconcile_timeout=0.01,\n'
    f'    contacts=[{{"to_phone_number": "{ADA}", "prompt_variables": {{}}}}])'
)


@pytest.fixture
def revox_sandbox_settings(request) -> SandboxSettings:
    return SandboxSettings(speed=0, generation=getattr(request, "param", "contract"))


def answers(sandbox, path, body, times=None):
    sandbox.faults.add(Fault(method="GET", path=path, kind="broken_json", body=body, times=times))


def creates(sandbox):
    return [request for request in sandbox.requests() if request.method == "POST"]


@pytest.mark.parametrize(
    "signs",
    ['"page": 1, "page_size": 1, "total": 2', '"pageInfo": {"hasNextPage": true}', '"meta": {"count": 7}'],
)
def test_a_task_launches_nothing_by_a_page_of_the_campaigns(run_dag, revox_sandbox, signs):
    answers(revox_sandbox, "/campaigns", f'{{"campaigns": [{{"id": "b", "name": "y"}}], {signs}}}')
    result = run_dag(CREATE)
    assert result.state == "failed"
    assert "is not the whole list of campaigns" in result.output
    assert creates(revox_sandbox) == []


@pytest.mark.parametrize("revox_sandbox_settings", ["drafts", "launch-calls"], indirect=True)
def test_a_task_launches_nothing_by_a_page_of_the_phone_history(run_dag, revox_sandbox):
    answers(revox_sandbox, "/calls/phone-history", '{"phone_history": {}, "has_more": true}')
    result = run_dag(CREATE)
    assert result.state == "failed"
    assert "is not the whole list of numbers" in result.output
    assert creates(revox_sandbox) == []


@pytest.mark.parametrize(
    "fields",
    [
        '"name": "y", "max_concurrent_calls": 9223372036854775808',
        '"name": "y", "row_stats": {"total": 1e400}',
        r'"name": "\ud800 y"',
        '"name": null',
        '"title": "y"',
        '"name": "y", "has_more": true',
        f'"name": "y", "flow": {"[" * 3000}{"]" * 3000}',
    ],
    ids=lambda fields: fields[:40],
)
def test_what_is_in_somebody_elses_campaign_stops_no_launch(run_dag, revox_sandbox, fields):
    others = f'{{"id": "b", {fields}}}, {{"id": "c", "name": "z"}}'
    answers(revox_sandbox, "/campaigns", f'{{"campaigns": [{others}], "next": null, "total": 2}}', times=1)
    result = run_dag(CREATE)
    assert result.state == "success", result.output
    assert len(creates(revox_sandbox)) == 1
