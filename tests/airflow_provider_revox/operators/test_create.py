from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest
from airflow.providers.common.compat.sdk import DAG
from airflow.providers.standard.operators.empty import EmptyOperator

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.links.revox import CampaignLink
from airflow_provider_revox.operators.revox import CreateCampaignOperator
from revox_sandbox import Fault, SandboxSettings

ADA, BOB, CLEO = "+33612345678", "+14155550100", "+447400123456"
PHONE_NUMBER = re.compile(r"\+[1-9]\d{7,14}")


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=1_000_000)


@pytest.fixture
def campaigns(revox_sandbox):
    """Return the campaigns of the sandbox by name, without the launch tag."""

    def read():
        with RevoxClient(
            ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
        ) as client:
            return {campaign.name.rpartition(" [")[0]: campaign for campaign in client.list_campaigns()}

    return read


def rows_of(revox_sandbox, campaign_id):
    with RevoxClient(ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)) as client:
        rows = client.get_rows(campaign_id, page=1, page_size=100).rows
    return {row.phone_number: row.input_data for row in rows}


def test_contacts_come_from_literals_xcoms_and_templates(run_dag, revox_sandbox, campaigns):
    result = run_dag(
        f"""
        @task(show_return_value_in_logs=False)
        def due():
            return [
                {{"phone": "{ADA}", "who": "Ada {{{{ ds }}}}", "age": 36}},
                {{"phone": "{BOB}", "who": "Bob"}},
            ]

        @task(show_return_value_in_logs=False)
        def shaped():
            return [{{"to_phone_number": "{CLEO}", "prompt_variables": {{"who": "Cleo"}}}}]

        common = dict(assistant_id="a1")
        rows = due()
        CreateCampaignOperator(task_id="xcom", name="xcom", contacts=rows, phone_field="phone",
                               variable_fields=["who"], **common)
        CreateCampaignOperator(task_id="own_shape", name="own shape", contacts=shaped(), **common)
        CreateCampaignOperator(
            task_id="literal", name="literal {{{{ ds }}}}",
            contacts=[{{"to_phone_number": "{ADA}", "prompt_variables": {{"day": "{{{{ ds_nodash }}}}"}}}}],
            **common)
        CreateCampaignOperator(
            task_id="template", name="template", phone_field="phone",
            contacts="{{{{ ti.xcom_pull(task_ids='due') }}}}", variable_fields="['who']", **common) << rows
        CreateCampaignOperator(
            task_id="json_template", name="json template", phone_field="phone",
            contacts="{{{{ ti.xcom_pull(task_ids='due') | tojson }}}}", **common) << rows
        """
    )
    assert result.state == "success"
    by_name = campaigns()
    day = next(name for name in by_name if name.startswith("literal "))[len("literal ") :]
    contents = {name: rows_of(revox_sandbox, campaign.id) for name, campaign in by_name.items()}
    # What another task returned is data: the braces in Ada's name are not a template.
    assert contents["xcom"] == {ADA: {"who": "Ada {{ ds }}"}, BOB: {"who": "Bob"}}
    assert contents["own shape"] == {CLEO: {"who": "Cleo"}}
    assert contents[f"literal {day}"] == {ADA: {"day": day.replace("-", "")}}
    assert contents["template"] == contents["xcom"]
    assert contents["json template"] == {ADA: {}, BOB: {}}
    assert result.xcom("xcom") == by_name["xcom"].id
    assert result.xcom("xcom", "campaign_url") == f"{revox_sandbox.url}/campaigns/{by_name['xcom'].id}"
    assert {result.rendered[task]["contacts"] for task in ("xcom", "template", "json_template")} == {
        "2 contacts"
    }
    assert result.rendered["literal"]["contacts"] == "1 contact"
    assert not PHONE_NUMBER.search(result.output + str(result.rendered))


