"""The sandbox's answers, judged by shapes that it does not share."""

from __future__ import annotations

import pytest

from revox_sandbox import SandboxSettings
from tests.revox_sandbox.shapes import contract, later, reports

WINDOW = {"calling_window_start_time": "12am", "calling_window_end_time": "12am", "retry_delay_seconds": 60}
RETRY_CONFIG = {"calling_windows": [WINDOW], "max_retry_attempts": 2, "timezone": "Europe/Paris"}
EVERY_DAY = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
LATER_RETRY_CONFIG = {**RETRY_CONFIG, "allowed_days": EVERY_DAY, "call_twice_in_a_row": True}
EVERYTHING = {
    "mode": "ai_first",
    "selection": {
        "filters": {"assignee_ids": [], "directions": [], "outcomes": [], "results": [], "statuses": []},
        "rows": {"call_ids": [], "mode": "all_except"},
    },
}


@pytest.fixture
def revox_sandbox_settings(request):
    return SandboxSettings(generation=getattr(request, "param", "contract"), speed=0)


def strict(model, answer):
    # The comparison shows fields that are missing and fields that no shape has.
    assert model.model_validate(answer, strict=True).model_dump(mode="json") == answer


def test_answers_of_the_contract_have_their_shapes(http, launch, revox_sandbox):
    campaign_id = launch(20, max_concurrent_calls=10, call_retry_config=RETRY_CONFIG)

    for seconds in (0, 60, 10**6):
        revox_sandbox.advance(seconds)
        campaign = http.get(f"/campaigns/{campaign_id}").json()
        strict(contract.OneCampaign, campaign)
        strict(contract.AllCampaigns, http.get("/campaigns").json())
        strict(contract.RowsShape, http.get(f"/campaigns/{campaign_id}/rows?page=1&page_size=1000").json())
    strict(contract.Export, http.get(f"/campaigns/{campaign_id}/export").json())
    strict(contract.Success, http.post(f"/campaigns/{campaign_id}/cancel").json())
    strict(contract.Success, http.delete(f"/campaigns/{campaign_id}").json())
    strict(contract.Problem, {"issues": None} | http.get(f"/campaigns/{campaign_id}").json())


@pytest.mark.parametrize(
    ("revox_sandbox_settings", "one", "many", "rows", "statistics"),
    [
        (
            "drafts",
            later.OneDraftsCampaign,
            later.AllDraftsCampaigns,
            later.DraftsRows,
            reports.DraftsStatistics,
        ),
        (
            "launch-calls",
            later.OneLaunchCallsCampaign,
            later.AllLaunchCallsCampaigns,
            later.LaunchCallsRows,
            reports.LaunchCallsStatistics,
        ),
    ],
    indirect=["revox_sandbox_settings"],
    ids=["drafts", "launch-calls"],
)
def test_answers_of_later_generations_have_their_shapes(
    http, launch, revox_sandbox, one, many, rows, statistics
):
    drafts = revox_sandbox.settings.generation == "drafts"
    options = {"launch": False} if drafts else {}
    campaign_id = launch(20, max_concurrent_calls=10, call_retry_config=LATER_RETRY_CONFIG, **options)
    path = f"/campaigns/{campaign_id}"

    def check_every_shape():
        strict(one, http.get(path).json())
        strict(many, http.get("/campaigns").json())
        strict(rows, http.get(f"{path}/rows").json())
        strict(statistics, http.get(f"{path}/statistics").json())
        strict(reports.PhoneHistory, http.get("/calls/phone-history").json())

    check_every_shape()
    if drafts:
        strict(one, http.post(f"{path}/launch").json())
    else:
        for mode in ("speed_dial", "ai_first"):
            answer = http.post(f"{path}/launch-calls", json={**EVERYTHING, "mode": mode})
            strict(later.LaunchedShape, answer.json())
    for seconds in (0, 60, 10**6):
        revox_sandbox.advance(seconds)
        check_every_shape()
    strict(one, http.patch(path, json={"name": "m"}).json())
    for action in ("pause", "resume", "cancel"):
        strict(contract.Success, http.post(f"{path}/{action}").json())
    strict(later.AuthStatus, http.get("/auth-status").json())
