"""What a server calls an id: is it one?"""

from __future__ import annotations

import json
import re
from random import Random
from uuid import UUID

import pytest

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.errors import InvalidRequestError, MalformedAnswerError
from airflow_provider_revox.client.limits import Limits
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.client.requests import CampaignCreate
from tests.airflow_provider_revox.client.answers_read import read
from tests.airflow_provider_revox.client.hostile_answers import ENDPOINTS, MB, failure, settings, sweep
from tests.airflow_provider_revox.client.loopback import BOTH, Loopback, http_answer, send

ADA = "+33612345678"
both = pytest.mark.parametrize("kind", BOTH)
FORGED = [
    "a\nINFO launched",
    "a\r\nX: y",
    "a\x1b[31m",
    "a\x00b",
    "a\u202eb",
    "a\u2028b",
    "a b",
    "",
    " a",
    "a ",
    ".",
    "..",
    "../campaigns",
    "a/../b",
    "a/b",
    "a\\b",
    "a?b",
    "a#b",
    "a%2fb",
    "http://evil.example",
    "//evil",
    "{{ var }}",
    "${x}",
    "<b>",
    "+33612345678",
    "33612345678",
    "0033612345678",
    "06 12 34 56 78",
    "(415) 555-0100",
    "06.12.34.56.78",
    "415-555-0100",
    "tel:+33612345678",
    "tel:33612345678",
    "p:+33612345678",
    "\uff0b33612345678",
    "\u0663\u0663\u0666\u0661\u0662\u0663",
    "é",
    "a" * 129,
    "a" * (3 * MB // 4),
    "None\n",
    "-a",
    "_a",
]


@sweep(id_=FORGED, name=["create", "found"])
def test_an_id_that_is_none_is_refused_and_not_shown(kind, name, id_):
    campaign = {"id": id_, "name": "x"}
    body = json.dumps({"campaign": campaign, "campaigns": [campaign]})
    with Loopback(http_answer(200, body)) as server:
        error = failure(kind, server, ENDPOINTS[name], Limits())
    assert isinstance(error, MalformedAnswerError)
    assert "id: " in str(error)
    assert str(error).isprintable()
    assert not id_ or len(id_) < 3 or id_ not in str(error)


@both
@pytest.mark.parametrize(
    "id_",
    ["c", "cmp_1", "a:b", "01J9Z3", "12345678-1234-1234-1234-123456789012", "1", "123456", "A-b.c_d~"[:-1]],
)
def test_an_id_is_taken_as_it_is(kind, id_):
    body = json.dumps({"campaign": {"id": id_}})
    with Loopback(http_answer(200, body)) as server:
        assert send(kind, settings(server), ENDPOINTS["one"]).id == id_


@pytest.mark.parametrize(
    "campaign_id",
    ["", ".", "..", "../campaigns", "a/b", "a?b", "a#b", "a b", "é", "%2e%2e", "a\r\nb", "a" * 129],
)
def test_an_id_that_may_lead_to_another_path_is_refused(campaign_id):
    for endpoint in (endpoints.get_campaign, endpoints.delete_campaign, endpoints.cancel_campaign):
        with pytest.raises(InvalidRequestError, match="campaign_id"):
            endpoint(campaign_id)


@pytest.mark.parametrize("number", [ADA, ADA[1:], "+33 6 12 34 56 78", f" {ADA}"])
def test_a_phone_number_is_no_campaign_id_and_is_not_shown(number):
    with pytest.raises(InvalidRequestError, match="looks like a phone number") as caught:
        endpoints.get_campaign(number)
    assert "12" not in str(caught.value)


NUMBERS = ["+33612345678", "+14155550100", "+4989123456"]


@pytest.mark.parametrize(
    "id_",
    [
        "cmp_33612345678",
        "cmp-33612345678-2026",
        "c612345678",
        "c-0612345678",
        "c-06.12.34.56.78",
        "cmp_336-1234-5678",
        "a3b3c6d1e2f3g4h5i6j7k8",
        "c:4155550100:x",
        "id4989123456",
    ],
)
def test_an_id_of_a_new_campaign_that_has_a_number_in_it_is_refused_and_not_shown(id_):
    with pytest.raises(MalformedAnswerError) as caught:
        new_campaign_with(id_)
    assert caught.value.transient
    assert not re.search(r"\d{4}", str(caught.value))


@pytest.mark.parametrize(
    "id_",
    [
        "c",
        "cmp_1",
        "cmp_20261126",
        "cmp_3361234567",
        "cmp_1234567890123",
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "01J9Z3Q7WX5Y8K2M4N6P0R1S3T",
    ],
)
def test_an_id_of_a_new_campaign_that_has_other_digits_is_an_id(id_):
    assert new_campaign_with(id_).id == id_


@pytest.mark.parametrize(
    ("number", "id_"),
    [
        ("+4520123456", "camp_20123456"),
        ("+4520123456", "c-20-12-34-56"),
        ("+4520123456", "20123456-x"),
        ("+4520123456", "c020123456"),
        ("+4520123456", "2026-c-20123456"),
        ("+6581234567", "sg-81234567"),
        ("+3726012345", "x6012345"),
        ("+37251234567", "ee51234567"),
        ("+352621123", "l621123"),
        ("+352621123", "l-352621123"),
        ("+50688881234", "cr88881234"),
        ("+12425551234", "c5551234"),
        ("+14155550100", "c.555.0100"),
        ("+4798765432", "no.98765432.1"),
    ],
)
def test_an_id_that_has_a_short_national_number_in_it_is_refused(number, id_):
    with pytest.raises(MalformedAnswerError, match="has the phone number of a contact") as caught:
        new_campaign_with(id_, [number])
    assert not re.search(r"\d{4}", str(caught.value))


def test_random_ids_are_ids_though_there_are_many_contacts():
    random = Random(1)
    numbers = [f"+45{random.randrange(10**7, 10**8)}" for _ in range(5_000)]
    body = {"assistant_id": "a", "name": "n"}
    contacts = [{"to_phone_number": number, "prompt_variables": {"who": "Ada"}} for number in numbers]
    endpoint = endpoints.create_campaign(CampaignCreate.build(**body, contacts=contacts))
    for _ in range(10):
        for id_ in (str(UUID(int=random.getrandbits(128))), f"{random.getrandbits(96):024x}"):
            assert read(endpoint, {"campaign": {"id": id_}}).id == id_


@pytest.mark.parametrize(
    "id_", ["Alvarez", "alvarez", "JOSE", "Jose_Alvarez", "jose-alvarez", "JoseAlvarez", "strasse"]
)
def test_an_id_that_is_a_name_is_refused_and_not_shown(id_):
    with pytest.raises(MalformedAnswerError, match="is a word of what was sent") as caught:
        new_campaign_with(id_, who="José Álvarez, Straße 7")
    assert id_ not in str(caught.value)


@pytest.mark.parametrize("id_", ["c", "abc", "cmp_jose1", "campaign", "alvarezes", "xalvarez", "J7"])
def test_an_id_that_is_no_name_is_an_id(id_):
    assert new_campaign_with(id_, who="José Álvarez, Straße 7").id == id_


def new_campaign_with(id_: str, numbers: list[str] = NUMBERS, who: str = "1") -> Campaign:
    people = [{"to_phone_number": number, "prompt_variables": {"plan": who}} for number in numbers]
    create = CampaignCreate.build(assistant_id="a", name="n", contacts=people)
    return read(endpoints.create_campaign(create), {"campaign": {"id": id_}})