def test_mapped_tasks_launch_one_campaign_each(run_dag, revox_sandbox, campaigns):
    result = run_dag(
        f"""
        @task(show_return_value_in_logs=False)
        def lists():
            return [[{{"phone": "{ADA}", "who": "{{{{ ds }}}}"}}], [{{"phone": "{BOB}", "who": "{{% bad"}}]]

        @task(show_return_value_in_logs=False)
        def plans():
            return [
                {{"name": "north", "contacts": [{{"phone": "{ADA}", "who": "{{{{ ds }}}}"}}]}},
                {{"name": "south", "contacts": [{{"phone": "{CLEO}", "who": "{{% bad"}}]}},
            ]

        flat = dict(assistant_id="a1", phone_field="phone", variable_fields=["who"])
        calls = CreateCampaignOperator.partial(
            task_id="expand", name="{{{{ ti.map_index }}}}", **flat).expand(contacts=lists())
        CreateCampaignOperator.partial(task_id="expand_kwargs", **flat).expand_kwargs(plans())
        CampaignSensor.partial(task_id="wait", poke_interval=0.1).expand(campaign_id=calls.output)
        """
    )
    assert result.state == "success"
    contents = {name: rows_of(revox_sandbox, campaign.id) for name, campaign in campaigns().items()}
    assert contents == {
        "0": {ADA: {"who": "{{ ds }}"}},
        "1": {BOB: {"who": "{% bad"}},
        "north": {ADA: {"who": "{{ ds }}"}},
        "south": {CLEO: {"who": "{% bad"}},
    }
    assert result.rendered["expand_kwargs[1]"]["contacts"] == "1 contact"
    assert not PHONE_NUMBER.search(result.output + str(result.rendered))


def test_without_contacts_the_task_is_skipped_unless_told_to_fail(run_dag, revox_sandbox):
    result = run_dag(
        """
        @task
        def nobody():
            return []

        common = dict(assistant_id="a1", name="x", contacts=nobody())
        CreateCampaignOperator(task_id="skips", **common)
        CreateCampaignOperator(task_id="fails", on_empty="fail", **common)
        CreateCampaignOperator(task_id="none", assistant_id="a1", name="x", contacts="{{ none }}")
        """
    )
    assert result.tasks["skips"] == "skipped"
    assert result.tasks["fails"] == "failed"
    assert result.tasks["none"] == "failed"
    # An empty list may be all that a retry sees: its campaign is looked for.
    assert [(one.method, one.path) for one in revox_sandbox.requests()] == [("GET", "/campaigns")] * 2


