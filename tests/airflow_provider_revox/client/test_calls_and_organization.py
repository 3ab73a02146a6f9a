"""Single calls, assistants and phone numbers, asked by both clients of a sandbox."""

from __future__ import annotations

import json
import logging

import pytest

from airflow_provider_revox.client import call_endpoints, organization_endpoints
from airflow_provider_revox.client.errors import InvalidRequestError, MalformedAnswerError, NotFoundError
from airflow_provider_revox.client.requests import LaunchCalls
from airflow_provider_revox.hooks.revox import RevoxHook
from revox_sandbox import Fault, SandboxAssistant, SandboxSettings
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, at, http_answer, send

ADA, BOB = "+33612345678", "+14155550100"
ACTIONS = {
    "cancel": call_endpoints.cancel_call,
    "pause": call_endpoints.pause_call,
    "resume": call_endpoints.resume_call,
}
both = pytest.mark.parametrize("kind", BOTH)
pytestmark = pytest.mark.usefixtures("short_pauses")


@pytest.fixture
def revox_sandbox_settings(request):
    generation = getattr(request, "param", "launch-calls")
    return SandboxSettings(generation=generation, speed=0, call_ends={"human": 1})


@pytest.fixture
def call_ids(revox_sandbox):
    hook = RevoxHook()
    contacts = [{"to_phone_number": number, "prompt_variables": {}} for number in (ADA, BOB)]
    campaign = hook.create_campaign(assistant_id="a", name="n", contacts=contacts)
    return [row.call["id"] for row in hook.get_rows(campaign.id, page=1, page_size=10).rows], campaign.id


@both
def test_a_call_that_is_cancelled_is_not_launched(kind, config, revox_sandbox, call_ids):
    ids, campaign_id = call_ids
    assert send(kind, config, lambda: call_endpoints.cancel_call(ids[0])) is True
    launched = RevoxHook().launch_calls(campaign_id)
    assert launched.launched == 1
    revox_sandbox.advance(10**6)
    assert revox_sandbox.calls_per_person() == {BOB: 1}
    assert send(kind, config, lambda: call_endpoints.cancel_call(ids[1])) is False


@both
@pytest.mark.parametrize("fault", ["reset", "truncate", "broken_json"])
def test_a_cancel_whose_answer_is_lost_is_sent_again(kind, fault, config, revox_sandbox, call_ids):
    ids, _ = call_ids
    revox_sandbox.faults.add(Fault(kind=fault, when="after", path="/call/{id}/cancel"))
    assert send(kind, config, lambda: call_endpoints.cancel_call(ids[0])) is True
    assert [record.outcome for record in revox_sandbox.requests()[-2:]] == [fault, 200]


@both
def test_a_call_is_paused_and_resumed(kind, config, revox_sandbox, call_ids):
    ids, campaign_id = call_ids
    RevoxHook().launch_calls(campaign_id, scheduled_at="2100-01-01T00:00:00Z")
    assert send(kind, config, lambda: call_endpoints.pause_call(ids[0])) is True
    assert send(kind, config, lambda: call_endpoints.resume_call(ids[0])) is True


def test_the_hook_has_a_method_for_each(revox_sandbox, call_ids):
    (first, _), campaign_id = call_ids
    hook = RevoxHook()
    hook.launch_calls(campaign_id, scheduled_at="2100-01-01T00:00:00Z")
    assert [hook.pause_call(first), hook.resume_call(first), hook.cancel_call(first)] == [True] * 3
    assert "renewals" in [one.id for one in hook.list_assistants()]
    assert hook.get_assistant("renewals").name == "Renewals"
    assert [one.phone_number for one in hook.list_phone_numbers()] == ["+12025550100", "+14155550199"]


@both
@pytest.mark.parametrize("make", ACTIONS.values(), ids=ACTIONS)
@pytest.mark.parametrize("revox_sandbox_settings", ["contract", "launch-calls"], indirect=True, ids=str)
def test_an_unknown_call_or_a_revox_without_the_endpoint_is_not_found(kind, make, config):
    with pytest.raises(NotFoundError):
        send(kind, config, lambda: make("nobody"))


@pytest.mark.parametrize("make", [*ACTIONS.values(), organization_endpoints.get_assistant])
@pytest.mark.parametrize(
    "wrong", ["", " ", ADA, "06 12 34 56 78", "tel:0612345678", "a/b", "a?b", "é", "x" * 129]
)
def test_what_is_no_id_is_refused_before_anything_is_sent_and_not_repeated(make, wrong):
    with pytest.raises(InvalidRequestError) as caught:
        make(wrong)
    assert not wrong.strip() or wrong not in str(caught.value)


