"""What a mapped task takes for data, and what for "nothing was given"."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException
from jinja2 import Environment

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.operators.revox import CreateCampaignOperator
from revox_sandbox import SandboxSettings

ADA = "+33612345678"
COMMON = 'task_id="calls", assistant_id="a1", name="x", phone_field="phone"'
ROWS = f'[{{"phone": "{ADA}"}}]'


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0, call_ends={"human": 1})


def test_text_of_records_in_a_mapped_task_is_data_whatever_stands_in_it(run_dag, revox_sandbox):
    result = run_dag(
        f"""
        @task
        def lists():
            import json

            rows = [{{"phone": "{ADA}", "who": "{{{{ conn.revox_default.password }}}}"}}]
            return [{{"name": "x", "contacts": json.dumps(rows)}}]

        CreateCampaignOperator.partial(
            task_id="calls", assistant_id="a1", phone_field="phone", variable_fields=["who"]
        ).expand_kwargs(lists())
        """
    )
    assert result.state == "success"
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    with RevoxClient(config) as client:
        (campaign,) = client.list_campaigns()
        (row,) = client.get_rows(campaign.id, page=1, page_size=9).rows
    assert row.input_data == {"who": "{{ conn.revox_default.password }}"}
    assert revox_sandbox.api_key not in result.output


def test_a_template_that_can_not_be_rendered_is_not_in_the_error_nor_behind_it():
    operator = CreateCampaignOperator(
        task_id="t", assistant_id="a", name="x", contacts="{{ [{'phone': '+33612345678'} }}"
    )
    with pytest.raises(AirflowFailException, match="can't be rendered: TemplateSyntaxError") as caught:
        operator.render_template(operator.contacts, {"ti": SimpleNamespace(map_index=-1)}, Environment())
    assert caught.value.__context__ is None
    assert "33612345678" not in str(caught.value)


def test_a_template_for_all_mapped_tasks_is_rendered(run_dag, revox_sandbox):
    result = run_dag(
        f"""
        CreateCampaignOperator.partial(
            task_id="calls", assistant_id="a1", phone_field="phone",
            contacts="{{{{ [{{'phone': '{ADA}'}}] }}}}",
        ).expand(name=["a", "b"])
        CreateCampaignOperator.partial(
            task_id="assistants", name="x", phone_field="phone",
            contacts="{{{{ [{{'phone': '{ADA}'}}] }}}}",
        ).expand(assistant_id=["a1", "a2"])
        """
    )
    assert result.state == "success"
    revox_sandbox.advance(86_400)
    # The same list twice is called once; two assistants are two campaigns.
    assert [result.xcom("calls", "launch", index)["outcome"] for index in (0, 1)].count("created") == 1
    assert [result.xcom("assistants", "launch", index)["outcome"] for index in (0, 1)] == ["created"] * 2
    assert revox_sandbox.calls_per_person() == {ADA: 3}


@pytest.mark.parametrize(
    "tasks",
    [
        f"CreateCampaignOperator.partial({COMMON}, contacts={ROWS}).expand(suppress=lists([None]))",
        f'CreateCampaignOperator.partial({COMMON}, contacts={ROWS}).expand_kwargs([{{"suppress": None}}])',
        f"CreateCampaignOperator.partial({COMMON}, contacts={ROWS})"
        '.expand_kwargs(lists([{"suppress": None}]))',
        f"CreateCampaignOperator({COMMON}, contacts={ROWS}, suppress=None)",
        "batches(lists(None))",
    ],
    ids=["expand", "literal kwargs", "kwargs", "literal", "batches"],
)
def test_a_suppression_list_that_is_none_stops_the_launch_however_it_came(run_dag, revox_sandbox, tasks):
    result = run_dag(
        f"""
        @task
        def lists(value):
            return value

        @task
        def batches(suppress):
            from airflow_provider_revox.batches import contact_batches

            return contact_batches({ROWS}, to="unused", phone_field="phone", suppress=suppress)

        {tasks}
        """
    )
    assert "suppress: is None; give an empty list if there is nobody" in result.output
    assert result.state == "failed"
    assert revox_sandbox.calls_per_person() == {}
    assert [request for request in revox_sandbox.requests() if request.method == "POST"] == []


def test_two_runs_that_share_a_key_for_their_batches_call_nobody_twice(run_dag, revox_sandbox, tmp_path):
    body = f"""
        @task
        def batches():
            from airflow_provider_revox.batches import contact_batches

            return contact_batches({ROWS}, to="{tmp_path}", key="2026-11-24", phone_field="phone")

        CreateCampaignOperator.partial(
            task_id="calls", assistant_id="a1", name="x").expand(contacts=batches())
        """
    for _ in range(2):
        result = run_dag(body, "shared_key")
        assert result.state == "success"
    revox_sandbox.advance(86_400)
    assert revox_sandbox.calls_per_person() == {ADA: 1}


@pytest.mark.parametrize("option", ["key", "report_path", "default_region"])
def test_what_batches_are_given_as_a_template_is_refused(tmp_path, option):
    from airflow_provider_revox.batches import contact_batches

    with pytest.raises(ValueError, match=f"{option} is a template"):
        contact_batches([], to=str(tmp_path), **{"key": "k", option: "{{ ds }}"})


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        ('max_contacts=""', "max_contacts: must be a whole number"),
        ('default_region="None"', "default_region: has a region that does not exist"),
        ('variable_fields="3"', "variable_fields: must be a list of names of fields"),
        ('report_path="{tmp_path}/due.csv"', "report_path: is a file that this task reads"),
    ],
)
def test_an_option_that_renders_to_something_else_is_an_error_that_is_not_retried(
    run_dag, revox_sandbox, tmp_path, options, problem
):
    (tmp_path / "due.csv").write_text(f"phone\n{ADA}\n")
    options = options.replace("{tmp_path}", str(tmp_path))
    result = run_dag(
        f"""
        CreateCampaignOperator({COMMON}, contacts="{tmp_path}/due.csv", retries=2, {options})
        """
    )
    assert problem in result.output
    assert result.tasks == {"calls": "failed"}
    assert revox_sandbox.calls_per_person() == {}
    assert (tmp_path / "due.csv").read_text() == f"phone\n{ADA}\n"


def test_a_mapped_instance_without_contacts_skips_and_says_which_trigger_rule_is_right_behind_it(
    run_dag, revox_sandbox
):
    result = run_dag(
        f"""
        @task
        def lists():
            return [[{{"to_phone_number": "{ADA}"}}], []]

        mapped = CreateCampaignOperator.partial(task_id="calls", assistant_id="a1", name="x").expand(
            contacts=lists()
        )
        CreateCampaignOperator(task_id="alone", assistant_id="a1", name="y", contacts=[])
        """
    )
    assert result.tasks == {
        "lists": "success",
        "calls[0]": "success",
        "calls[1]": "skipped",
        "alone": "skipped",
    }
    assert result.output.count('give them trigger_rule="none_failed"') == 1
