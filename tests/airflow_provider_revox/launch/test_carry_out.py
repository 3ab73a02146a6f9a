from __future__ import annotations

import logging
from uuid import UUID

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.errors import MalformedAnswerError, RevoxError
from airflow_provider_revox.client.requests import CampaignCreate
from airflow_provider_revox.launch.carry_out import run
from airflow_provider_revox.launch.decide import launch
from airflow_provider_revox.launch.errors import LaunchUnconfirmedError
from airflow_provider_revox.launch.identity import LaunchIdentity
from airflow_provider_revox.launch.racing_tries import Rules
from airflow_provider_revox.launch.tag import LaunchTag
from revox_sandbox import Fault

ADA = "+33612345678"
GRACE = "+33612345679"
TAG = LaunchTag.of("dag", "task", "run", people="aaaaaaaa")


@pytest.fixture
def launch_on_sandbox(revox_sandbox, read_timeout):
    config = ClientConfig(
        api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url, read_timeout=read_timeout, retries=0
    )

    def go(numbers=(ADA,), **options):
        contacts = [{"to_phone_number": number, "prompt_variables": {}} for number in numbers]
        body = CampaignCreate.build(assistant_id="a", name=TAG.name("x", 1), contacts=contacts)
        with RevoxClient(config) as client:
            return run(
                launch(Rules(identity=LaunchIdentity(TAG), **options)),
                client=client,
                prepare=lambda _: body,
                tag=TAG,
                numbers=numbers,
                log=logging.getLogger("launch"),
            )

    return go


@pytest.mark.parametrize("kind", ["hang", "reset", "close", "truncate", "status", "broken_json"])
def test_a_lost_answer_ends_with_one_campaign(launch_on_sandbox, revox_sandbox, kind, caplog, monkeypatch):
    monkeypatch.setattr("airflow_provider_revox.launch.look_until.FIRST_LOOK_AFTER", 0.01)
    caplog.set_level(logging.INFO)
    extra = {"status": 502} if kind == "status" else {}
    revox_sandbox.faults.add(Fault(kind=kind, when="after", method="POST", path="/campaigns", **extra))
    first, second = launch_on_sandbox(), launch_on_sandbox()
    assert (first.adopted, second.adopted) == (True, True)
    assert first.campaign.id == second.campaign.id
    posts = [request for request in revox_sandbox.requests() if request.method == "POST"]
    assert len(posts) == 1
    assert "was lost" in caplog.text
    assert ADA not in caplog.text


class ForgedId(UUID):
    def __str__(self) -> str:
        return f"cmp-{ADA[1:]}"


def test_an_id_with_the_number_of_a_contact_is_not_taken_from_the_list_either(
    launch_on_sandbox, revox_sandbox, caplog, monkeypatch
):
    monkeypatch.setattr("airflow_provider_revox.launch.look_until.FIRST_LOOK_AFTER", 0.01)
    monkeypatch.setattr("revox_sandbox.play.store.uuid4", lambda: ForgedId(int=1))
    caplog.set_level(logging.INFO)
    for _ in range(2):  # the second try finds the campaign before it has anything to create
        with pytest.raises(RevoxError, match="has the phone number of a contact in it") as caught:
            launch_on_sandbox(reconcile_seconds=0.1)
        assert caught.value.transient
        assert ADA[1:] not in str(caught.value) + caplog.text
    assert [request.method for request in revox_sandbox.requests()].count("POST") == 1


def test_the_id_of_a_campaign_with_another_list_may_have_a_number_of_this_list_by_chance(
    launch_on_sandbox, revox_sandbox, monkeypatch
):
    other = LaunchTag.of("dag", "task", "run", map_index=7, people="bbbbbbbb").name("x", 1)
    contact = {"to_phone_number": GRACE, "prompt_variables": {}}
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    with RevoxClient(config) as client, monkeypatch.context() as forged:
        forged.setattr("revox_sandbox.play.store.uuid4", lambda: ForgedId(int=1))
        first = client.create_campaign(CampaignCreate.build(assistant_id="a", name=other, contacts=[contact]))
    assert ADA[1:] in first.id
    assert not launch_on_sandbox().adopted


def test_a_campaign_of_another_launch_is_not_taken_for_this_one(launch_on_sandbox, revox_sandbox):
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    other = LaunchTag.of("dag", "task", "another run", people="aaaaaaaa").name("x", 1)
    with RevoxClient(config) as client:
        client.create_campaign(CampaignCreate.build(assistant_id="a", name=other, contacts=[]))
    launched = launch_on_sandbox()
    assert launched.adopted is False


def test_of_two_campaigns_with_the_tag_the_later_is_really_cancelled(launch_on_sandbox, revox_sandbox):
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    contacts = [{"to_phone_number": ADA, "prompt_variables": {}}]
    body = CampaignCreate.build(assistant_id="a", name=TAG.name("x", 1), contacts=contacts)
    with RevoxClient(config) as client:
        first, second = client.create_campaign(body), client.create_campaign(body)
        launched = launch_on_sandbox()
        assert launched.campaign.id == first.id
        assert client.get_campaign(first.id).is_cancelled is False
        assert client.get_campaign(second.id).is_cancelled is True


def test_a_copy_with_the_same_name_and_other_people_is_left_alone(launch_on_sandbox, revox_sandbox):
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    with RevoxClient(config) as client:
        first, copy = [
            client.create_campaign(
                CampaignCreate.build(
                    assistant_id="a",
                    name=TAG.name("x", 1),
                    contacts=[{"to_phone_number": number, "prompt_variables": {}} for number in numbers],
                )
            )
            for numbers in ([ADA], [ADA, GRACE])
        ]
        launched = launch_on_sandbox()
        assert launched.campaign.id == first.id
        assert client.get_campaign(copy.id).is_cancelled is False


def test_a_list_with_more_campaigns_than_a_launch_may_have_is_not_read(launch_on_sandbox, monkeypatch):
    launch_on_sandbox()
    monkeypatch.setattr("airflow_provider_revox.launch.carry_out.MOST_OF_LAUNCH", 0)
    with pytest.raises(MalformedAnswerError, match="has more than 0 campaigns whose name is wanted"):
        launch_on_sandbox()


def test_if_no_look_succeeds_the_log_says_why(launch_on_sandbox, revox_sandbox, caplog, monkeypatch):
    monkeypatch.setattr("airflow_provider_revox.launch.carry_out.MOST_OF_LAUNCH", 0)
    monkeypatch.setattr("airflow_provider_revox.launch.look_until.FIRST_LOOK_AFTER", 0.01)
    revox_sandbox.faults.add(Fault(kind="status", status=500, when="after", method="POST", path="/campaigns"))
    with pytest.raises(LaunchUnconfirmedError, match="could not be looked up"):
        launch_on_sandbox(reconcile_seconds=0.05)
    assert "The last look failed. GET /campaigns: Revox answered 200: the answer can't be used" in caplog.text
    assert "has more than 0 campaigns" in caplog.text
