from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from airflow.providers.common.compat.sdk import AirflowFailException, ObjectStoragePath

from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.contacts.options import ContactOptions
from airflow_provider_revox.exceptions import RevoxRefusedError
from airflow_provider_revox.files.records import read_records
from tests.airflow_provider_revox.batches.tasks import ADA, BOB, CLEO, DAN, OWN, contents, files


def test_a_list_becomes_batches_in_its_order_and_is_accounted_for(task, tmp_path, caplog):
    caplog.set_level("INFO")
    running = task()
    urls = contact_batches([*OWN, OWN[0]], to=str(tmp_path), batch_size=2)
    assert contents(urls) == [[ADA, BOB], [CLEO]]
    assert list(read_records(urls[0])) == OWN[:2]
    assert running.xcoms == {
        "contact_report": {
            "received": 4,
            "to_call": 3,
            "invalid": 0,
            "invalid_by_reason": {},
            "duplicate": 1,
            "suppressed": 0,
            "suppressed_by_reason": {},
        }
    }
    assert "Contacts: 4 received: 3 to call, 1 duplicate" in caplog.text
    assert "3 contacts in 2 batches" in caplog.text


def test_every_option_does_what_it_does_in_the_operator(task, file, tmp_path):
    rows = "Tel;Prénom;pays\n06 12 34 56 78;Ada;FR\n(415) 555-2671;;US\n06 12 34 56 78;Ada 2;FR\nx;Zoe;\n"
    source = file(rows.encode("latin-1"))
    task()
    urls = contact_batches(
        source,
        to=str(tmp_path / "out"),
        phone_field="Tel",
        variable_fields={"who": "Prénom"},
        variable_default="there",
        default_region="GB",
        region_field="pays",
        on_duplicate="last",
        on_invalid="skip",
        suppress=["+447400123456"],
        report_path=str(tmp_path / "rejected.csv"),
        encoding="latin-1",
        delimiter=";",
        max_contacts=2,
    )
    assert [record for url in urls for record in read_records(url)] == [
        {"to_phone_number": "+14155552671", "prompt_variables": {"who": "there"}},
        {"to_phone_number": ADA, "prompt_variables": {"who": "Ada 2"}},
    ]
    assert (tmp_path / "rejected.csv").read_text().splitlines()[1].startswith("3,Tel,letters,")


def test_duplicates_are_found_across_batches_and_the_last_may_count(task, tmp_path):
    records = [
        {"phone": number, "who": str(row)} for row, number in enumerate([ADA, BOB, CLEO, ADA, BOB, DAN])
    ]
    options = {"phone_field": "phone", "variable_fields": ["who"], "batch_size": 2}
    task()
    first = contact_batches(records, to=str(tmp_path / "1"), **options)
    task(run_id="second")
    last = contact_batches(records, to=str(tmp_path / "2"), on_duplicate="last", **options)
    assert contents(first) == [[ADA, BOB], [CLEO, DAN]]
    assert contents(last) == [[CLEO, ADA], [BOB, DAN]]


@pytest.mark.parametrize(
    ("records", "options", "problem"),
    [
        ([*OWN, {"to_phone_number": "06"}], {}, r"contacts\[3\].to_phone_number: has no country code"),
        (OWN, {"max_contacts": "2"}, "3 contacts to call, but max_contacts is 2"),
        (OWN + OWN, {"on_duplicate": "error", "on_invalid": "skip"}, r"contacts\[3\].* came before"),
        (OWN, {"suppress": ["?"]}, r"suppress\[0\]"),
        (OWN, {"key": " "}, "key: is empty"),
        (None, {}, "contacts: is None"),
    ],
)
def test_until_the_whole_list_is_known_to_be_right_nothing_is_written(
    task, tmp_path, records, options, problem
):
    task()
    with pytest.raises(RevoxRefusedError, match=problem) as caught:
        contact_batches(records, to=str(tmp_path / "out"), batch_size=1, **options)
    assert isinstance(caught.value, AirflowFailException)
    assert not (tmp_path / "out").exists()


def test_more_batches_than_airflow_maps_over_are_refused(task, tmp_path, monkeypatch):
    monkeypatch.setenv("AIRFLOW__CORE__MAX_MAP_LENGTH", "1")
    task()
    with pytest.raises(RevoxRefusedError, match="2 batches, but Airflow maps a task over 1 at most"):
        contact_batches(OWN, to=str(tmp_path / "out"), batch_size=2)
    assert not (tmp_path / "out").exists()
    assert len(contact_batches(OWN, to=str(tmp_path / "out"), batch_size=3)) == 1


