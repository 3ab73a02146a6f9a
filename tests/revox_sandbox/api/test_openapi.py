from __future__ import annotations

import httpx
import pytest

from revox_sandbox import SandboxSettings
from revox_sandbox.api import schemas, schemas_live, schemas_reports

CONTRACT = {
    ("post", "/campaigns"),
    ("get", "/campaigns"),
    ("get", "/campaigns/{id}"),
    ("delete", "/campaigns/{id}"),
    ("post", "/campaigns/{id}/cancel"),
    ("get", "/campaigns/{id}/rows"),
    ("get", "/campaigns/{id}/export"),
}
LATER = CONTRACT | {
    ("patch", "/campaigns/{id}"),
    ("post", "/campaigns/{id}/pause"),
    ("post", "/campaigns/{id}/resume"),
    ("get", "/campaigns/{id}/statistics"),
    ("get", "/auth-status"),
    ("get", "/calls/phone-history"),
}
ROUTES = {
    "contract": CONTRACT,
    "drafts": LATER | {("post", "/campaigns/{id}/launch")},
    "launch-calls": LATER | {("post", "/campaigns/{id}/launch-calls")},
}
EVERYTHING = {
    "mode": "ai_first",
    "selection": {
        "filters": {"assignee_ids": [], "directions": [], "outcomes": [], "results": [], "statuses": []},
        "rows": {"call_ids": [], "mode": "all_except"},
    },
}

every_generation = pytest.mark.parametrize("revox_sandbox_settings", ROUTES, indirect=True, ids=str)


@pytest.fixture
def revox_sandbox_settings(request):
    return SandboxSettings(generation=getattr(request, "param", "contract"), speed=0)


@pytest.fixture
def description(revox_sandbox):
    return httpx.get(f"{revox_sandbox.base_url}/openapi.json").raise_for_status().json()


def operations(description):
    return {
        (method, path): operation
        for path, methods in description["paths"].items()
        for method, operation in methods.items()
    }


def references(part):
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "$ref":
                yield value
            else:
                yield from references(value)
    elif isinstance(part, list):
        for value in part:
            yield from references(value)


@every_generation
def test_the_generation_and_nothing_else_is_described(description, revox_sandbox):
    assert set(operations(description)) == ROUTES[revox_sandbox.settings.generation]
    assert description["servers"] == [{"url": "/api"}]


@every_generation
def test_every_reference_leads_somewhere_and_every_schema_is_used(description):
    names = {reference.removeprefix("#/components/schemas/") for reference in references(description)}
    assert names == set(description["components"]["schemas"])


@every_generation
def test_every_answer_is_described(description):
    for operation in operations(description).values():
        assert "$ref" in operation["responses"]["200"]["content"]["application/json"]["schema"]
        assert {"400", "401"} <= set(operation["responses"])
        assert "422" not in operation["responses"]


@every_generation
def test_every_operation_needs_the_key(description):
    assert all(operation["security"] for operation in operations(description).values())
    assert description["components"]["securitySchemes"]["HTTPBearer"]["scheme"] == "bearer"


def test_the_body_of_a_campaign_is_described(description):
    content = operations(description)["post", "/campaigns"]["requestBody"]["content"]
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/CampaignCreate"}
    campaign = description["components"]["schemas"]["CampaignCreate"]
    assert set(campaign["required"]) == {"assistant_id", "name", "contacts"}
    assert campaign["properties"]["name"]["minLength"] == 1


