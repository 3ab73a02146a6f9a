"""What is refused before it is sent, and what errors don't repeat, asked by both clients."""

from __future__ import annotations

import json

import pytest

from airflow_provider_revox.client.checks import checked
from airflow_provider_revox.client.errors import InvalidRequestError, MalformedAnswerError, RejectedError
from airflow_provider_revox.client.requests import CampaignUpdate, LaunchCalls
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, at, call, http_answer

ADA = "+33612345678"
pytestmark = pytest.mark.parametrize("kind", BOTH)


@pytest.mark.parametrize("number", [ADA, ADA[1:], "+33 6 12 34 56 78", f" {ADA}"])
def test_a_phone_number_is_no_campaign_id_and_not_shown(kind, number):
    with pytest.raises(InvalidRequestError, match="looks like a phone number") as caught:
        call(kind, at("http://127.0.0.1:9", retries=0), "get_campaign", number)
    assert "12" not in str(caught.value)


def test_one_text_is_no_collection_of_numbers(kind):
    with pytest.raises(InvalidRequestError, match="numbers: must be a collection") as caught:
        call(kind, at("http://127.0.0.1:9", retries=0), "get_phone_history", ADA)
    assert ADA not in str(caught.value)


@pytest.mark.parametrize(
    ("method", "order", "sent"),
    [
        ("update_campaign", checked(CampaignUpdate, name="Zoe Exemplaire", from_phone_number=ADA), ADA),
        ("update_campaign", checked(CampaignUpdate, name="Zoe Exemplaire"), "Zoe Exemplaire"),
        (
            "launch_calls",
            checked(LaunchCalls, selection={"rows": {"call_ids": ["call-of-zoe"]}}),
            "call-of-zoe",
        ),
    ],
)
def test_what_was_sent_is_not_in_the_error_of_a_server_that_repeats_it(kind, method, order, sent):
    body = json.dumps({"message": f"bad value {sent}"})
    with Loopback(http_answer(400, body)) as server, pytest.raises(RejectedError) as caught:
        call(kind, at(server.url, retries=0), method, "c", order)
    assert "bad value" in str(caught.value)
    assert sent not in str(caught.value)


@pytest.mark.parametrize(
    ("method", "arguments", "body", "label"),
    [
        ("get_statistics", ["c"], '{"statistics": 1}', "statistics: Input"),
        ("get_phone_history", [], '{"phone_history": {"+33612345678": 1}}', "phone_history: Input"),
        ("get_campaign", ["c"], '{"campaign": 1}', "campaign: Input"),
    ],
)
def test_an_error_names_what_could_not_be_read(kind, method, arguments, body, label):
    with Loopback(http_answer(200, body)) as server, pytest.raises(MalformedAnswerError, match=label):
        call(kind, at(server.url, retries=0), method, *arguments)


@pytest.mark.parametrize("field", ["from_phone_number", "call_retry_config", "max_concurrent_calls"])
def test_none_clears_a_field(kind, field):
    assert json.loads(checked(CampaignUpdate, **{field: None}).body) == {field: None}
    with pytest.raises(InvalidRequestError, match="name can't be cleared"):
        checked(CampaignUpdate, name=None)
