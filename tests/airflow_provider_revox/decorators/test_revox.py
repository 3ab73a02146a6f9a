"""``@task.revox_campaign`` in a real Airflow."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from revox_sandbox import Fault, SandboxSettings

ADA, BOB, CLEO = "+33612345678", "+14155550100", "+447400123456"
PERSONAL = re.compile(r"\+[1-9]\d{7,14}|12345678|4155550100|7400123456|Zoltan")

# Under the name that Airflow discovers, task.revox_campaign, the example uses it.
DECORATOR = """
from airflow_provider_revox.decorators.revox import revox_campaign_task

"""


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=1_000_000)


def campaigns(sandbox):
    """Return the people of each campaign, by its id."""
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:
        return {
            campaign.id: {
                row.phone_number: row.input_data
                for row in client.get_rows(campaign.id, page=1, page_size=50).rows
            }
            for campaign in client.list_campaigns()
        }


def nothing_shows(result, *users):
    """Whether nothing personal is left behind, but in the XComs of the user's own tasks."""
    logs = Path(os.environ["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]).rglob("*.log")
    xcoms = {key: value for key, value in result.xcoms.items() if key[0] not in users}
    left = [result.output, str(result.rendered), str(xcoms)]
    left += [path.read_text(errors="replace") for path in logs]
    return [found for text in left for found in PERSONAL.findall(text)] == []


def test_the_people_whom_the_function_returns_are_called_and_not_shown(run_dag, revox_sandbox):
    result = run_dag(f"""{DECORATOR}
@task(show_return_value_in_logs=False)
def due():
    return [["{ADA}", "Zoltan {{{{ ds }}}}"]]

@revox_campaign_task(
    assistant_id="a1", name="Due {{{{ ds }}}}", phone_field="phone", variable_fields=["who"],
    wait_for_completion=True, deferrable=True, poll_interval=0.05)
def call(people, extra, *, ds, word):
    assert ds and word == "2"
    for phone, who in people + [extra]:
        yield {{"phone": phone, "who": who}}

call(due(), ["{BOB}", "Zoltan the second"], word="{{{{ 1 + 1 }}}}")
""")
    assert result.state == "success"
    ((campaign_id, people),) = campaigns(revox_sandbox).items()
    # What came from another task is data: its braces are no template.
    assert people == {ADA: {"who": "Zoltan {{ ds }}"}, BOB: {"who": "Zoltan the second"}}
    assert result.xcom("call") == campaign_id
    assert result.xcom("call", "contact_report")["to_call"] == 2
    assert result.xcom("call", "row_stats")["total"] == 2
    assert result.rendered["call"]["op_args"] == "arguments"
    assert "contacts" not in result.rendered["call"]
    assert nothing_shows(result, "due")


def test_a_path_is_a_file(run_dag, revox_sandbox, tmp_path):
    (tmp_path / "due.csv").write_text(f"phone,who\n{ADA},Zoltan\n")
    result = run_dag(f"""{DECORATOR}
@revox_campaign_task(assistant_id="a1", name="Due", phone_field="phone", variable_fields=["who"])
def call():
    return "{tmp_path}/due.csv"

call()
""")
    assert result.state == "success"
    assert list(campaigns(revox_sandbox).values()) == [{ADA: {"who": "Zoltan"}}]


def test_an_asynchronous_function_returns_or_yields_contacts(run_dag, revox_sandbox, tmp_path):
    (tmp_path / "due.csv").write_text(f"to_phone_number\n{CLEO}\n")
    result = run_dag(f"""{DECORATOR}
import asyncio
from functools import partial

from airflow.providers.common.compat.sdk import ObjectStoragePath

async def due(number, *, ti):
    await asyncio.sleep(0)
    assert ti.task_id == "returns"
    return [{{"to_phone_number": number}}]

revox_campaign_task(due, task_id="returns", assistant_id="a1", name="Due")("{ADA}")

@revox_campaign_task(assistant_id="a1", name="Due")
async def yields():
    await asyncio.sleep(0)
    yield {{"to_phone_number": "{BOB}"}}

yields()

@revox_campaign_task(assistant_id="a1", name="Due")
async def path():
    return ObjectStoragePath("{tmp_path}/due.csv")

path()

@revox_campaign_task(assistant_id="a1", name="Due")
async def fails():
    raise LookupError("the CRM went away")

fails()
""")
    assert {task: state for task, state in result.tasks.items() if state != "success"} == {"fails": "failed"}
    found = campaigns(revox_sandbox)
    assert [found[result.xcom(task)] for task in ("returns", "yields", "path")] == [
        {ADA: {}}, {BOB: {}}, {CLEO: {}}
    ]  # fmt: skip
    assert "the CRM went away" in result.output


def test_what_the_function_is_annotated_to_return_does_not_matter(run_dag, revox_sandbox):
    result = run_dag(f"""{DECORATOR}
@revox_campaign_task(assistant_id="a1", name="Due")
def call() -> dict[str, str]:
    return [{{"to_phone_number": "{ADA}"}}]

call()
""")
    assert result.state == "success"
    assert list(campaigns(revox_sandbox)) == [result.xcom("call")]


def test_a_decorated_task_can_be_mapped_partial_and_overridden(run_dag, revox_sandbox):
    result = run_dag(f"""{DECORATOR}
@task(show_return_value_in_logs=False)
def regions():
    return [["{ADA}"], ["{BOB}"]]

@revox_campaign_task(assistant_id="a1", name="Due")
def call(numbers, who):
    return [{{"to_phone_number": number, "prompt_variables": {{"who": who}}}} for number in numbers]

call.partial(who="x").expand(numbers=regions())
call.override(task_id="again", name="Again")(["{CLEO}"], who="y")
""")
    assert result.state == "success"
    found = campaigns(revox_sandbox)
    assert found[result.xcom("call", map_index=0)] == {ADA: {"who": "x"}}
    assert found[result.xcom("call", map_index=1)] == {BOB: {"who": "x"}}
    assert found[result.xcom("again")] == {CLEO: {"who": "y"}}
    assert len(found) == 3
    # A number that is written in the DAG file, as Cleo's is, is shown as code.
    assert nothing_shows(result, "regions")


def test_expanded_by_kwargs_and_in_a_mapped_group_templates_context_and_frames(run_dag, revox_sandbox):
    result = run_dag(f"""{DECORATOR}
from airflow.providers.common.compat.sdk import task_group

class Frame:
    columns = ["phone"]

    def __init__(self, *numbers):
        self.numbers = numbers

    def to_dict(self, orient):
        assert orient == "records"
        return [{{"phone": number}} for number in self.numbers]

@revox_campaign_task(
    assistant_id="a1", name="{{{{ params.name }}}} {{{{ ti.map_index }}}}", phone_field="phone",
    params={{"name": "Due"}}, multiple_outputs=True)
def call(number, suffix="", params=None, **context):
    assert params["name"] == "Due" and context["ds"]
    return Frame(number + suffix)

call.expand_kwargs([{{"number": "{ADA[:-1]}", "suffix": "{ADA[-1]}"}}, {{"number": "{BOB}"}}])

@task_group
def region(number):
    call.override(task_id="regional", launch_key="{{{{ ds }}}}/{{{{ ti.map_index }}}}")(number)

region.expand(number=["{CLEO}"])
""")
    assert result.state == "success"
    found = campaigns(revox_sandbox)
    assert found[result.xcom("call", map_index=0)] == {ADA: {}}
    assert found[result.xcom("call", map_index=1)] == {BOB: {}}
    assert found[result.xcom("region.regional", map_index=0)] == {CLEO: {}}
    assert len(found) == 3


def test_a_function_that_fails_calls_nobody_and_is_asked_again(run_dag, revox_sandbox):
    result = run_dag(f"""{DECORATOR}
@revox_campaign_task(assistant_id="a1", name="Due", retries=1, retry_delay=timedelta(0))
def call(*, ti):
    yield {{"to_phone_number": "{ADA}"}}
    if ti.try_number == 1:
        raise LookupError("the CRM went away")

call()
""")
    assert (result.state, result.tries["call"]) == ("success", 2)
    assert list(campaigns(revox_sandbox).values()) == [{ADA: {}}]
    assert "the CRM went away" in result.output


def test_a_retry_asks_the_function_again_and_the_first_launch_stands(run_dag, revox_sandbox):
    revox_sandbox.faults.add(Fault(method="POST", path="/campaigns", when="after", kind="reset"))
    revox_sandbox.faults.add(
        Fault(method="GET", path="/campaigns", kind="status", status=503, retry_after=0, skip=1, times=1)
    )
    result = run_dag(f"""{DECORATOR}
@revox_campaign_task(
    assistant_id="a1", name="Due", retries=1, retry_delay=timedelta(0), reconcile_timeout=0.01)
def call(*, ti):
    print("ASKED")
    numbers = ["{ADA}", "{BOB}"] if ti.try_number == 1 else ["{CLEO}"]
    return [{{"to_phone_number": number}} for number in numbers]

call()
""")
    assert (result.state, result.tries["call"], result.output.count("ASKED")) == ("success", 2, 2)
    assert list(map(set, campaigns(revox_sandbox).values())) == [{ADA, BOB}]
    assert "has 2 contacts. This try was given 1 contact" in result.output
    revox_sandbox.advance(7 * 24 * 3600)
    assert revox_sandbox.calls_per_person() == {ADA: 1, BOB: 1}


@pytest.mark.parametrize("returned", ["None", "7", "[{'phone': 'Zoltan'}]", "[]"])
def test_what_is_no_list_of_contacts_calls_nobody(run_dag, revox_sandbox, returned):
    result = run_dag(f"""{DECORATOR}
@revox_campaign_task(assistant_id="a1", name="Due")
def call():
    return {returned}

call()
""")
    assert result.tasks["call"] == ("skipped" if returned == "[]" else "failed")
    assert campaigns(revox_sandbox) == {}


def test_the_example_runs(run_dag, revox_sandbox, monkeypatch, tmp_path):
    examples = Path(__file__).parents[3] / "dags" / "examples"
    monkeypatch.setenv("REVOX_EXAMPLE_DATA", str(examples / "data"))
    monkeypatch.setenv("REVOX_EXAMPLE_POKE_INTERVAL", "0.05")
    text = (examples / "contacts_stay_in_the_worker.py").read_text()
    file = tmp_path / "contacts_stay_in_the_worker.py"
    file.write_text(text.replace("\ncontacts_stay", "\nexample = contacts_stay"))  # where it is looked for
    result = run_dag(file)
    assert result.state == "success"
    ((campaign_id, people),) = campaigns(revox_sandbox).items()
    assert result.xcom("call_new_leads") == campaign_id
    assert result.xcom("wait")["total"] == len(people) > 0
    assert nothing_shows(result)
