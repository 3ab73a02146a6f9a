"""
Does any test notice when the launch is broken? Copies the package, breaks the copy, and runs tests on it.

The tests that are run are a fast selection; the copy that is not broken must pass it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

import airflow_provider_revox

pytestmark = pytest.mark.matrix

PACKAGE = Path(airflow_provider_revox.__file__).parent
MATRIX = "test_fault_matrix.py::test_no_fault_at_any_request_makes_two_campaigns_or_calls_twice"
OUTAGE = "test_fault_matrix.py::test_an_outage_that_outlasts_all_tries_leaves_one_campaign_at_most"
NO_KEY = "test_fault_matrix.py::test_without_a_launch_key_a_create_without_a_clear_answer_is_not_sent_again"
CRASH = "test_crashes.py::test_a_worker_that_dies_between_two_steps_leaves_one_campaign_to_its_retry"
INTERLEAVINGS = (
    "test_interleavings.py::test_every_interleaving_of_two_workers_ends_with_the_earliest_campaign_alone"
)
SELECTED = [
    f"{CRASH}[contract-normal-2-after]",
    f"{NO_KEY}[after-hang]",
    f"{NO_KEY}[after-reset]",
    f"{NO_KEY}[after-status_500]",
    f"{MATRIX}[contract-hang-after-create-1]",
    f"{MATRIX}[contract-reset-after-create-1]",
    f"{MATRIX}[contract-status_500-after-create-1]",
    f"{MATRIX}[contract-status_408-after-create-1]",
    f"{MATRIX}[contract-status_429-after-create-1]",
    f"{MATRIX}[contract-status_503-before-create-1]",
    f"{OUTAGE}[status_500-contract]",
    f"{MATRIX}[launch-calls-reset-after-launch-1]",
    f"{MATRIX}[drafts-reset-after-launch-1]",
    f"{INTERLEAVINGS}[contract]",
    "test_decide.py",
    "test_start_calls.py",
    "test_create_forms.py",
    "test_generations.py",
    "test_carry_out.py",
    "test_same_people.py",
]
INTACT = "not broken"
FOLDER = "tests/airflow_provider_revox/launch"
DECIDE, ERRORS, TAG = "launch/decide.py", "launch/errors.py", "launch/tag.py"
START, CARRY_OUT, PEOPLE = "launch/start_calls.py", "launch/carry_out.py", "launch/same_people.py"
GENERATIONS, STATE = "launch/generations.py", "client/campaign_state.py"
SENDER, ROWS = "client/sync_client.py", "client/all_rows.py"
FIRST_LOOK = "    found: FoundCampaigns = yield LookUp(patient=True)\n"
IMPORT = "    from airflow_provider_revox.client.models import FoundCampaigns\n\n"
MUTANTS = {
    "nothing is looked up before the create": (
        DECIDE,
        FIRST_LOOK,
        f"{IMPORT}    found = FoundCampaigns()\n",
    ),
    "a first look that fails counts as nothing found": (
        DECIDE,
        FIRST_LOOK,
        f"{IMPORT}    try:\n        found = yield LookUp(patient=True)\n"
        "    except RevoxError:\n        found = FoundCampaigns()\n",
    ),
    "what the first look found is not adopted": (
        DECIDE,
        "    while not found:\n",
        "    found.clear()\n    while not found:\n",
    ),
    "a cancelled campaign counts as nothing found": (
        DECIDE,
        "    while not found:\n",
        "    while not [campaign for campaign in found if not campaign.is_cancelled]:\n",
    ),
    "every error of the create counts as surely not taken": (
        DECIDE,
        "(InvalidRequestError, NotSentError, RateLimitedError, RejectedError)",
        "RevoxError",
    ),
    "nobody looks for a rival after the create": (
        DECIDE,
        "return (yield from _look_for_second_campaign(created, rules))",
        "return Launched(created, adopted=False)",
    ),
    "the latest campaign stays": (
        DECIDE,
        "key=_rank)\n    if not remaining",
        "key=_rank)[::-1]\n    if not remaining",
    ),
    "the later campaign is not cancelled": (DECIDE, "success = yield Cancel(campaign.id)", "success = True"),
    "a create without a clear answer is sent again within the try": (
        DECIDE,
        "repeatable=False",
        "repeatable=True",
    ),
    "the create is sent again without a look": (
        DECIDE,
        "        found = yield LookUp(patient=True)\n    return",
        "    return",
    ),
    "an unconfirmed launch is not tried again": (ERRORS, "transient = True", "transient = False"),
    "the look-up overlooks campaigns of later tries": (TAG, r"(?:\.([0-9]+))?", "()"),
    "the history applies although a campaign of the launch stands": (
        DECIDE,
        "history_applies = not stands(found)",
        "history_applies = True",
    ),
    "the history never applies": (DECIDE, "history_applies = not stands(found)", "history_applies = False"),
    "a campaign whose counts the list leaves out is not asked for them": (
        DECIDE,
        "found[place] = yield from with_row_stats(campaign)",
        "found[place] = campaign",
    ),
    "the create is sent again after a read timeout": (
        SENDER,
        "_NOT_SENT = (",
        "_NOT_SENT = (httpx.ReadTimeout, ",
    ),
    "the create is sent again after a reset": (
        SENDER,
        "_NOT_SENT = (",
        "_NOT_SENT = (httpx.ReadError, ",
    ),
    "the client sends the create again without a look": (
        CARRY_OUT,
        "retries=0 if tag else None",
        "retries=2",
    ),
    "the create is repeatable": ("client/endpoints.py", "repeatable=False", "repeatable=True"),
    "the create is sent again after any answer that is an error": (
        "client/retry.py",
        "isinstance(error, (NotSentError, RateLimitedError))",
        "isinstance(error, (NotSentError, AnswerError))",
    ),
    "calls that were made already are launched again": (
        "client/selection.py",
        'statuses: list[str] = ["not_launched"]',
        "statuses: list[str] = []",
    ),
    "the schedule is left out of the create without evidence": (
        GENERATIONS,
        "return [CreateForm.DRAFT, *unscheduled, CreateForm.PAGE, CreateForm.CALLS]",
        "return [CreateForm.CALLS]",
    ),
    "days are sent to a server that may ignore them": (GENERATIONS, "if not newer_fields:", "if True:"),
    "a draft is launched before its schedule": (GENERATIONS, "if is_draft(created):", "if False:"),
    "an answer that was lost is followed by another form": (
        GENERATIONS,
        "isinstance(error, RejectedError) and error.status in (400, 422)",
        "isinstance(error, RevoxError)",
    ),
    "what somebody has paused is launched": (
        START,
        'if campaign.status in ("paused", "completed") or not has_own_name:',
        "if False:",
    ),
    "what somebody has launched in part is completed": (START, "if not is_untouched(campaign):", "if False:"),
    "other people than those of this try are launched": (START, "        if same:\n", "        if True:\n"),
    "a comparison that fails counts as the same people": (
        START,
        "        reason = str(error)\n",
        "        return\n",
    ),
    "what was launched at the first look is launched without the history": (
        START,
        "    if not history_applied:\n",
        "    if False:\n",
    ),
    "what was cancelled counts beside what is created": (
        START,
        "[one for one in found if not is_cancelled(one)] or found",
        "found",
    ),
    "the comparison takes what came for all rows": (
        ROWS,
        "if is_last and counted is not None and rows != counted:",
        "if False:",
    ),
    "the comparison reads one page": (ROWS, "is_last = total is None or", "is_last = True or"),
    "people are compared by how many they are": (PEOPLE, "return not any(missing.values())", "return True"),
    "what waits is not launched": (
        STATE,
        "return is_draft(campaign) or calls_not",
        "return False and calls_not",
    ),
    "a refused launch is not looked at": (
        START,
        "        if not has_calls_to_launch(campaign_now):\n",
        "        if False:\n",
    ),
    "a campaign is launched beside one that has called people": (
        START,
        "        if may_have_called(counted):\n",
        "        if False:\n",
    ),
    "a killed task launches": (CARRY_OUT, "    if not is_killed():\n", "    if True:\n"),
    "a cancelled rival is not seen to be so": (
        DECIDE,
        "if has_calls_to_launch(first) and cancelled:",
        "if False:",
    ),
    "what waits stays although a later one calls people": (
        DECIDE,
        "return (is_untouched(campaign), ",
        "return (False, ",
    ),
    "408 counts as a refusal": ("client/messages.py", "    408: UnexpectedAnswerError,\n", ""),
}


def run_selected(where):
    """Run the selected tests on a copy; the folder it runs in comes first when modules are looked for."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AIRFLOW")}
    return subprocess.run(
        [
            *[sys.executable, "-B", "-m", "pytest", "-x", "-q", "--import-mode=importlib"],
            *["-p", "no:cacheprovider", "-p", "revox_sandbox.pytest_plugin"],
            *[f"{FOLDER}/{selected}" for selected in SELECTED],
        ],
        cwd=where,
        env={
            **environment,
            "PYTHONPATH": str(where),
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
            "PYTEST_ADDOPTS": "",
            "AIRFLOW_HOME": str(where / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def run_copy(where, mutant):
    """Copy the package and the tests, break the copy, and run."""
    leave = shutil.ignore_patterns("__pycache__")
    for package in (PACKAGE, PACKAGE.parent / "revox_sandbox"):
        shutil.copytree(package, where / package.name, ignore=leave)
    shutil.copytree(Path(__file__).parent, where / FOLDER, ignore=leave)
    for folder in ("tests", "tests/airflow_provider_revox"):
        (where / folder / "__init__.py").touch()
    (where / "pytest.ini").write_text("[pytest]\n")
    if mutant != INTACT:
        file, text, broken = MUTANTS[mutant]
        path = where / PACKAGE.name / file
        before = path.read_text()
        assert text in before, f"{file} has changed: the mutant does not fit any more"
        path.write_text(before.replace(text, broken, 1))
    return run_selected(where)


@pytest.fixture(scope="module")
def running(tmp_path_factory):
    """All copies, two at a time."""
    with ThreadPoolExecutor(2) as pool:
        yield {
            name: pool.submit(run_copy, tmp_path_factory.mktemp("copy"), name) for name in (INTACT, *MUTANTS)
        }


def test_the_copy_that_is_not_broken_passes(running):
    ended = running[INTACT].result()
    assert ended.returncode == 0, ended.stdout + ended.stderr


@pytest.mark.parametrize("mutant", MUTANTS)
def test_a_broken_launch_is_noticed(running, mutant):
    ended = running[mutant].result()
    assert ended.returncode == 1, ended.stdout + ended.stderr
    assert " failed" in ended.stdout
    assert "ImportError" not in ended.stdout