def test_the_first_list_stands_whatever_the_source_holds_by_now(task, tmp_path, caplog):
    caplog.set_level("INFO")
    task()
    first = contact_batches(OWN, to=str(tmp_path), batch_size=2)
    before = {path: (tmp_path / path).read_bytes() for path in files(tmp_path)}
    retry = task()
    assert contact_batches("/no/such/file.csv", to=f"{tmp_path}/", batch_size=1, on_invalid="skip") == first
    assert {path: (tmp_path / path).read_bytes() for path in files(tmp_path)} == before
    assert retry.xcoms["contact_report"]["to_call"] == 3
    assert "An earlier try made the batches of this list. They stand" in caplog.text


def test_an_empty_list_stands_too(task, tmp_path):
    task()
    assert contact_batches([], to=str(tmp_path)) == []
    task()
    assert contact_batches(OWN, to=str(tmp_path)) == []


def test_a_key_stands_for_the_run(task, tmp_path):
    task()
    monday = contact_batches(OWN, to=str(tmp_path), key="monday")
    tuesday = contact_batches(OWN, to=str(tmp_path), key="tuesday")
    assert monday != tuesday
    task(run_id="another")
    assert contact_batches([], to=str(tmp_path), key="monday") == monday


def test_two_lists_in_one_task_need_a_key_each_or_the_second_would_be_taken_for_the_first(task, tmp_path):
    task()
    contact_batches(OWN, to=str(tmp_path / "a"))
    with pytest.raises(RevoxRefusedError, match="made a list already; give each list its own key"):
        contact_batches(OWN[:1], to=str(tmp_path / "b"))


def test_outside_of_a_task_a_key_is_needed(tmp_path):
    with pytest.raises(RevoxRefusedError, match="key: is needed outside of a task"):
        contact_batches(OWN, to=str(tmp_path))
    urls = contact_batches(OWN, to=str(tmp_path), key="mine")
    assert contents(urls) == [[ADA, BOB, CLEO]]
    assert contact_batches([], to=str(tmp_path), key="mine") == urls


@pytest.mark.parametrize("to", ["", "{{ ds }}/x", 7])
def test_a_folder_that_can_be_none_is_refused(task, to):
    task()
    with pytest.raises(RevoxRefusedError, match="to: "):
        contact_batches(OWN, to=to)


@pytest.mark.parametrize("kind", [str, Path, ObjectStoragePath])
def test_every_path_may_be_an_object(task, tmp_path, kind):
    (tmp_path / "due.csv").write_text(f"phone\n{ADA}\n{BOB}\n?\n")
    (tmp_path / "stop.csv").write_text(f"phone\n{BOB}\n")
    task()
    urls = contact_batches(
        kind(str(tmp_path / "due.csv")),
        to=kind(str(tmp_path / "out")),
        suppress=kind(str(tmp_path / "stop.csv")),
        report_path=kind(str(tmp_path / "rejected.csv")),
        phone_field="phone",
        on_invalid="skip",
    )
    assert contents(urls) == [[ADA]]
    assert all(type(url) is str for url in urls)
    assert (tmp_path / "rejected.csv").exists()
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "out").rglob("*.*")} == {0o600}


def test_a_list_of_which_every_record_is_invalid_makes_no_batches_and_is_an_error(task, tmp_path):
    task()
    with pytest.raises(RevoxRefusedError, match="every record is invalid"):
        contact_batches([{"to_phone_number": "?"}], to=str(tmp_path / "out"), on_invalid="skip")
    assert not (tmp_path / "out").exists()


def test_options_that_do_not_exist_are_errors_of_the_dag(task, tmp_path):
    task()
    with pytest.raises(TypeError, match="phone"):
        contact_batches(OWN, to=str(tmp_path), phone="x")
    with pytest.raises(ValueError, match="on_invalid must be one of"):
        contact_batches(OWN, to=str(tmp_path), on_invalid="ignore")
    with pytest.raises(ValueError, match="batch_size must be at least 1"):
        contact_batches(OWN, to=str(tmp_path), batch_size=0)


def test_importing_the_batches_costs_little_where_a_dag_is_parsed():
    code = (
        "import sys; from airflow.providers.common.compat.sdk import DAG; DAG('d'); "
        "before = set(sys.modules); "
        "from airflow_provider_revox.batches import contact_batches; "
        "names = {name.partition('.')[0] for name in set(sys.modules) - before}; "
        "foreign = {name for name in names if 'airflow' not in name} - {'packaging'}; "
        "assert not foreign, foreign; assert callable(contact_batches)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_operator_has_the_same_options_with_the_same_defaults():
    import inspect
    from dataclasses import fields

    from airflow_provider_revox.operators._launch_operator import LaunchOperator
    from airflow_provider_revox.operators.create import CreateCampaignOperator

    parameters = {
        **inspect.signature(LaunchOperator.__init__).parameters,
        **inspect.signature(CreateCampaignOperator.__init__).parameters,
    }
    assert {each.name: each.default for each in fields(ContactOptions)} == {
        each.name: parameters[each.name].default for each in fields(ContactOptions)
    }