def test_a_list_that_is_empty_at_the_retry_leads_to_the_campaign_of_the_first(
    run_dag, revox_sandbox, campaigns
):
    revox_sandbox.faults.add(Fault(method="POST", path="/campaigns", when="after", kind="reset"))
    revox_sandbox.faults.add(
        Fault(method="GET", path="/campaigns", kind="status", status=503, retry_after=0, skip=1, times=1)
    )
    result = run_dag(
        f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="calls", retries=1, retry_delay=timedelta(0),
            contacts="{{{{ [dict(to_phone_number='{ADA}')] if ti.try_number == 1 else [] }}}}",
            reconcile_timeout=0.01)
        """
    )
    assert (result.state, result.tries["calls"]) == ("success", 2)
    assert result.xcom("calls") == campaigns()["calls"].id
    assert result.xcom("calls", "launch")["not_in_campaign"] == 0
    assert "has 1 contact. This try was given no contacts. The first launch stands" in result.output
    revox_sandbox.advance(7 * 24 * 3600)
    assert revox_sandbox.calls_per_person() == {ADA: 1}


def test_bad_input_says_where_and_what_without_the_value_and_sends_nothing(run_dag, revox_sandbox):
    result = run_dag(
        f"""
        good = [{{"to_phone_number": "{ADA}", "prompt_variables": {{}}}}]
        common = dict(assistant_id="a1", name="x", retries=3)
        flat = dict(phone_field="phone", variable_fields=["who"], **common)
        CreateCampaignOperator(task_id="number", contacts=[{{"phone": "{ADA}", "who": "Ada"}},
                               {{"phone": "06 12 34 56 78", "who": "Zoe"}}], **flat)
        CreateCampaignOperator(task_id="variable", contacts=[{{"phone": "{ADA}", "who": ["Zoe"]}}], **flat)
        CreateCampaignOperator(task_id="twice", contacts=[{{"phone": "{ADA}", "who": "Zoe"}}] * 2,
                               on_duplicate="error", **flat)
        CreateCampaignOperator(task_id="naive", contacts=good, scheduled_at="2026-12-01T09:00:00", **common)
        CreateCampaignOperator(task_id="empty_key", contacts=good, launch_key="{{{{ '' }}}}", **common)
        CreateCampaignOperator(task_id="unscheduled", contacts=good, scheduled_at="{{{{ '' }}}}", **common)
        CreateCampaignOperator(task_id="windows", contacts=good, call_retry_config={{
            "calling_windows": [{{"calling_window_start_time": "9h", "calling_window_end_time": "6pm",
                                  "retry_delay_seconds": "{{{{ 10**16 }}}}"}}],
            "max_retry_attempts": 3, "timezone": "Mars/Base"}}, **common)
        CreateCampaignOperator(task_id="broken", contacts=[{{"phone": "{ADA} {{{{ broken"}}], **flat)
        """
    )
    assert set(result.tasks.values()) == {"failed"}
    for problem in (
        "contacts[1].phone: has no country code",
        "contacts[0].who: can't be written as text, being list; convert it upstream",
        "contacts[1].phone: is a number that came before; remove one of the records, or set on_duplicate",
        "scheduled_at: has no time zone",
        "launch_key: is empty",
        "scheduled_at: must be an ISO 8601 date and time with an offset",
        "call_retry_config.calling_windows[0].calling_window_start_time: must be a time",
        "call_retry_config.calling_windows[0].retry_delay_seconds: Input should be less than",
        "call_retry_config.timezone: must be an IANA time zone",
        "contacts: the template can't be rendered: TemplateSyntaxError",
    ):
        assert problem in result.output
    assert {one.method for one in revox_sandbox.requests()} <= {"GET"}
    assert "Zoe" not in result.output
    assert "06 12" not in result.output
    assert ADA not in result.output + str(result.rendered)


def test_every_option_reaches_the_api_as_it_was_rendered(run_dag, revox_sandbox, campaigns):
    result = run_dag(
        f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="{{{{ 'a' ~ 7 }}}}", name="all", from_phone_number="{CLEO}",
            contacts=[{{"to_phone_number": "{ADA}", "prompt_variables": {{}}}}],
            max_concurrent_calls="{{{{ 5 }}}}", scheduled_at="{{{{ macros.datetime(2030, 1, 2) }}}}+00:00",
            call_retry_config='''{{{{ {{"max_retry_attempts": 2, "calling_windows": [
                {{"calling_window_start_time": "9am", "calling_window_end_time": "6pm",
                  "retry_delay_seconds": 60}}]}} | tojson }}}}''')
        """
    )
    assert result.state == "success", result.output
    campaign = campaigns()["all"]
    assert campaign.assistant_id == "a7"
    assert campaign.from_phone_number == CLEO
    assert campaign.max_concurrent_calls == 5
    assert campaign.scheduled_at.startswith("2030-01-02T00:00:00")
    assert campaign.call_retry_config["max_retry_attempts"] == 2


