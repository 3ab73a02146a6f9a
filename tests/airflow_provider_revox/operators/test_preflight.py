"""What a launch says about assistant, variables and calling number before it creates anything."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException

from airflow_provider_revox.exceptions import RevoxRefusedError
from airflow_provider_revox.launch import check_before_create
from airflow_provider_revox.operators.revox import CreateCampaignOperator, RelaunchCampaignOperator
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.launch.world import hurry, show_generation
from tests.campaigns import ask, create_campaign

GENERATIONS = ("contract", "drafts", "launch-calls")
FITS = {"first_name": "Ada", "plan": "Pro", "renews_on": "2026-12-01"}
MINE, NOT_MINE = "+14155550199", "+14155550100"
PREFLIGHTS = ("/assistants", "/phone-numbers")


@pytest.fixture(params=["launch-calls"])
def generation(request):
    return request.param


@pytest.fixture
def revox_sandbox_settings(generation):
    return SandboxSettings(speed=0, generation=generation)


@pytest.fixture(autouse=True)
def _hurry(monkeypatch):
    hurry(monkeypatch)


everywhere = pytest.mark.parametrize("generation", GENERATIONS, indirect=True)


class Log(logging.Logger):
    """Keeps what is logged."""

    def __init__(self):
        super().__init__("preflight")
        self.lines = []

    def handle(self, record):
        self.lines.append((record.levelname, record.getMessage()))

    def of(self, level):
        return [text for name, text in self.lines if name == level and text.startswith("Preflight: ")]


@pytest.fixture
def log(monkeypatch):
    log = Log()
    monkeypatch.setattr(CreateCampaignOperator, "log", log)
    monkeypatch.setattr(RelaunchCampaignOperator, "log", log)
    return log


def context(try_number=1):
    ti = SimpleNamespace(
        dag_id="d", task_id="t", run_id="r", map_index=-1, try_number=try_number, xcom_push=lambda **_: None
    )
    return {"ti": ti}


def contacts(*variables):
    return [
        {"to_phone_number": f"+3361234567{index}", "prompt_variables": each}
        for index, each in enumerate(variables or [FITS])
    ]


def launch(people=None, *, try_number=1, **options):
    options = {"assistant_id": "renewals", "name": "n", "contacts": people or contacts(), **options}
    return CreateCampaignOperator(task_id="t", **options).execute(context(try_number))


def campaigns(sandbox):
    return ask(sandbox, "GET", "/campaigns")["campaigns"]


def asked(sandbox):
    return [one.path for one in sandbox.requests() if one.path.startswith(PREFLIGHTS)]


@everywhere
def test_what_fits_is_told_at_info_and_asks_once(revox_sandbox, log, generation):
    launch(from_phone_number=MINE, preflight="error")
    assert log.of("WARNING") == []
    told = log.of("INFO")
    assert "Preflight: fine: assistant: the assistant exists" in told
    assert "Preflight: fine: variables: the variables fill every placeholder" in told
    checked = "not checked" if generation == "contract" else "fine"
    assert any(text.startswith(f"Preflight: {checked}: from_phone_number: ") for text in told)
    assert asked(revox_sandbox) == ["/assistants/renewals", "/phone-numbers"]


PROBLEMS = [
    ({"assistant_id": "nobody"}, "assistant: assistant_id: the organization has no such assistant"),
    ({"people": contacts({"plan": "x"})}, "variables: the assistant has placeholders that no variable fills"),
    ({"from_phone_number": NOT_MINE}, "from_phone_number: from_phone_number: is not among the organization"),
]


@pytest.mark.parametrize(("options", "problem"), PROBLEMS)
def test_a_problem_is_a_warning_or_an_error_before_anything_is_created(revox_sandbox, log, options, problem):
    with pytest.raises(RevoxRefusedError, match="Nothing was sent") as caught:
        launch(**options, preflight="error")
    assert problem in str(caught.value)
    assert campaigns(revox_sandbox) == []
    assert log.of("WARNING") == []
    launch(**options)
    (warning,) = log.of("WARNING")
    assert warning.startswith(f"Preflight: problem: {problem}")
    assert len(campaigns(revox_sandbox)) == 1
    assert len(asked(revox_sandbox)) <= 2 * 3


def test_every_problem_is_named_at_once(revox_sandbox):
    with pytest.raises(RevoxRefusedError) as caught:
        launch(contacts({"plan": "x"}), from_phone_number=NOT_MINE, preflight="error")
    assert "'first_name', 'renews_on'" in str(caught.value)
    assert "is not among the organization's phone numbers (2 listed)" in str(caught.value)
    assert NOT_MINE not in str(caught.value)


def test_flat_records_are_compared_by_the_names_of_their_variables(revox_sandbox, log):
    flat = [{"phone": "+33612345678", **FITS, "crm": "7"}]
    launch(flat, phone_field="phone", variable_fields=list(FITS), preflight="error")
    launch(flat, phone_field="phone", variable_fields=[*FITS, "crm"], preflight="error", launch_key="k")
    assert any("no text of the assistant has these variables: 'crm'" in text for text in log.of("INFO"))
    with pytest.raises(RevoxRefusedError, match="'renews_on'"):
        launch(
            flat,
            phone_field="phone",
            variable_fields=["first_name", "plan"],
            preflight="error",
            launch_key="l",
        )


def test_a_variable_that_only_some_contacts_have_is_not_checked_and_never_fine(revox_sandbox, log):
    some = {name: value for name, value in FITS.items() if name != "plan"}
    launch(contacts(FITS, some), preflight="error")
    assert any(text.startswith("Preflight: not checked: variables: ") for text in log.of("INFO"))
    assert not any(text.startswith("Preflight: fine: variables") for text in log.of("INFO"))


@pytest.mark.parametrize("mode", ["warn", "error"])
@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "status", "status": 403},
        {"kind": "status", "status": 404},
        {"kind": "status", "status": 429, "retry_after": 60},
        {"kind": "status", "status": 500},
        {"kind": "reset"},
        {"kind": "hang"},
        {"kind": "truncate"},
        {"kind": "broken_json", "body": "<html>"},
    ],
    ids=lambda fault: str(fault.get("status", fault["kind"])),
)
def test_what_revox_does_not_tell_is_not_checked_and_holds_nothing_up(
    revox_sandbox, log, mode, fault, monkeypatch
):
    monkeypatch.setattr(check_before_create, "PATIENCE", 0.3 if fault["kind"] == "hang" else 30.0)
    for path in ("/assistants", "/assistants/{id}", "/phone-numbers"):
        revox_sandbox.faults.add(Fault(path=path, times=None, **fault))
    launch(from_phone_number=NOT_MINE, preflight=mode)
    assert len(campaigns(revox_sandbox)) == 1
    assert log.of("WARNING") == []
    told = [text for text in log.of("INFO") if text.startswith("Preflight: not checked: ")]
    assert [text.split(": ")[2] for text in told] == ["assistant", "variables", "from_phone_number"]
    # Nothing is sent again, and nothing else is asked of a server in trouble.
    most = 3 if fault.get("status") in (403, 404) else 1
    assert 1 <= len(asked(revox_sandbox)) <= most


@everywhere
def test_a_launch_that_adopts_asks_nothing(revox_sandbox):
    first = launch()
    before = len(asked(revox_sandbox))
    assert launch(try_number=2, preflight="error", assistant_id="renewals") == first
    assert len(asked(revox_sandbox)) == before == 1


@everywhere
def test_a_create_whose_answer_is_lost_has_asked_once(revox_sandbox):
    show_generation(revox_sandbox)
    before = len(campaigns(revox_sandbox))
    revox_sandbox.faults.add(Fault(method="POST", path="/campaigns", kind="reset", when="after"))
    launch()
    assert asked(revox_sandbox) == ["/assistants/renewals"]
    assert len(campaigns(revox_sandbox)) == before + 1


def test_a_list_with_invalid_records_or_nobody_on_it_asks_nothing(revox_sandbox):
    with pytest.raises(RevoxRefusedError):
        launch([{"to_phone_number": "?"}])
    with pytest.raises(AirflowSkipException):
        launch([], contacts=[])
    assert asked(revox_sandbox) == []


@everywhere
def test_a_dry_run_checks_the_same_and_a_start_in_the_past(revox_sandbox, log):
    past = datetime.now(UTC) - timedelta(hours=1)
    for options, problem in PROBLEMS[:2]:
        with pytest.raises(RevoxRefusedError, match=problem.partition(": ")[2][:30]):
            launch(**options, dry_run=True, preflight="error")
    with pytest.raises(RevoxRefusedError, match="is in the past"):
        launch(dry_run=True, scheduled_at=past)
    with pytest.raises(RevoxRefusedError, match="is in the past"):
        launch(dry_run=True, scheduled_at=past, launch_key=None)
    assert log.of("WARNING") == []
    with pytest.raises(AirflowSkipException):
        launch(contacts({"plan": "x"}), dry_run=True)
    assert len(log.of("WARNING")) == 1
    assert campaigns(revox_sandbox) == []


def test_a_dry_run_of_a_launch_that_stands_asks_nothing_and_its_start_may_have_passed(revox_sandbox):
    launch()
    before = len(asked(revox_sandbox))
    with pytest.raises(AirflowSkipException):
        launch(try_number=2, dry_run=True, scheduled_at=datetime.now(UTC) - timedelta(hours=1))
    assert len(asked(revox_sandbox)) == before


@pytest.mark.parametrize("generation", ["drafts"], indirect=True)
def test_a_relaunch_is_checked_by_the_variables_of_its_rows(revox_sandbox, log):
    people = contacts({"plan": "x"})
    campaign_id = create_campaign(revox_sandbox, people, scheduled_at="2099-01-01T00:00:00Z")
    ask(revox_sandbox, "POST", f"/campaigns/{campaign_id}/cancel")
    options = {"assistant_id": "renewals", "name": "again", "campaign_id": campaign_id}
    with pytest.raises(RevoxRefusedError, match="'first_name', 'renews_on'"):
        RelaunchCampaignOperator(task_id="t", preflight="error", **options).execute(context())
    RelaunchCampaignOperator(task_id="t", **options).execute(context())
    assert len(log.of("WARNING")) == 1
    assert len(campaigns(revox_sandbox)) == 2


def test_names_that_may_be_about_a_person_are_not_shown(revox_sandbox, log):
    launch(
        contacts({**FITS, "+33612345678": "x", "Ada Lovelace lives in London, and she is a customer": "y"})
    )
    assert "2 more" in str(log.lines)
    assert not [text for _, text in log.lines if "612345678" in text or "Lovelace" in text]


def test_another_word_is_an_error_of_the_dag_file():
    with pytest.raises(ValueError, match="preflight must be one of 'warn', 'error'"):
        CreateCampaignOperator(task_id="t", assistant_id="a", name="n", contacts=[], preflight="off")
