"""``render_template_as_native_obj=True`` in a real Airflow: what is written arrives."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.operators.revox import (
    CampaignResultsOperator,
    CancelCallsOperator,
    CancelCampaignOperator,
    CreateCampaignOperator,
    LaunchCampaignOperator,
    PauseCampaignOperator,
    RelaunchCampaignOperator,
    ResumeCampaignOperator,
)
from airflow_provider_revox.sensors.revox import CampaignSensor
from revox_sandbox import SandboxSettings

ADA, BOB, DUTCH = "+33612345678", "+14155550100", "+31612345678"
NATIVE = "dag.render_template_as_native_obj = True\n"
ODD = [
    *(
        "+31612345678",
        "007",
        "12E4",
        "1.10",
        "1_000",
        "0x1F",
        "0",
        "-1",
        "1e999",
        "None",
        "True",
        "False",
        "...",
    ),
    *(
        "(1, 2)",
        "{'a': 1}",
        "[1]",
        "'quoted'",
        '"quoted"',
        "b'x'",
        "1 + 2j",
        "2026-01-01",
        "{'a'}",
        "()",
        " 1",
    ),
    *("96201e44", "r'x'", "1,2", "a b", "Zoë", "\\n", "{", "1 # 2"),
]


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=1_000_000)


def campaigns(sandbox):
    """Return the name and the people of each campaign."""
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:

        def rows(campaign):
            return client.get_rows(campaign.id, page=1, page_size=50).rows

        return [
            (campaign.name, {row.phone_number: row.input_data for row in rows(campaign)})
            for campaign in client.list_campaigns()
        ]


@pytest.mark.parametrize("native", ["", NATIVE])
def test_literals_and_options_arrive_as_they_are_written(run_dag, revox_sandbox, native):
    result = run_dag(f"""{native}
CreateCampaignOperator(
    task_id="call", assistant_id="007", name="12E4", phone_field="1_000", variable_fields=["1.10", "True"],
    variable_default="0", default_region="AT", max_contacts="5", from_phone_number="{BOB}",
    max_concurrent_calls="{{{{ 1 + 1 }}}}", launch_key="1e3", suppress=["{ADA}"], report_path="",
    call_retry_config={{
        "calling_windows": [{{
            "calling_window_start_time": "09:00", "calling_window_end_time": "18:00",
            "retry_delay_seconds": "{{{{ params.delay }}}}",
        }}],
        "max_retry_attempts": "3",
    }},
    params={{"delay": 60}},
    contacts=[{{"1_000": "{DUTCH}", "1.10": "12E4"}}, {{"1_000": "{ADA}", "1.10": "1", "True": ""}}])
""")
    assert result.state == "success", result.output
    ((name, people),) = campaigns(revox_sandbox)
    assert name.startswith("12E4 [")
    assert people == {DUTCH: {"1.10": "12E4", "True": "0"}}
    shown = result.rendered["call"]
    assert {field: shown[field] for field in ("from_phone_number", "assistant_id", "variable_default")} == {
        "from_phone_number": BOB,
        "assistant_id": "007",
        "variable_default": "0",
    }


@pytest.mark.parametrize("native", ["", NATIVE])
def test_a_template_of_a_whole_list_is_read_in_either_rendering(run_dag, revox_sandbox, native):
    result = run_dag(f"""{native}
@task
def due():
    return [{{"phone": "{DUTCH}", "who": "12E4"}}]

@task
def listed():
    return ["{ADA}"]

people = due()
CreateCampaignOperator(
    task_id="call", assistant_id="a1", name="{{{{ ds_nodash }}}}", phone_field="phone", default_region="AT",
    variable_fields="['who']",
    contacts="{{{{ ti.xcom_pull('due') }}}}", suppress="{{{{ ti.xcom_pull('listed') }}}}",
) << [people, listed()]
""")
    assert result.state == "success", result.output
    ((name, people),) = campaigns(revox_sandbox)
    assert name.startswith("20")
    assert people == {DUTCH: {"who": "12E4"}}


@pytest.mark.parametrize("native", ["", NATIVE])
@pytest.mark.parametrize(
    "option",
    [
        "max_contacts",
        "max_concurrent_calls",
        "scheduled_at",
        "call_retry_config",
        "variable_fields",
        "default_region",
        "from_phone_number",
        "report_path",
        "encoding",
        "contacts",
        "suppress",
    ],
)
def test_an_option_whose_template_renders_to_none_is_an_error_and_not_left_out(
    run_dag, revox_sandbox, native, option
):
    options = {"contacts": [{"phone": "0612345678"}], "default_region": "FR", option: "{{ params.none }}"}
    result = run_dag(f"""{native}
