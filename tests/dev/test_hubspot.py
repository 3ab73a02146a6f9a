"""The CRM of the example keeps to the limits and shapes of HubSpot's API."""

from __future__ import annotations

import httpx
import pytest

from dev.hubspot import CONTACTS, OWN, TOKEN, HubSpot
from revox_sandbox import Fault

ANYBODY = {"propertyName": "hs_object_id", "operator": "GT", "value": "0"}


@pytest.fixture(scope="module")
def hubspot():
    with HubSpot(searches_per_second=1000, most_results=500) as hubspot:
        for person in range(600):
            hubspot.add(phone=f"+1415555{person:04}", **({"revox_run": "one"} if person % 2 else {}))
        yield hubspot


@pytest.fixture
def ask(hubspot):
    def ask(path, body, server=hubspot):
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(trust_env=False) as client:
            return client.post(f"{server.url}{CONTACTS}/{path}", json=body, headers=headers)

    return ask


def search(*filters, **more):
    return {"filterGroups": [{"filters": list(filters or [ANYBODY])}], "limit": 200, **more}


def test_a_page_says_where_the_next_one_begins_and_the_last_one_does_not(ask):
    pages = [ask("search", search(after=str(after))).json() for after in (0, 200)]
    assert [page["paging"]["next"]["after"] for page in pages] == ["200", "400"]
    last = ask("search", search({"propertyName": "hs_object_id", "operator": "GT", "value": "690"})).json()
    assert last["total"] == len(last["results"]) == 10
    assert "paging" not in last


@pytest.mark.parametrize(
    "body",
    [
        search(after="400"),  # beyond the most results of a search
        search(limit=201),
        search(*[ANYBODY] * 7),
        search({"propertyName": "misspelt", "operator": "EQ", "value": "1"}),
    ],
)
def test_a_search_that_hubspot_refuses_is_refused(ask, body):
    answer = ask("search", body)
    assert (answer.status_code, answer.json()["category"]) == (400, "VALIDATION_ERROR")


def test_a_property_that_does_not_exist_is_left_out(ask):
    (first, *_) = ask("search", search(properties=["misspelt", "revox_run"])).json()["results"]
    assert set(first["properties"]) == {"revox_run", "createdate", "lastmodifieddate", "hs_object_id"}


def test_a_planned_status_says_that_the_connection_closes(ask, hubspot):
    hubspot.faults.add(Fault(kind="status", status=429, retry_after=3))
    answer = ask("search", search())
    assert (answer.status_code, answer.headers["Connection"]) == (429, "close")
    assert answer.headers["Retry-After"] == "3"


@pytest.mark.parametrize(
    ("operator", "found"), [("HAS_PROPERTY", 300), ("NOT_HAS_PROPERTY", 300), ("EQ", 300), ("NEQ", 0)]
)
def test_a_filter_finds_what_it_names(ask, operator, found):
    condition = {"propertyName": "revox_run", "operator": operator, "value": "one"}
    assert ask("search", search(condition)).json()["total"] == found


def test_a_sixth_search_in_a_second_is_too_many(ask):
    with HubSpot() as hubspot:
        hubspot.seconds = lambda: 7.0
        answers = [ask("search", search(), hubspot) for _ in range(6)]
        assert [answer.status_code for answer in answers] == [200] * 5 + [429]
        assert answers[-1].headers["Retry-After"] == "1"
        assert answers[-1].json()["policyName"] == "SECONDLY"
        hubspot.seconds = lambda: 8.0
        assert ask("search", search(), hubspot).status_code == 200


@pytest.mark.parametrize("path", ["batch/read", "batch/update"])
def test_a_batch_has_100_contacts_and_names_those_that_are_not_there(ask, path):
    def batch(*ids):
        inputs = [{"id": str(id_), "properties": {"revox_outcome": "human"}} for id_ in ids]
        return ask(path, {"inputs": inputs, "properties": list(OWN)})

    assert batch(*range(101, 201)).status_code == 200
    assert batch(*range(101, 202)).status_code == 400
    partly = batch(101, 9)
    assert (partly.status_code, partly.json()["numErrors"]) == (207, 1)
    assert [one["id"] for one in partly.json()["results"]] == ["101"]


def test_an_update_changes_when_the_contact_was_modified_and_keeps_a_value_once_in_its_history():
    hubspot = HubSpot(now=lambda: 1.0)
    contact = hubspot.add(revox_outcome="human")
    hubspot.now = lambda: 2.0
    hubspot.change(contact, revox_outcome="human")
    assert hubspot.contacts[contact].modified == 2000
    assert hubspot.contacts[contact].history_of("revox_outcome") == ["human"]


def test_without_the_token_nothing_is_answered(hubspot):
    answer = httpx.post(f"{hubspot.url}{CONTACTS}/search", json=search(), trust_env=False)
    assert answer.status_code == 401
