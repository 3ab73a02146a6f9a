"""What the API has beyond its page, asked by both clients of a sandbox that speaks it."""

from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client import ClientConfig
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.errors import (
    AuthenticationError,
    InvalidRequestError,
    MalformedAnswerError,
    NoAnswerError,
    NotFoundError,
    NotSupportedError,
    RejectedError,
)
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, ask, at, http_answer

ADA, BOB, NAME = "+33612345678", "+14155550100", "Zoé Exemplaire"
RETRY_CONFIG = {
    "calling_windows": [
        {
            "calling_window_start_time": "00:00",
            "calling_window_end_time": "23:59",
            "retry_delay_seconds": 60,
        }
    ],
    "max_retry_attempts": 3,
    "timezone": "Europe/Paris",
    "allowed_days": ["monday", "sunday"],
    "call_twice_in_a_row": True,
}
CAMPAIGN = CampaignCreate.build(
    assistant_id="a1",
    name="Renewals",
    contacts=[
        {"to_phone_number": ADA, "prompt_variables": {"first_name": NAME}},
        {"to_phone_number": BOB, "prompt_variables": {}},
    ],
)


def campaign_of(sandbox):
    """The campaign as this server needs it."""
    drafts = sandbox.settings.generation == "drafts"
    return CAMPAIGN.changed(launch=True, type="regular") if drafts else CAMPAIGN


LATER_GENERATIONS = ["drafts", "launch-calls"]
pytestmark = [pytest.mark.parametrize("kind", BOTH), pytest.mark.usefixtures("short_pauses")]


@pytest.fixture(params=LATER_GENERATIONS)
def generation(request):
    return request.param


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(generation=generation, speed=0, call_ends={"human": 1})


@pytest.mark.parametrize("generation", ["launch-calls"], indirect=True)
def test_calls_that_are_not_launched_are_launched_once(kind, config, revox_sandbox):
    created = ask(kind, config, "create_campaign", campaign_of(revox_sandbox))
    assert created.row_stats.not_launched == 2
    first = ask(kind, config, "launch_calls", created.id, LaunchCalls())
    assert (first.launched, first.skipped.active) == (2, 0)
    revox_sandbox.advance(3600)
    second = ask(kind, config, "launch_calls", created.id, LaunchCalls())
    assert second.launched == 0
    assert revox_sandbox.calls_per_person() == {ADA: 1, BOB: 1}
    assert revox_sandbox.calls_after_an_answer() == {}


@pytest.mark.parametrize("generation", ["launch-calls"], indirect=True)
def test_calls_can_be_launched_later_and_one_by_one(kind, config, revox_sandbox):
    created = ask(kind, config, "create_campaign", campaign_of(revox_sandbox))
    nobody = LaunchCalls.build(selection={"rows": {"call_ids": [], "mode": "only"}})
    assert ask(kind, config, "launch_calls", created.id, nobody).launched == 0
    order = LaunchCalls.build(scheduled_at="2100-01-01T09:00:00+01:00")
    assert ask(kind, config, "launch_calls", created.id, order).launched == 2
    revox_sandbox.advance(3600)
    assert revox_sandbox.calls_per_person() == {}


@pytest.mark.parametrize("generation", ["launch-calls"], indirect=True)
@pytest.mark.parametrize("fault", ["hang", "reset", "truncate", "broken_json"])
def test_a_launch_of_what_is_not_launched_is_sent_again(kind, fault, config, revox_sandbox):
    created = ask(kind, config, "create_campaign", campaign_of(revox_sandbox))
    revox_sandbox.faults.add(Fault(kind=fault, when="after", path="/campaigns/{id}/launch-calls"))
    assert ask(kind, config, "launch_calls", created.id, LaunchCalls()).launched == 0
    assert [record.outcome for record in revox_sandbox.requests()[1:]] == [fault, 200]
    assert revox_sandbox.calls_per_person() == {ADA: 1, BOB: 1}