@both
def test_an_assistant_is_read_and_its_texts_stay_out_of_repr(kind, config, revox_sandbox):
    secret = "Call Ada Lovelace about {{plan}}"
    revox_sandbox.define_assistants(SandboxAssistant(id="mine", name="Ada's", prompt=secret))
    assistant = send(kind, config, lambda: organization_endpoints.get_assistant("mine"))
    assert (assistant.id, assistant.name, assistant.shows_prompt) == ("mine", "Ada's", True)
    assert secret in assistant.filled_texts
    assert "Ada" not in f"{assistant!r} {assistant} {[assistant]}"
    listed = send(kind, config, organization_endpoints.list_assistants)
    assert "Ada" not in f"{listed}"
    with pytest.raises(NotFoundError):
        send(kind, config, lambda: organization_endpoints.get_assistant("nobody"))


@both
@pytest.mark.parametrize(
    "body",
    [
        {"id": "a", "prompt": "x"},
        {"assistant": {"id": "a", "prompt": "x"}},
        {"id": "a", "prompt": "x", "assistant": None},
    ],
    ids=str,
)
def test_an_assistant_is_read_with_and_without_a_field_around_it(kind, body):
    with Loopback(http_answer(200, json.dumps(body))) as server:
        assistant = send(kind, at(server.url), lambda: organization_endpoints.get_assistant("a"))
    assert assistant.filled_texts == ["x"]


@both
@pytest.mark.parametrize(
    "body",
    [
        [],
        {},
        None,
        {"id": 7},
        {"id": "b"},
        {"id": ADA},
        {"assistant": {}},
        {"assistant": {"id": "b"}},
        "a",
    ],
    ids=str,
)
def test_an_answer_that_is_not_the_assistant_is_refused_without_its_content(kind, body, caplog):
    caplog.set_level(logging.DEBUG)
    with (
        Loopback(http_answer(200, json.dumps(body))) as server,
        pytest.raises(MalformedAnswerError) as caught,
    ):
        send(kind, at(server.url, retries=0), lambda: organization_endpoints.get_assistant("a"))
    assert ADA not in str(caught.value) + caplog.text


@both
@pytest.mark.parametrize("name", ["assistants", "phone_numbers"])
@pytest.mark.parametrize(
    "more", [{"next": "x"}, {"has_more": True}, {"total": 2}, {"page": 1, "pages": 2}], ids=str
)
def test_a_page_is_not_taken_for_the_whole_list(kind, name, more):
    make = getattr(organization_endpoints, f"list_{name}")
    body = {name: [{"id": "a", "phone_number": ADA}], **more}
    with (
        Loopback(http_answer(200, json.dumps(body))) as server,
        pytest.raises(MalformedAnswerError),
    ):
        send(kind, at(server.url, retries=0), make)


# --- selections ---


@pytest.mark.parametrize(
    "selection",
    [
        {"filters": {"statuses": ["not-launched"]}},
        {"filters": {"statuses": ["Completed"]}},
        {"filters": {"outcomes": ["do_not_contact"]}},
        {"filters": {"results": ["robot"]}},
        {"filters": {"directions": ["both"]}},
        {"filters": {"query": 7}},
        {"rows": {"mode": "all"}},
        {"rows": {"call_ids": "x"}},
        {"rows": {"row_ids": []}},
    ],
    ids=str,
)
def test_a_selection_has_the_words_of_the_official_client_only(selection):
    with pytest.raises(InvalidRequestError):
        LaunchCalls.build(selection=selection)


def test_some_calls_and_a_query_are_selected(revox_sandbox, call_ids):
    ids, campaign_id = call_ids
    hook = RevoxHook()
    only = {"rows": {"call_ids": [ids[1]], "mode": "only"}}
    assert hook.launch_calls(campaign_id, selection={"filters": {"query": ADA}, **only}).launched == 0
    assert hook.launch_calls(campaign_id, selection=only).launched == 1
    rest = {"filters": {"query": ADA}, "rows": {"call_ids": [ids[1]], "mode": "all_except"}}
    assert hook.launch_calls(campaign_id, selection=rest).launched == 1
    revox_sandbox.advance(10**6)
    assert revox_sandbox.calls_per_person() == {ADA: 1, BOB: 1}


def test_a_selection_shows_no_number_in_repr_and_keeps_it_out_of_errors():
    order = LaunchCalls.build(selection={"filters": {"query": ADA}, "rows": {"call_ids": ["c1"]}})
    assert ADA not in f"{order!r} {order}"
    assert set(order.sensitive()) == {ADA, "c1"}
    assert order.is_repeatable
    assert json.loads(order.body)["selection"]["filters"]["query"] == ADA
    assert "query" not in json.loads(LaunchCalls().body)["selection"]["filters"]
