"""Whether a change of a campaign changes what is given, and nothing else."""

from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient, endpoints
from airflow_provider_revox.client.campaign_update import REQUIRED, CampaignUpdate
from airflow_provider_revox.client.errors import InvalidRequestError, RejectedError
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.client.requests import CallRetryConfig, CampaignCreate
from revox_sandbox import Fault, SandboxSettings

ADA = "+33612345678"
WINDOW = {
    "calling_window_start_time": "09:00",
    "calling_window_end_time": "17:00",
    "retry_delay_seconds": 60,
}
OTHER_WINDOW = {**WINDOW, "calling_window_start_time": "10am"}
OWN = {
    "calling_windows": [WINDOW],
    "max_retry_attempts": 3,
    "timezone": "Europe/Paris",
    "allowed_days": ["monday", "sunday"],
    "call_twice_in_a_row": True,
}
CHANGES = {
    "calling_windows": [OTHER_WINDOW],
    "max_retry_attempts": 5,
    "timezone": "Europe/Vienna",
    "allowed_days": ["friday"],
    "call_twice_in_a_row": False,
}
CONTACTS = [{"to_phone_number": ADA, "prompt_variables": {"first_name": "Zoe Exemplaire"}}]


def sent(update, own, status="running"):
    """Return the body that is sent for a campaign with these calling windows and attempts."""
    campaign = Campaign.model_validate({"id": "c", "status": status, "call_retry_config": own})
    return json.loads(CampaignUpdate.build(**update).for_campaign(campaign).body)


def refused(update, own=None, status="running"):
    with pytest.raises(InvalidRequestError) as caught:
        sent(update, own, status)
    return caught.value.problems


@pytest.mark.parametrize("name", CHANGES)
def test_what_is_not_given_stays_as_the_campaign_has_it(name):
    body = sent({"call_retry_config": {name: CHANGES[name]}}, OWN)
    assert body == {"call_retry_config": {**OWN, name: CHANGES[name]}}


def test_a_whole_configuration_replaces_all_but_a_time_zone_that_is_not_given():
    without = {name: value for name, value in CHANGES.items() if name != "timezone"}
    assert sent({"call_retry_config": without}, OWN) == {"call_retry_config": {**CHANGES, **OWN_TIMEZONE}}
    config = CallRetryConfig.model_validate(without)
    assert sent({"call_retry_config": config}, OWN) == {"call_retry_config": {**CHANGES, **OWN_TIMEZONE}}


OWN_TIMEZONE = {"timezone": "Europe/Paris"}


def test_none_removes_the_time_zone_and_the_whole_configuration():
    body = sent({"call_retry_config": {"timezone": None}}, OWN)
    assert body == {"call_retry_config": {name: OWN[name] for name in REQUIRED}}
    assert sent({"call_retry_config": None}, OWN) == {"call_retry_config": None}


def test_a_field_that_this_client_does_not_know_stays():
    own = {**OWN, "daily_limit": {"calls": 3.0}}
    body = sent({"call_retry_config": {"max_retry_attempts": 5}}, own)
    assert body["call_retry_config"] == {**own, "max_retry_attempts": 5}


def test_whole_numbers_of_the_campaign_are_sent_without_a_fraction():
    own = {**OWN, "max_retry_attempts": 3.0, "calling_windows": [{**WINDOW, "retry_delay_seconds": 60.0}]}
    body = CampaignUpdate.build(call_retry_config={"timezone": "UTC"})
    campaign = Campaign.model_validate({"id": "c", "status": "running", "call_retry_config": own})
    assert b"3.0" not in body.for_campaign(campaign).body
    assert b"60.0" not in body.for_campaign(campaign).body


@pytest.mark.parametrize("own", [None, "none", []])
def test_without_a_configuration_of_its_own_everything_must_be_given(own):
    assert refused({"call_retry_config": {"max_retry_attempts": 5}}, own) == [
        "call_retry_config: give calling_windows, allowed_days, call_twice_in_a_row, too: "
        "the campaign has no call_retry_config of its own"
    ]
    assert sent({"call_retry_config": CHANGES}, own) == {"call_retry_config": CHANGES}


