"""What a preflight asks, and what it makes of each answer of a sandbox."""

from __future__ import annotations

import pytest

from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.launch.ask_organization import ask_organization
from airflow_provider_revox.launch.preflight import check_assistant, check_from_phone_number, check_variables
from revox_sandbox import Fault, SandboxSettings

pytestmark = pytest.mark.usefixtures("revox_sandbox", "short_pauses")


@pytest.fixture(params=["contract", "launch-calls"])
def revox_sandbox_settings(request):
    return SandboxSettings(generation=request.param, speed=0)


def verdicts(assistant_id, *variables, number="+14155550199"):
    known = ask_organization(RevoxHook().get_conn(), assistant_id, needs_phone_numbers=True)
    return (
        check_assistant(known.assistant, known.assistants).verdict,
        check_variables(known.assistant, variables).verdict,
        check_from_phone_number(number, known.phone_numbers).verdict,
    )


def numbers_are(sandbox, verdict):
    return "not checked" if sandbox.settings.generation == "contract" else verdict


def test_what_fits_is_fine_and_a_revox_without_phone_numbers_is_not_checked(revox_sandbox):
    fits = verdicts("renewals", "first_name", "plan", "renews_on")
    assert fits == ("fine", "fine", numbers_are(revox_sandbox, "fine"))
    assert verdicts("your-assistant-id", "anything")[:2] == ("fine", "fine")


def test_what_does_not_fit_is_a_problem(revox_sandbox):
    wrong = verdicts("renewals", "first_name", number="+14155550100")
    assert wrong == ("fine", "problem", numbers_are(revox_sandbox, "problem"))


def test_an_unknown_assistant_is_a_problem_and_its_variables_are_not_checked():
    assert verdicts("nobody", "plan")[:2] == ("problem", "not checked")


@pytest.mark.parametrize("status", [404, 403, 500, 501])
def test_a_revox_that_does_not_answer_is_not_checked(revox_sandbox, status):
    for path in ("/assistants", "/assistants/{id}", "/phone-numbers"):
        revox_sandbox.faults.add(Fault(method="GET", path=path, kind="status", status=status, times=None))
    assert verdicts("renewals", "plan") == ("not checked",) * 3
    assert verdicts("nobody", "plan") == ("not checked",) * 3


@pytest.mark.parametrize(
    "body", ["{}", "[]", "null", '{"assistants": null}', '{"assistants": [{}]}', "<html>"]
)
def test_an_answer_that_cannot_be_read_is_not_checked(revox_sandbox, body):
    for path in ("/assistants", "/assistants/{id}", "/phone-numbers"):
        revox_sandbox.faults.add(Fault(method="GET", path=path, kind="broken_json", body=body, times=None))
    assert verdicts("renewals", "plan") == ("not checked",) * 3


def test_an_assistant_that_is_only_listed_is_found(revox_sandbox):
    revox_sandbox.faults.add(Fault(method="GET", path="/assistants/{id}", kind="status", status=404))
    assert verdicts("renewals", "first_name", "plan", "renews_on")[:2] == ("fine", "fine")


def test_numbers_are_asked_for_only_if_the_campaign_names_one(revox_sandbox):
    known = ask_organization(RevoxHook().get_conn(), "renewals", needs_phone_numbers=False)
    assert (known.phone_numbers, known.errors) == (None, [])
    assert [record.path for record in revox_sandbox.requests()] == ["/assistants/renewals"]
