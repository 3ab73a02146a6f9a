"""What CancelCallsOperator takes: ids and people, from the DAG file and from tasks."""

from __future__ import annotations

import re

import pytest
from airflow.providers.common.compat.sdk import AirflowSkipException

from airflow_provider_revox.exceptions import RevoxRefusedError
from airflow_provider_revox.operators.revox import CancelCallsOperator
from revox_sandbox import SandboxSettings
from tests.airflow_provider_revox.opt_outs.campaigns import WEEK, cancel, counts_of, people, running
from tests.campaigns import create_campaign


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0, generation="launch-calls")


@pytest.mark.parametrize("nothing", [None, "", "  ", "None"])
def test_without_a_campaign_the_task_is_skipped(revox_sandbox, nothing):
    with pytest.raises(AirflowSkipException):
        cancel(nothing, people(0))
    assert revox_sandbox.requests() == []


@pytest.mark.parametrize("nothing", [[], [None], [None, "None", []], "[]", "[None]", ()])
def test_a_list_without_a_campaign_leaves_nobody_to_be_found(revox_sandbox, nothing):
    assert counts_of(cancel(nothing, people(0))) == {"given": 1, "not_found": 1}
    assert [one.path for one in revox_sandbox.requests()] == ["/auth-status"]


@pytest.mark.parametrize(
    ("ids", "problem"),
    [
        ([7], r"campaign_ids\[0\]: must be the id of a campaign or a list of ids, not int"),
        ({"a": 1}, "campaign_ids: must be the id of a campaign or a list of ids, not dict"),
        (["a", ["b", {"id": "c"}]], r"campaign_ids\[1\]\[1\]: must be .* not dict"),
        ("a, b", "campaign_ids: is not an id"),
        (["+33612345678"], r"campaign_ids\[0\]: looks like a phone number"),
        ("[1, 2", "campaign_ids: is text that is neither JSON"),
    ],
)
def test_what_is_no_id_is_an_error_before_anything_is_sent(revox_sandbox, ids, problem):
    with pytest.raises(RevoxRefusedError, match=problem) as caught:
        cancel(ids, people(0))
    assert "612345678" not in str(caught.value)
    assert revox_sandbox.requests() == []


@pytest.mark.parametrize(
    ("contacts", "problem"),
    [
        (["+33612345678", "?"], r"contacts\[1\]: "),
        (["06 12 34 56 78"], r"contacts\[0\]: has no country code"),
        ([{"a": "+33612345678", "b": 1}], r"contacts\[0\]: has several fields"),
        (None, "contacts: is None"),
        ("nothing to read", "contacts: is text that is neither JSON"),
        ("/nowhere/opt_outs.csv", "opt_outs.csv"),
    ],
)
def test_a_list_of_people_that_can_not_be_read_is_an_error_before_anything_is_sent(
    revox_sandbox, contacts, problem
):
    operator = CancelCallsOperator(task_id="cancel", campaign_ids="c", contacts=[])
    operator.contacts = contacts
    with pytest.raises(RevoxRefusedError, match=problem) as caught:
        operator.execute({})
    assert "345678" not in str(caught.value)
    assert revox_sandbox.requests() == []


def test_people_are_given_as_suppress_takes_them(revox_sandbox, file):
    contacts = [{"to_phone_number": f"+3361234567{index}", "prompt_variables": {}} for index in range(8)]
    campaign_id = create_campaign(revox_sandbox, contacts, max_concurrent_calls=1)
    told = [
        cancel(campaign_id, ["06 12 34 56 71"], default_region="FR"),
        cancel(campaign_id, [{"tel": "+33 6 12 34 56 72", "x": 1}], phone_field="tel"),
        cancel(campaign_id, file("Numéro;pays\n0612345673;FR\n".encode("cp1252")), phone_field="Numéro",
               region_field="pays", encoding="cp1252", delimiter=";"),
        cancel(campaign_id, file('{"n": "+33612345674"}\n', "opt.jsonl")),
        cancel(campaign_id, '["+33612345675"]'),
        cancel(campaign_id, ["+33612345676", "+33 612 345 676"]),
    ]  # fmt: skip
    assert [counts_of(each) for each in told] == [
        {"campaigns": 1, "given": 1, "found": 1, "cancelled": 1}
    ] * len(told)
    revox_sandbox.advance(WEEK)
    assert set(revox_sandbox.calls_per_person()) == {"+33612345670", "+33612345677"}