@pytest.mark.parametrize("name", ["allowed_days", "call_twice_in_a_row", "calling_windows"])
def test_what_the_campaign_lacks_must_be_given(name):
    own = {key: value for key, value in OWN.items() if key != name}
    for lacking in (own, {**own, name: None}):
        assert refused({"call_retry_config": {"max_retry_attempts": 5}}, lacking) == [
            f"call_retry_config: give {name}, too: the campaign does not have them"
        ]


@pytest.mark.parametrize(
    ("own", "place"),
    [
        ({"calling_windows": []}, "calling_windows: is empty"),
        ({"calling_windows": [None]}, "calling_windows[0]: "),
        ({"calling_windows": "x"}, "calling_windows: "),
        ({"calling_windows": {}}, "calling_windows: "),
        (
            {"calling_windows": [WINDOW, {"calling_window_start_time": "09:00"}]},
            "calling_windows[1].calling_",
        ),
        (
            {"calling_windows": [{**WINDOW, "calling_window_end_time": "25:00"}]},
            "calling_windows[0].calling_",
        ),
        (
            {"calling_windows": [{**WINDOW, "calling_window_end_time": "08:00"}]},
            "calling_windows[0]: ends at",
        ),
        ({"calling_windows": [{**WINDOW, "retry_delay_seconds": 1.5}]}, "calling_windows[0].retry_delay"),
        ({"timezone": "Nowhere/City"}, "timezone: "),
        ({"timezone": 7}, "timezone: "),
        ({"allowed_days": []}, "allowed_days: is empty"),
        ({"allowed_days": ["someday"]}, "allowed_days[0]: "),
        ({"call_twice_in_a_row": "no"}, "call_twice_in_a_row: "),
    ],
)
def test_what_no_user_may_give_is_not_sent_back_either(own, place):
    problem, *_ = refused({"call_retry_config": {"max_retry_attempts": 5}}, {**OWN, **own})
    assert problem.startswith(f"call_retry_config.{place}")
    assert problem.endswith("(so the campaign has it; give this field, too)")
    (name,) = own
    body = sent({"call_retry_config": {name: CHANGES[name]}}, {**OWN, **own})
    assert body == {"call_retry_config": {**OWN, name: CHANGES[name]}}


def test_an_unknown_field_of_a_window_stays():
    own = {**OWN, "calling_windows": [{**WINDOW, "label": "morning"}]}
    body = sent({"call_retry_config": {"max_retry_attempts": 5}}, own)
    assert body == {"call_retry_config": {**own, "max_retry_attempts": 5}}


def test_a_part_is_not_sent_without_the_campaign():
    update = CampaignUpdate.build(call_retry_config={"max_retry_attempts": 5})
    with pytest.raises(InvalidRequestError, match=r"_windows, .* missing; complete it with"):
        endpoints.update_campaign("c", update)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"call_retry_config": {}}, "call_retry_config: is empty; give what to change"),
        ({"call_retry_config": {"allowed_days": None}}, "call_retry_config.allowed_days: can't be cleared"),
        ({"call_retry_config": {"calling_windows": []}}, "call_retry_config.calling_windows: is empty"),
        ({"call_retry_config": {"attempts": 3}}, "call_retry_config.attempts: "),
        ({"call_retry_config": {"max_retry_attempts": 0}}, "call_retry_config.max_retry_attempts: "),
        ({"call_retry_config": {"max_retry_attempts": 1.5}}, "call_retry_config.max_retry_attempts: "),
        ({"name": None}, "request: name can't be cleared"),
        ({"assistant_id": None}, "request: assistant_id can't be cleared"),
        ({"contacts": None}, "request: contacts can't be cleared"),
        ({"type": None}, "request: type can't be cleared"),
        ({"type": "other"}, "type: "),
        ({"contacts": [{"to_phone_number": ADA}]}, "contacts[0].prompt_variables: "),
        ({"scheduled_at": "2026-12-01"}, "scheduled_at: has no time zone"),
    ],
)
def test_what_is_wrong_is_named_by_its_place(fields, problem):
    with pytest.raises(InvalidRequestError) as caught:
        CampaignUpdate.build(**fields)
    assert caught.value.problems[0].startswith(problem)
    assert ADA not in str(caught.value)


DRAFT_FIELDS = {
    "assistant_id": "b",
    "contacts": CONTACTS,
    "scheduled_at": "2999-11-01T09:00:00+01:00",
    "type": "jump_in",
}


