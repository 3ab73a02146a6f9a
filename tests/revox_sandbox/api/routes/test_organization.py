"""Assistants and phone numbers over HTTP."""

from __future__ import annotations

import pytest

from revox_sandbox import SandboxAssistant, SandboxSettings
from tests.revox_sandbox.shapes.contract import AssistantShape
from tests.revox_sandbox.shapes.later import DraftsAssistantShape, LaunchCallsAssistantShape

SHAPES = {
    "contract": AssistantShape,
    "drafts": DraftsAssistantShape,
    "launch-calls": LaunchCallsAssistantShape,
}
MINE = SandboxAssistant(
    id="mine",
    name="Mine",
    prompt="{{plan}} {{ Plan }} {{{x}}} }} {{",
    first_sentence=None,
    end_of_call_sentence="Bye {{first_name}}",
    voicemail_message="{{prénom}}",
    sms_template="{{link}}",
)
every_generation = pytest.mark.parametrize("revox_sandbox_settings", SHAPES, indirect=True, ids=str)


@pytest.fixture
def revox_sandbox_settings(request):
    options = {"assistants": [MINE], "phone_numbers": ["+33123456789"]}
    return SandboxSettings(generation=request.param, speed=0, **options)


@every_generation
def test_an_assistant_has_the_shape_of_its_generation(http, revox_sandbox):
    shape = SHAPES[revox_sandbox.settings.generation]
    shown = http.get("/assistants/mine").json()
    assert shape.model_validate(shown, strict=True).model_dump(mode="json") == shown
    assert http.get("/assistants").json() == {"assistants": [shown]}
    texts = (shown["prompt"], shown["first_sentence"], shown["first_sentence_mode"])
    assert texts == (MINE.prompt, None, "none")
    assert (shown["end_of_call_sentence"], shown["voicemail_message"]) == ("Bye {{first_name}}", "{{prénom}}")
    assert shown.get("sms_template") == (None if shape is AssistantShape else "{{link}}")


@every_generation
def test_an_assistant_that_a_campaign_names_is_listed_as_the_campaign_shows_it(http, launch, campaign):
    shown = campaign(launch(1, assistant_id="mine"))["assistant"]
    assert http.get("/assistants/mine").json() == shown
    made = campaign(launch(1))["assistant"]
    assert [one["id"] for one in http.get("/assistants").json()["assistants"]] == ["mine", "assistant"]
    assert http.get("/assistants/assistant").json() == made


@every_generation
@pytest.mark.parametrize("path", ["x", "Mine", "mine%20", "%2B33612345678", "%00", "a" * 5000])
def test_an_unknown_assistant_is_not_found(http, path):
    answer = http.get(f"/assistants/{path}")
    assert (answer.status_code, answer.json()) == (404, {"message": "Assistant not found"})


@every_generation
def test_an_assistant_is_defined_again_for_later_campaigns(http, launch, campaign, revox_sandbox):
    before = launch(1, assistant_id="mine")
    revox_sandbox.define_assistants(SandboxAssistant(id="mine", prompt="new"), SandboxAssistant(id="other"))
    assert http.get("/assistants/mine").json()["prompt"] == "new"
    assert campaign(before)["assistant"]["prompt"] == MINE.prompt
    assert campaign(launch(1, assistant_id="mine"))["assistant"]["prompt"] == "new"
    revox_sandbox.reset()
    assert [one["prompt"] for one in http.get("/assistants").json()["assistants"]] == [MINE.prompt]


@pytest.mark.parametrize("revox_sandbox_settings", ["drafts", "launch-calls"], indirect=True, ids=str)
def test_the_phone_numbers_of_the_settings_are_listed(http):
    (number,) = http.get("/phone-numbers").json()["phone_numbers"]
    assert (number["phone_number"], number["type"]) == ("+33123456789", "owned_number")


@pytest.mark.parametrize("revox_sandbox_settings", ["contract"], indirect=True, ids=str)
def test_the_contract_lists_no_phone_numbers(http):
    answer = http.get("/phone-numbers")
    assert (answer.status_code, answer.json()) == (404, {"message": "Not Found"})


@every_generation
def test_without_the_key_nothing_is_shown(revox_sandbox, anonymous):
    for path in ("/assistants", "/assistants/mine"):
        assert anonymous.get(revox_sandbox.base_url + path).status_code == 401