def test_a_crm_export_becomes_a_clean_call_list_and_every_record_is_accounted_for(
    run_dag, revox_sandbox, campaigns, tmp_path
):
    (tmp_path / "due.csv").write_text(
        "Phone;Name;Plan\n"
        "06 12 34 56 78;Ada;gold\n"  # to call
        "+33 6 12 34 56 78;Ada;silver\n"  # duplicate
        "not given;Zoe;gold\n"  # invalid: letters
        "06 13;Yan;gold\n"  # invalid: too short
        "+14155550100;Bob;gold\n"  # suppressed
        "+447400123456;;gold\n"  # the name has a default
    )
    (tmp_path / "stop.csv").write_text("number\n0014155550100\n")
    result = run_dag(
        f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="due", contacts="{{{{ '{tmp_path}' }}}}/due.csv",
            phone_field="Phone", variable_fields={{"who": "Name", "plan": "Plan"}}, variable_default="there",
            default_region="FR", on_invalid="skip", suppress="{tmp_path}/stop.csv",
            report_path="{tmp_path}/rejected.csv")
        """
    )
    assert result.state == "success", result.output
    assert result.xcom("calls", "contact_report") == {
        "received": 6,
        "to_call": 2,
        "invalid": 2,
        "invalid_by_reason": {"letters": 1, "not_possible": 1},
        "duplicate": 1,
        "suppressed": 1,
        "suppressed_by_reason": {"listed": 1},
    }
    assert rows_of(revox_sandbox, campaigns()["due"].id) == {
        ADA: {"who": "Ada", "plan": "gold"},
        CLEO: {"who": "there", "plan": "gold"},
    }
    rejected = (tmp_path / "rejected.csv").read_text()
    assert [line.split(",")[:3] for line in rejected.splitlines()[1:]] == [
        ["2", "Phone", "letters"],
        ["3", "Phone", "not_possible"],
    ]
    everything = result.output + str(result.rendered) + str(result.xcoms) + rejected
    assert not PHONE_NUMBER.search(everything)
    for personal in ("06 12", "06 13", "Zoe", "Yan", "silver"):
        assert personal not in everything
    assert result.rendered["calls"]["contacts"] == "contacts (a file)"


def test_files_in_another_encoding_and_with_another_delimiter_are_read_as_declared(
    run_dag, revox_sandbox, campaigns, tmp_path
):
    (tmp_path / "due.csv").write_bytes("Phone|Name;2\n+33612345678|Zoé\n+14155550100|Bob\n".encode("latin-1"))
    (tmp_path / "stop.csv").write_bytes("Numéro|Phone\né|+14155550100\n".encode("latin-1"))
    (tmp_path / "semicolons.csv").write_text("Phone;Name, first\n+447400123456;Cleo\n")
    result = run_dag(
        f"""
        common = dict(assistant_id="a1", phone_field="Phone")
        text = dict(encoding="{{{{ 'latin-1' }}}}", delimiter="{{{{ '|' }}}}")
        CreateCampaignOperator(
            task_id="latin", name="latin", contacts="{tmp_path}/due.csv", suppress="{tmp_path}/stop.csv",
            variable_fields={{"who": "Name;2"}}, **text, **common)
        CreateCampaignOperator(
            task_id="semicolons", name="semicolons", contacts="{tmp_path}/semicolons.csv", delimiter=";",
            variable_fields={{"who": "Name, first"}}, **common)
        rows = [{{"Phone": "{ADA}"}}]
        CreateCampaignOperator(task_id="suppress_only", name="suppress", contacts=rows,
                               suppress="{tmp_path}/stop.csv", **text, **common)
        CreateCampaignOperator(task_id="no_file", name="x", contacts=rows, encoding="latin-1", retries=1,
                               **common)
        CreateCampaignOperator(task_id="wrong", name="x", contacts="{tmp_path}/due.csv", delimiter="|",
                               retries=2, **common)
        """
    )
    contents = {name: rows_of(revox_sandbox, campaign.id) for name, campaign in campaigns().items()}
    assert contents == {
        "latin": {ADA: {"who": "Zoé"}},
        "semicolons": {CLEO: {"who": "Cleo"}},
        "suppress": {ADA: {}},
    }
    assert (result.tasks["no_file"], result.tasks["wrong"]) == ("failed", "failed")
    assert "encoding and delimiter: are about files, and neither contacts nor suppress names" in result.output
    assert "is not UTF-8; set encoding to the one the file was written in" in result.output


def test_guards_refuse_before_anything_is_sent_and_the_report_is_there_all_the_same(run_dag, revox_sandbox):
    result = run_dag(
        f"""
        rows = [{{"to_phone_number": "{ADA}"}}, {{"to_phone_number": "{BOB}"}}]
        common = dict(assistant_id="a1", name="x", contacts=rows, retries=2)
        window = {{"calling_window_start_time": "6pm", "calling_window_end_time": "9am",
                   "retry_delay_seconds": 9}}
        CreateCampaignOperator(task_id="many", max_contacts="{{{{ 1 }}}}", **common)
        CreateCampaignOperator(task_id="past", scheduled_at="2020-01-01T09:00:00Z", **common)
        CreateCampaignOperator(task_id="windows", **common, call_retry_config={{
            "calling_windows": [window], "max_retry_attempts": 3}})
        CreateCampaignOperator(task_id="hours", **common, call_retry_config={{
            "calling_windows": [], "max_retry_attempts": 3}})
        CreateCampaignOperator(task_id="stop", suppress=["unreadable"], **common)
        CreateCampaignOperator(task_id="no_hours", call_retry_config="{{{{ none }}}}", **common)

        @task
        def nothing() -> None: ...

        CreateCampaignOperator(task_id="no_start", scheduled_at=nothing(), **common)
        """
    )
    assert result.tasks.pop("nothing") == "success"
    assert set(result.tasks.values()) == {"failed"}
    for problem in (
        "call_retry_config: was given, but its template or task gave None",
        "scheduled_at: was given, but its template or task gave None",
        "2 contacts to call, but max_contacts is 1",
        "scheduled_at: 2020-01-01T09:00:00+00:00 is in the past",
        "calling_windows[0]: ends at 9am, which is not after its start at 6pm",
        "call_retry_config.calling_windows: is empty, so nothing says at what hours people may be called",
        "suppress[0]: ",
    ):
        assert problem in result.output
    assert result.xcom("many", "contact_report")["to_call"] == 2
    assert [request.method for request in revox_sandbox.requests()].count("POST") == 0


def test_a_task_that_returned_nothing_is_neither_an_empty_list_nor_an_empty_suppression(
    run_dag, revox_sandbox
):
    result = run_dag(
        f"""
        @task
        def nothing():
            return None

        upstream = nothing()
        common = dict(assistant_id="a1", name="x", retries=2)
        CreateCampaignOperator(task_id="contacts", contacts=upstream, **common)
        CreateCampaignOperator(
            task_id="suppress", contacts=[{{"to_phone_number": "{ADA}"}}], suppress=upstream, **common)
        """
    )
    assert (result.tasks["contacts"], result.tasks["suppress"]) == ("failed", "failed")
    assert "contacts: is None; give an empty list if there is nobody" in result.output
    assert "suppress: is None; give an empty list if there is nobody" in result.output
    assert revox_sandbox.requests() == []


def test_a_dry_run_does_everything_but_the_launch(run_dag, revox_sandbox):
    result = run_dag(
        f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="x", contacts=[{{"to_phone_number": "{ADA}"}}],
            dry_run=True, wait_for_completion=True
        ) >> CampaignSensor(task_id="behind", campaign_id="{{{{ ti.xcom_pull('calls') }}}}")
        """
    )
    assert result.tasks == {"calls": "skipped", "behind": "skipped"}
    assert result.state == "success"
    assert "dry_run: 1 contact would be called by " in result.output
    assert result.xcom("calls", "contact_report")["to_call"] == 1
    assert result.xcom("calls") is None
    assert {one.method for one in revox_sandbox.requests()} == {"GET"}
    assert ADA not in result.output


