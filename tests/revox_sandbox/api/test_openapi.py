from __future__ import annotations

import pytest

from revox_sandbox import SandboxSettings

CONTRACT = {
    ("post", "/campaigns"),
    ("get", "/campaigns"),
    ("get", "/campaigns/{id}"),
    ("delete", "/campaigns/{id}"),
    ("post", "/campaigns/{id}/cancel"),
    ("get", "/campaigns/{id}/rows"),
    ("get", "/campaigns/{id}/export"),
    ("get", "/assistants"),
    ("get", "/assistants/{id}"),
}
LATER = CONTRACT | {
    ("patch", "/campaigns/{id}"),
    ("post", "/campaigns/{id}/pause"),
    ("post", "/campaigns/{id}/resume"),
    ("get", "/campaigns/{id}/statistics"),
    ("get", "/auth-status"),
    ("get", "/calls/phone-history"),
    ("post", "/call/{id}/cancel"),
    ("post", "/call/{id}/pause"),
    ("post", "/call/{id}/resume"),
    ("post", "/call/search"),
    ("get", "/phone-numbers"),
}
ROUTES = {
    "contract": CONTRACT,
    "drafts": LATER | {("post", "/campaigns/{id}/launch")},
    "launch-calls": LATER | {("post", "/campaigns/{id}/launch-calls")},
}

every_generation = pytest.mark.parametrize("revox_sandbox_settings", ROUTES, indirect=True, ids=str)


@pytest.fixture
def revox_sandbox_settings(request):
    return SandboxSettings(generation=getattr(request, "param", "contract"), speed=0)


@pytest.fixture
def description(revox_sandbox, anonymous):
    return anonymous.get(f"{revox_sandbox.base_url}/openapi.json").raise_for_status().json()


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
def test_no_refusal_has_the_status_422(description):
    for operation in operations(description).values():
        assert set(operation["responses"]) == {"200", "4XX"}


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
                ("post", "/call/search"): "DraftsCallSearch",
            },
        ),
        (
            "launch-calls",
            {
                ("post", "/campaigns"): "LaunchCallsCampaignCreate",
                ("patch", "/campaigns/{id}"): "LaunchCallsCampaignUpdate",
                ("post", "/call/search"): "LaunchCallsCallSearch",
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