@pytest.mark.parametrize(
    ("revox_sandbox_settings", "bodies"),
    [
        (
            "drafts",
            {
                ("post", "/campaigns"): "DraftsCampaignCreate",
                ("patch", "/campaigns/{id}"): "DraftsCampaignUpdate",
            },
        ),
        (
            "launch-calls",
            {
                ("post", "/campaigns"): "LaunchCallsCampaignCreate",
                ("patch", "/campaigns/{id}"): "LaunchCallsCampaignUpdate",
                ("post", "/campaigns/{id}/launch-calls"): "LaunchCalls",
            },
        ),
    ],
    indirect=["revox_sandbox_settings"],
    ids=["drafts", "launch-calls"],
)
def test_the_bodies_of_later_generations_are_described(description, bodies):
    shapes = {
        route: operation["requestBody"]["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        for route, operation in operations(description).items()
        if "requestBody" in operation
    }
    assert shapes == bodies


def test_the_questions_about_rows_are_described(description):
    parameters = operations(description)["get", "/campaigns/{id}/rows"]["parameters"]
    assert {parameter["name"]: parameter["required"] for parameter in parameters} == {
        "id": True,
        "page": True,
        "page_size": True,
        "query": False,
        "result": False,
        "statuses": False,
    }


def strict(model, answer):
    # What is described but missing, or there but not described, shows in the comparison.
    assert model.model_validate(answer, strict=True).model_dump(mode="json") == answer


def test_answers_are_as_described(http, launch, revox_sandbox):
    campaign_id = launch(20, max_concurrent_calls=10)

    for seconds in (0, 60, 10**6):
        revox_sandbox.advance(seconds)
        campaign = http.get(f"/campaigns/{campaign_id}").json()
        strict(schemas.OneCampaign, campaign)
        strict(schemas.AllCampaigns, http.get("/campaigns").json())
        strict(schemas.RowsShape, http.get(f"/campaigns/{campaign_id}/rows?page=1&page_size=1000").json())
    strict(schemas.Export, http.get(f"/campaigns/{campaign_id}/export").json())
    strict(schemas.Success, http.post(f"/campaigns/{campaign_id}/cancel").json())
    strict(schemas.Success, http.delete(f"/campaigns/{campaign_id}").json())
    strict(schemas.Problem, {"issues": None} | http.get(f"/campaigns/{campaign_id}").json())


@pytest.mark.parametrize(
    ("revox_sandbox_settings", "one", "many", "rows", "statistics"),
    [
        (
            "drafts",
            schemas_live.OneDraftsCampaign,
            schemas_live.AllDraftsCampaigns,
            schemas_live.DraftsRows,
            schemas_reports.DraftsStatistics,
        ),
        (
            "launch-calls",
            schemas_live.OneLaunchCallsCampaign,
            schemas_live.AllLaunchCallsCampaigns,
            schemas_live.LaunchCallsRows,
            schemas_reports.LaunchCallsStatistics,
        ),
    ],
    indirect=["revox_sandbox_settings"],
    ids=["drafts", "launch-calls"],
)
def test_answers_of_later_generations_are_as_described(
    http, launch, revox_sandbox, one, many, rows, statistics
):
    drafts = revox_sandbox.settings.generation == "drafts"
    campaign_id = launch(20, max_concurrent_calls=10, **({"launch": False} if drafts else {}))
    path = f"/campaigns/{campaign_id}"

    def everything_is_as_described():
        strict(one, http.get(path).json())
        strict(many, http.get("/campaigns").json())
        strict(rows, http.get(f"{path}/rows").json())
        strict(statistics, http.get(f"{path}/statistics").json())
        strict(schemas_reports.PhoneHistory, http.get("/calls/phone-history").json())

    everything_is_as_described()
    if drafts:
        strict(one, http.post(f"{path}/launch").json())
    else:
        for mode in ("speed_dial", "ai_first"):
            answer = http.post(f"{path}/launch-calls", json={**EVERYTHING, "mode": mode})
            strict(schemas_live.LaunchedShape, answer.json())
    for seconds in (0, 60, 10**6):
        revox_sandbox.advance(seconds)
        everything_is_as_described()
    strict(one, http.patch(path, json={"name": "m"}).json())
    for action in ("pause", "resume", "cancel"):
        strict(schemas.Success, http.post(f"{path}/{action}").json())
    strict(schemas_live.AuthStatus, http.get("/auth-status").json())