@pytest.mark.parametrize("deferrable", [False, True])
def test_the_operator_waits_and_hands_out_the_counts(run_dag, revox_sandbox, deferrable):
    result = run_dag(
        f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="x", wait_for_completion=True, poll_interval=0.05,
            contacts=[{{"to_phone_number": "{ADA}", "prompt_variables": {{}}}}], deferrable={deferrable})
        """
    )
    assert result.state == "success"
    assert len(result.xcom("calls")) == 36
    assert result.xcom("calls", "row_stats")["total"] == 1
    assert "is completed: 1 contact: 1 " in result.output


@pytest.mark.parametrize("deferrable", [False, True])
def test_a_wait_that_takes_too_long_ends_with_an_error_and_leaves_the_campaign(
    run_dag, revox_sandbox, deferrable, campaigns
):
    result = run_dag(
        f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="x", wait_for_completion=True, poll_interval=0.05,
            scheduled_at="2050-01-01T00:00:00Z", timeout=0.2, deferrable={deferrable},
            contacts=[{{"to_phone_number": "{ADA}", "prompt_variables": {{}}}}])
        """
    )
    assert result.tasks["calls"] == "failed"
    assert "CampaignTimeoutError" in result.output
    assert "was not completed in time" in result.output
    assert campaigns()["x"].is_cancelled is False