def test_the_options_of_files_need_a_file(revox_sandbox):
    with pytest.raises(RevoxRefusedError, match="encoding and delimiter: are about a file"):
        cancel("c", people(0), encoding="cp1252")
    with pytest.raises(ValueError, match="check_numbers must be one of"):
        cancel("c", people(0), check_numbers="no")


def test_nobody_to_take_out_reads_no_campaign(revox_sandbox):
    assert counts_of(cancel("c", [])) == {"campaigns": 1}
    assert [one.path for one in revox_sandbox.requests()] == ["/auth-status"]


IN_AIRFLOW = """
from airflow_provider_revox.operators.revox import CancelCallsOperator

@task
def campaigns():
    return {ids!r}

@task(show_return_value_in_logs=False)
def opt_outs():
    return [{{"phone": "{mine}"}}, {{"phone": "{theirs}"}}]

@task
def one(index):
    if index == 1:
        from airflow.providers.common.compat.sdk import AirflowSkipException
        raise AirflowSkipException
    return {ids!r}[index]

CancelCallsOperator(task_id="listed", campaign_ids=campaigns(), contacts=opt_outs())
CancelCallsOperator(
    task_id="mapped", campaign_ids=one.expand(index=[0, 1, 2]), contacts=["{mine}"], trigger_rule="all_done")
CancelCallsOperator(
    task_id="rendered", campaign_ids="{{{{ ti.xcom_pull('campaigns') }}}}",
    contacts="{{{{ ti.xcom_pull('opt_outs') }}}}") << dag.get_task("listed")
CancelCallsOperator(task_id="alone", campaign_ids={ids!r}[0], contacts=["{mine}"])
CancelCallsOperator.partial(task_id="each", contacts=["{mine}"]).expand(campaign_ids=campaigns())
CancelCallsOperator(task_id="refused", campaign_ids={ids!r}, contacts=["{mine}x?", "{theirs}"])
CancelCallsOperator(task_id="skipped", campaign_ids="{{{{ none }}}}", contacts=["{mine}"])
"""


@pytest.mark.parametrize("native", ["", "dag.render_template_as_native_obj = True\n"])
def test_in_airflow_ids_and_people_come_from_tasks_and_nothing_personal_shows(run_dag, revox_sandbox, native):
    ids = [running(revox_sandbox, name=f"c{index}") for index in range(3)]
    mine, theirs = people(8, 9)
    result = run_dag(native + IN_AIRFLOW.format(ids=ids, mine=mine, theirs=theirs))
    ends = {name: state for name, state in result.tasks.items() if state != "success"}
    assert ends == {"one[1]": "skipped", "refused": "failed", "skipped": "skipped"}, result.output
    assert (result.xcom("listed")["campaigns"], result.xcom("listed")["found"]) == (3, 2)
    assert (result.xcom("mapped")["campaigns"], result.xcom("mapped")["found"]) == (2, 1)
    assert result.xcom("rendered") == {
        **result.xcom("rendered"), "campaigns": 3, "found": 2, "already_cancelled": 2,
    }  # fmt: skip
    assert [result.xcom("each", map_index=index)["campaigns"] for index in range(3)] == [1, 1, 1]
    assert result.rendered["listed"]["contacts"] == "2 contacts"
    assert result.rendered["alone"]["campaign_ids"] == ids[0]
    ours = {key: value for key, value in result.xcoms.items() if key[0] != "opt_outs"}
    left = result.output + str(result.rendered) + str(ours)
    assert not {mine[1:], theirs[1:], "5550008", "5550009"} & set(re.findall(r"\d+", left))
    revox_sandbox.advance(WEEK)
    assert not {mine, theirs} & set(revox_sandbox.calls_per_person())