@pytest.mark.parametrize("generation", ["launch-calls"], indirect=True)
@pytest.mark.parametrize(
    "fields",
    [
        {"selection": {"filters": {"statuses": []}}},
        {"selection": {"filters": {"statuses": ["not_launched", "completed"]}}},
        {"mode": "speed_dial"},
    ],
)
def test_a_launch_that_may_call_again_is_not_sent_again(kind, fields, config, revox_sandbox):
    created = ask(kind, config, "create_campaign", campaign_of(revox_sandbox))
    revox_sandbox.faults.add(Fault(kind="reset", when="after", path="/campaigns/{id}/launch-calls"))
    with pytest.raises(NoAnswerError):
        ask(kind, config, "launch_calls", created.id, LaunchCalls.build(**fields))
    assert len(revox_sandbox.requests()) == 2


@pytest.mark.parametrize("generation", ["drafts"], indirect=True)
def test_what_is_no_draft_is_not_launched(kind, config, revox_sandbox):
    created = ask(kind, config, "create_campaign", campaign_of(revox_sandbox))
    with pytest.raises(RejectedError, match="not a draft"):
        ask(kind, config, "launch_campaign", created.id)
    assert revox_sandbox.calls_per_person() == {ADA: 1, BOB: 1}


def test_the_launch_of_a_draft_whose_answer_is_lost_is_not_sent_again(kind):
    with Loopback(lambda request: b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{") as server:
        with pytest.raises(NoAnswerError):
            ask(kind, at(server.url), "launch_campaign", "c")
        assert len(server.requests) == 1


def test_a_campaign_is_paused_and_resumed(kind, config, revox_sandbox):
    created = ask(kind, config, "create_campaign", campaign_of(revox_sandbox))
    assert ask(kind, config, "pause_campaign", created.id) is True
    assert ask(kind, config, "get_campaign", created.id).status == "paused"
    assert ask(kind, config, "pause_campaign", created.id) is True
    assert ask(kind, config, "resume_campaign", created.id) is True
    assert ask(kind, config, "get_campaign", created.id).status == "running"
    ask(kind, config, "cancel_campaign", created.id)
    assert ask(kind, config, "pause_campaign", created.id) is False
    assert ask(kind, config, "resume_campaign", created.id) is False


def test_only_what_is_given_is_changed(kind, config, generation, revox_sandbox):
    created = ask(kind, config, "create_campaign", campaign_of(revox_sandbox))
    update = CampaignUpdate.build(name="Renewed", call_retry_config=RETRY_CONFIG)
    changed = ask(kind, config, "update_campaign", created.id, update)
    assert changed.name == "Renewed"
    assert changed.model_extra["call_retry_config"]["allowed_days"] == ["monday", "sunday"]
    lines = CampaignUpdate.build(max_concurrent_calls=3)
    if generation == "drafts":
        with pytest.raises(RejectedError, match="max_concurrent_calls: can be changed in a draft only"):
            ask(kind, config, "update_campaign", created.id, lines)
    else:
        changed = ask(kind, config, "update_campaign", created.id, lines)
        assert changed.model_extra["max_concurrent_calls"] == 3
    assert ask(kind, config, "get_campaign", created.id).name == "Renewed"


@pytest.mark.parametrize("asked", [{"page": 2}, {"page": 1, "query": ADA}, {"page": 1, "result": "human"}])
def test_a_page_or_filter_that_the_api_does_not_know_is_an_error(kind, config, asked, revox_sandbox):
    created = ask(kind, config, "create_campaign", campaign_of(revox_sandbox))
    with pytest.raises(NotSupportedError, match="neither pages nor filters") as caught:
        ask(kind, config, "get_rows", created.id, page_size=1, **asked)
    assert ADA not in str(caught.value)
    assert len(ask(kind, config, "get_rows", created.id, page=1, page_size=1).rows) == 2


def test_a_wrong_key_is_an_error(kind, config, revox_sandbox):
    wrong = ClientConfig(api_key="wrong", base_url=revox_sandbox.base_url)
    with pytest.raises(AuthenticationError):
        ask(kind, wrong, "get_auth_status")


def test_the_key_is_good(kind, config):
    assert ask(kind, config, "get_auth_status") is True


def test_the_report_on_a_campaign_shows_nobody(kind, config, revox_sandbox, generation):
    created = ask(kind, config, "create_campaign", campaign_of(revox_sandbox))
    if generation == "launch-calls":
        ask(kind, config, "launch_calls", created.id, LaunchCalls())
    revox_sandbox.advance(7 * 24 * 3600)
    statistics = ask(kind, config, "get_statistics", created.id)
    assert statistics.campaign["id"] == created.id
    assert statistics.funnel["called"]["count"] == 2
    leads = json.dumps(statistics.leads, ensure_ascii=False)
    for shown in (repr(statistics), str(statistics), f"{statistics}"):
        assert shown == "Statistics(...)"
    assert leads.count("phone") or not any(statistics.leads.values())


def test_the_phone_history_of_those_who_are_asked_for(kind, config, revox_sandbox, generation):
    created = ask(kind, config, "create_campaign", campaign_of(revox_sandbox))
    if generation == "launch-calls":
        ask(kind, config, "launch_calls", created.id, LaunchCalls())
    revox_sandbox.do_not_contact(BOB, "+4930901820")
    revox_sandbox.advance(7 * 24 * 3600)
    history = ask(kind, config, "get_phone_history", {ADA, BOB, "+390612345678"})
    assert set(history) == {ADA, BOB}
    assert (history[ADA].do_not_contact, history[BOB].do_not_contact) == (False, True)
    assert history[ADA].reached_human is True
    assert history[ADA].campaigns == [{"id": created.id, "name": "Renewals"}]
    assert set(ask(kind, config, "get_phone_history")) == {ADA, BOB, "+4930901820"}
    assert repr(history) == str(history) == "PhoneHistory(2)"


@pytest.mark.parametrize("body", ['{"phone_history": {"+33612345678": 1}}', '{"phone_history": {"+3361234'])
def test_a_phone_history_that_cannot_be_read_shows_no_number(kind, body):
    with Loopback(http_answer(200, body)) as server, pytest.raises(MalformedAnswerError) as caught:
        ask(kind, at(server.url, retries=0), "get_phone_history")
    assert "33612" not in str(caught.value)


@pytest.mark.parametrize("generation", ["contract"], indirect=True)
@pytest.mark.parametrize(
    ("method", "arguments"),
    [
        ("launch_campaign", ["c"]),
        ("launch_calls", ["c", LaunchCalls()]),
        ("pause_campaign", ["c"]),
        ("resume_campaign", ["c"]),
        ("get_statistics", ["c"]),
        ("get_auth_status", []),
        ("get_phone_history", []),
    ],
)
def test_a_server_as_the_page_describes_it_has_none_of_these(kind, config, method, arguments):
    with pytest.raises(NotFoundError):
        ask(kind, config, method, *arguments)


@pytest.mark.parametrize(
    ("model", "fields", "problem"),
    [
        (LaunchCalls, {"mode": "manual"}, "mode: "),
        (LaunchCalls, {"scheduled_at": "2026-12-01"}, "scheduled_at: has no time zone"),
        (LaunchCalls, {"selection": {"filters": {"status": []}}}, "selection.filters.status: "),
        (CampaignUpdate, {}, "request: nothing to change is given"),
        (CampaignUpdate, {"name": ""}, "name: "),
        (CampaignUpdate, {"from_phone_number": ADA[1:]}, "from_phone_number: must be a phone number"),
        (
            CampaignUpdate,
            {"call_retry_config": {**RETRY_CONFIG, "allowed_days": ["someday"]}},
            "call_retry_config.allowed_days[0]: ",
        ),
        (
            CampaignUpdate,
            {"call_retry_config": {**RETRY_CONFIG, "allowed_days": []}},
            "call_retry_config.allowed_days: ",
        ),
    ],
)
def test_what_the_api_would_refuse_is_not_sent(kind, model, fields, problem):
    with pytest.raises(InvalidRequestError) as caught:
        model.build(**fields)
    assert caught.value.problems[0].startswith(problem)
