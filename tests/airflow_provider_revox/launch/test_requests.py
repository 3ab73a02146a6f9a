"""The requests that one launch sends are those of the table in docs/reference/requests.md."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace

import pytest

from airflow_provider_revox.operators.revox import CreateCampaignOperator
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.launch.world import GENERATIONS

WITH_ID = re.compile(r"(?<=^/campaigns/)[^/]+|(?<=^/assistants/)[^/]+")
PAGE = Path(__file__).parents[3] / "docs/reference/requests.md"
WORDS = {
    "GET /calls/phone-history": "history",
    "GET /auth-status": "state",
    "GET /campaigns": "list",
    "GET /assistants/{id}": "assistant",
    "POST /campaigns": "create",
    "GET /campaigns/{id}": "campaign",
    "GET /campaigns/{id}/rows": "rows",
    "POST /campaigns/{id}/launch": "launch",
    "POST /campaigns/{id}/launch-calls": "launch",
    "POST /campaigns/{id}/cancel": "cancel",
}


@pytest.fixture(params=GENERATIONS)
def generation(request):
    return request.param


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(generation=generation, speed=0)


@pytest.fixture
def cell(generation):
    """Return what the table says about a launch on this generation: how many requests, and which."""

    def find(what):
        (row,) = re.findall(rf"^\| {re.escape(what)} \|(.*)\|$", PAGE.read_text(), re.MULTILINE)
        return row.split("|")[GENERATIONS.index(generation)].strip()

    return find


def launch(sandbox, try_number=1, *, meanwhile=lambda: None, history=True):
    """
    Run a try of the operator. Return its requests as the table shows them.

    :param meanwhile: Runs after the look and before the create.
    :param history: Whether the phone history is read.
    """
    of_others: set[int] = set()

    def push(key, value):
        if key == "contact_report":
            began = len(sandbox.requests())
            meanwhile()
            of_others.update(range(began, len(sandbox.requests())))

    began = len(sandbox.requests())
    ti = SimpleNamespace(
        dag_id="d", task_id="t", run_id="r", map_index=-1, try_number=try_number, xcom_push=push
    )
    CreateCampaignOperator(
        task_id="t",
        assistant_id="your-assistant-id",
        name="Renewals",
        contacts=[{"to_phone_number": "+33612345678"}],
        skip_do_not_contact=None if history else False,
    ).execute({"ti": ti})
    own = [one for index, one in enumerate(sandbox.requests()) if index >= began and index not in of_others]
    words = [WORDS[f"{one.method} {WITH_ID.sub('{id}', one.path)}"] for one in own]
    return f"{len(words)}: {', '.join(words)}"


def test_the_requests_of_a_first_launch_and_of_a_retry_that_adopts_are_as_documented(sandbox, cell):
    assert launch(sandbox) == cell("A first launch")
    assert launch(sandbox, 2) == cell("A retry that adopts")


def test_the_requests_without_the_phone_history_are_as_documented(sandbox, cell):
    assert launch(sandbox, history=False) == cell("A first launch without the phone history")
    assert launch(sandbox, 2, history=False) == cell("A retry that adopts, without the phone history")


def test_the_requests_after_a_lost_answer_are_as_documented(sandbox, cell):
    sandbox.faults.add(Fault(method="POST", path="/campaigns", kind="reset", when="after"))
    assert launch(sandbox) == cell("The answer to the create is lost")


def test_the_requests_of_two_tries_that_overlap_are_as_documented(sandbox, cell):
    first = []
    later = launch(sandbox, 2, meanwhile=lambda: first.append(launch(sandbox, 1)))
    assert first == [cell("A first launch")]
    assert later == cell("Two tries overlap: the later one")