CreateCampaignOperator(
    task_id="call", assistant_id="a1", name="n", phone_field="phone", params={{"none": None}},
    **{options!r})
""")
    assert result.state == "failed"
    assert campaigns(revox_sandbox) == []


@pytest.mark.parametrize("native", ["", NATIVE])
def test_a_mapped_task_gets_what_is_written(run_dag, revox_sandbox, native):
    result = run_dag(f"""{native}
CreateCampaignOperator.partial(
    task_id="call", assistant_id="007", phone_field="phone", default_region="AT", name="1_000",
).expand(contacts=[[{{"phone": "{DUTCH}"}}], [{{"phone": "+43664123456"}}]])
""")
    assert result.state == "success", result.output
    assert sorted(number for _, people in campaigns(revox_sandbox) for number in people) == [
        DUTCH,
        "+43664123456",
    ]
    assert all(name.startswith("1_000 [") for name, _ in campaigns(revox_sandbox))


def test_the_arguments_of_a_function_arrive_as_they_are_written_or_as_the_object_that_a_template_names(
    run_dag, revox_sandbox
):
    result = run_dag(f"""{NATIVE}
from airflow_provider_revox.decorators.revox import revox_campaign_task

@revox_campaign_task(assistant_id="a1", name="n", phone_field="phone", variable_fields=["who"])
def call(phone, code, *, count, nothing, names, text):
    assert (code, count, nothing, names, text) == ("007", 7, None, ["1.10"], "7 of 7"), "not as written"
    return [{{"phone": phone, "who": "x"}}]

call(
    "{DUTCH}", "007", count="{{{{ params.count }}}}", nothing="{{{{ params.nothing }}}}",
    names="{{{{ params.names }}}}", text="{{{{ params.count }}}} of {{{{ params.count }}}}")
dag.params.update({{"count": 7, "nothing": None, "names": ["1.10"]}})
""")
    assert result.state == "success", result.output
    ((_, people),) = campaigns(revox_sandbox)
    assert people == {DUTCH: {"who": "x"}}


def arguments(kind):
    common = {"task_id": "task", "revox_conn_id": "revox_default"}
    if issubclass(kind, CreateCampaignOperator):
        return {**common, "assistant_id": "a", "name": "n", "contacts": []}
    if kind is RelaunchCampaignOperator:
        return {**common, "assistant_id": "a", "name": "n", "campaign_id": "c"}
    if kind is CancelCallsOperator:
        return {**common, "campaign_ids": "c", "contacts": []}
    more = {"path": "calls.csv"} if kind is CampaignResultsOperator else {}
    return {**common, "campaign_id": "c", **more}


@pytest.mark.parametrize(
    "kind",
    [
        CreateCampaignOperator,
        LaunchCampaignOperator,
        RelaunchCampaignOperator,
        CampaignResultsOperator,
        CancelCallsOperator,
        CancelCampaignOperator,
        PauseCampaignOperator,
        ResumeCampaignOperator,
        CampaignSensor,
    ],
)
def test_every_template_field_of_every_operator_keeps_every_text(kind):
    from datetime import UTC, datetime

    from airflow.providers.common.compat.sdk import DAG

    class TaskInstance:
        map_index, run_id = -1, "run"

    with DAG(
        "dag", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC), render_template_as_native_obj=True
    ):
        task = kind(**arguments(kind))
    context = {"ti": TaskInstance(), "params": {"odd": ODD, "number": 7, "none": None, "yes": True}}
    for field in kind.template_fields:
        if field in ("contacts", "suppress"):
            continue
        templates = {text: text for text in ODD if "{" not in text and "#" not in text}
        templates |= {f"{{{{ params.odd[{place}] }}}}": text for place, text in enumerate(ODD)}
        templates |= {"{{ params.odd[0] }}{{ params.odd[1] }}": ODD[0] + ODD[1]}
        templates |= {"{{ params.number }}": "7", "{{ params.none }}": "None", "{{ params.yes }}": "True"}
        templates |= {"{% if params.yes %}007{% endif %}": "007", "{{ params.odd }}": ODD}
        for template, written in templates.items():
            setattr(task, field, template)
            task.render_template_fields(context)
            assert getattr(task, field) == written, (field, template)
            assert type(getattr(task, field)) is type(written), (field, template)
            setattr(task, field, [template])
            task.render_template_fields(context)
            assert getattr(task, field) == [written], (field, template)
        setattr(task, field, "")


def test_a_name_that_a_template_lacks_is_an_error(run_dag, revox_sandbox):
    result = run_dag(f"""{NATIVE}
CreateCampaignOperator(task_id="call", assistant_id="a1", name="{{{{ no_such_name }}}}", contacts=[])
""")
    assert result.state == "failed"
    assert "no_such_name" in result.output