def test_a_launch_whose_campaign_was_cancelled_fails_and_tells_the_way_out(run_dag, revox_sandbox):
    body = f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="x", scheduled_at="2050-01-01T00:00:00Z", retries=1,
            launch_key="once", contacts=[{{"to_phone_number": "{ADA}", "prompt_variables": {{}}}}])
        """
    campaign_id = run_dag(body, "cancelled_once").xcom("calls")
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    with RevoxClient(config) as client:
        client.cancel_campaign(campaign_id)
    again = run_dag(body, "cancelled_once")
    assert (again.tasks["calls"], again.tries["calls"]) == ("failed", 1)
    assert f"Campaign {campaign_id} of this launch was cancelled" in again.output
    assert "To call its people again on purpose, give the task another launch_key." in again.output


def test_a_task_that_is_retried_after_its_answer_was_lost_calls_nobody_again(run_dag, revox_sandbox):
    # The campaign is committed, and neither the answer nor the first look-ups get through.
    revox_sandbox.faults.add(
        Fault(kind="reset", when="after", method="POST", path="/campaigns"),
        Fault(kind="status", status=401, method="GET", path="/campaigns", skip=1),
    )
    result = run_dag(
        f"""
        CreateCampaignOperator(
            task_id="calls", assistant_id="a1", name="x", retries=2, retry_delay=timedelta(seconds=0),
            contacts=[{{"to_phone_number": "{ADA}", "prompt_variables": {{}}}}])
        """
    )
    assert result.state == "success"
    assert [r for r in revox_sandbox.requests() if (r.method, r.path) == ("POST", "/campaigns")][1:] == []
    revox_sandbox.advance(1)
    assert revox_sandbox.calls_per_person() == {ADA: 1}
    assert "No campaign is confirmed" in result.output
    assert "Adopted campaign" in result.output


@pytest.mark.airflow
def test_the_default_of_deferrable_is_airflows():
    script = (
        "from airflow_provider_revox.operators.revox import CreateCampaignOperator as Operator\n"
        "print(Operator(task_id='t', assistant_id='a', contacts=[], name='x').deferrable)"
    )
    for default in ("True", "False"):
        env = {**os.environ, "AIRFLOW__OPERATORS__DEFAULT_DEFERRABLE": default}
        run = subprocess.run(
            [sys.executable, "-c", script], env=env, capture_output=True, text=True, check=True
        )
        assert run.stdout.split()[-1] == default


def test_a_list_that_mixes_literals_with_another_tasks_output_is_refused_because_airflow_would_show_it():
    with DAG("mixed"):
        upstream = EmptyOperator(task_id="upstream")
        with pytest.raises(ValueError, match="put the list together in a task") as caught:
            CreateCampaignOperator(
                task_id="t",
                assistant_id="a",
                name="x",
                contacts=[{"to_phone_number": ADA}, {"to_phone_number": upstream.output}],
            )
    assert ADA not in str(caught.value)


def test_contacts_that_are_set_later_are_data_and_show_a_count():
    operator = CreateCampaignOperator(task_id="t", assistant_id="a", contacts=[], name="x")
    operator.contacts = [{"to_phone_number": ADA, "prompt_variables": {"who": "{{ ds }}"}}]
    assert str(operator.contacts) == "1 contact"
    assert operator.render_template(operator.contacts, {"ti": None}).records() == [
        {"to_phone_number": ADA, "prompt_variables": {"who": "{{ ds }}"}}
    ]


def test_contacts_that_can_be_read_only_once_are_kept_for_the_next_try():
    contacts = ({"to_phone_number": number} for number in (ADA, BOB))
    operator = CreateCampaignOperator(task_id="t", assistant_id="a", contacts=contacts, name="x")
    assert str(operator.contacts) == "2 contacts"
    assert list(operator.contacts.records()) == list(operator.contacts.records()) != []


def test_what_to_do_without_contacts_is_one_of_two_words():
    with pytest.raises(ValueError, match="on_empty must be one of 'skip', 'fail'"):
        CreateCampaignOperator(task_id="t", assistant_id="a", contacts=[], name="x", on_empty="Skip")


@pytest.mark.parametrize("argument", ["poll_interval", "timeout", "reconcile_timeout"])
def test_an_interval_or_timeout_of_nothing_is_refused(argument):
    with pytest.raises(ValueError, match=f"{argument} must be more than 0 seconds"):
        CreateCampaignOperator(task_id="t", assistant_id="a", contacts=[], name="x", **{argument: 0})


def test_a_link_without_a_campaign_or_a_database_is_empty():
    assert CampaignLink().get_link(None, ti_key=object()) == ""