@pytest.mark.parametrize("name", DRAFT_FIELDS)
def test_what_only_a_draft_can_change_is_sent_to_a_draft_alone(name):
    update = {name: DRAFT_FIELDS[name]}
    assert sent(update, None, "draft") == update
    for status in ("running", "paused", "completed", None):
        (problem,) = refused(update, None, status)
        assert problem.startswith(f"{name}: can be changed in a draft only, and the campaign is ")


def test_people_are_in_no_text_of_a_change():
    update = CampaignUpdate.build(contacts=CONTACTS, name="Zoe Exemplaire", from_phone_number=ADA)
    assert "Zoe" not in f"{update} {update!r}"
    assert ADA not in f"{update} {update!r}"
    assert set(update.sensitive()) == {ADA, "Zoe Exemplaire"}


# ---- Against the sandbox


@pytest.fixture(params=["drafts", "launch-calls"])
def generation(request):
    return request.param


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(generation=generation, speed=0)


@pytest.fixture
def client(revox_sandbox):
    with RevoxClient(
        ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url, retries=0)
    ) as client:
        yield client


def create(client, generation, **fields):
    more = {"launch": False, "type": "regular"} if generation == "drafts" else {}
    return client.create_campaign(
        CampaignCreate.build(assistant_id="a", name="n", contacts=CONTACTS, **more, **fields)
    )


def shown(client, campaign):
    return client.get_campaign(campaign.id).model_dump()


def test_a_part_of_the_configuration_is_changed(client, generation):
    campaign = create(client, generation, call_retry_config=OWN)
    for name, value in CHANGES.items():
        update = CampaignUpdate.build(call_retry_config={name: value})
        assert client.update_campaign(campaign.id, update).id == campaign.id
    assert shown(client, campaign)["call_retry_config"] == CHANGES


def test_a_campaign_without_a_configuration_is_not_changed_by_a_part(client, generation, revox_sandbox):
    campaign = create(client, generation)
    part = CampaignUpdate.build(call_retry_config={"max_retry_attempts": 5})
    with pytest.raises(InvalidRequestError, match="has no call_retry_config of its own"):
        client.update_campaign(campaign.id, part)
    assert [request.method for request in revox_sandbox.requests()] == ["POST", "GET"]


def test_other_fields_are_changed_without_a_look_at_the_campaign(client, generation, revox_sandbox):
    campaign = create(client, generation)
    client.update_campaign(campaign.id, CampaignUpdate.build(name="m"))
    assert [request.method for request in revox_sandbox.requests()] == ["POST", "PATCH"]


def test_a_draft_is_changed_in_every_way_and_nothing_else_is(client, generation, revox_sandbox):
    campaign = create(client, generation)
    update = CampaignUpdate.build(**DRAFT_FIELDS)
    if generation == "drafts":
        client.update_campaign(campaign.id, update)
        after = shown(client, campaign)
        assert (after["assistant_id"], after["type"], after["status"]) == ("b", "jump_in", "draft")
        assert after["scheduled_at"] == "2999-11-01T08:00:00.000Z"
        client.update_campaign(campaign.id, CampaignUpdate.build(scheduled_at=None, type="regular"))
        assert shown(client, campaign)["scheduled_at"] is None
        client.launch_campaign(campaign.id)
    with pytest.raises(InvalidRequestError, match="contacts: can be changed in a draft only"):
        client.update_campaign(campaign.id, update)
    assert client.get_campaign(campaign.id).name == "n"


def test_a_start_in_the_past_is_refused_before_anything_is_sent(client, generation, revox_sandbox):
    update = CampaignUpdate.build(scheduled_at="2020-11-01T09:00:00+01:00")
    with pytest.raises(InvalidRequestError, match=r"scheduled_at: .*past"):
        client.update_campaign("c", update)
    assert revox_sandbox.requests() == []


def test_what_the_server_says_of_a_change_shows_nobody(client, generation, revox_sandbox):
    campaign = create(client, generation)
    revox_sandbox.faults.add(
        Fault(kind="status", status=422, method="PATCH", path="/campaigns/{id}", body=f"{ADA} is wrong")
    )
    with pytest.raises(RejectedError) as caught:
        client.update_campaign(campaign.id, CampaignUpdate.build(from_phone_number=ADA))
    assert ADA not in str(caught.value)
