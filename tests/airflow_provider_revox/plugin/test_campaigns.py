"""What the page makes of the records of tasks, whatever a task has pushed."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_1_PLUS
from sqlalchemy.dialects import mysql, postgresql, sqlite

pytest.importorskip("airflow.api_fastapi.core_api.security", reason="Airflow 2 has no such app")

from airflow_provider_revox.plugin import campaigns, view

LIST = "/revox/api/campaigns"
TIMES = [
    -9e10, -1e13, 9e13, -62135596801, 253402300800, "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00",
    "", "tomorrow", None, True, [], {}, "2026-13-01", "+14155550001",
]  # fmt: skip
GOOD = {"at": "2026-11-26T11:00:00Z", "state": "completed", "counts": {"total": 4}}


@pytest.mark.parametrize("at", TIMES, ids=repr)
def test_a_time_that_is_none_hides_its_point_alone(login, rows, at):
    bad = {**GOOD, "at": at, "state": "running"}
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_bad"), "progress": [GOOD, bad]})
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_good"), "progress": [GOOD]})
    client = login("ann")
    assert {one["campaign_id"] for one in client.get(LIST).json()["campaigns"]} == {"cmp_bad", "cmp_good"}
    assert client.get(f"{LIST}/cmp_good").json()["state"] == "completed"
    progress = client.get(f"{LIST}/cmp_bad").json()["progress"]
    assert GOOD in progress
    assert all(point["at"].endswith("Z") for point in progress)


def test_what_an_xcom_backend_keeps_outside_of_the_database_is_missing_and_breaks_nothing(login, rows):
    elsewhere = "s3://crm_files@bucket/xcom/renewals/run/call/0c1d.json"
    rows.add_task("renewals", xcoms={"campaign": elsewhere, "progress": elsewhere})
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_1"), "progress": elsewhere})
    client = login("ann")
    assert [one["campaign_id"] for one in client.get(LIST).json()["campaigns"]] == ["cmp_1"]
    assert client.get(f"{LIST}/cmp_1").json()["progress"] == []


@pytest.mark.parametrize("since", TIMES, ids=repr)
def test_a_record_without_a_time_hides_itself_alone(login, rows, since):
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_bad", since=since)})
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_good")})
    shown = {one["campaign_id"]: one["since"] for one in login("ann").get(LIST).json()["campaigns"]}
    assert shown["cmp_good"] == "2026-11-26T10:00:00Z"
    assert "cmp_bad" not in shown or shown["cmp_bad"].endswith("Z")


def test_the_list_looks_at_the_newest_records_and_the_page_of_a_campaign_at_all(login, rows, monkeypatch):
    monkeypatch.setattr(campaigns, "MOST_RECORDS", 3)
    for index in range(5):
        rows.add_task("renewals", xcoms={"campaign": rows.record(f"cmp_{index}"), "progress": [GOOD]})
    client = login("ann")
    shown = client.get(LIST).json()
    assert sorted(one["campaign_id"] for one in shown["campaigns"]) == ["cmp_2", "cmp_3", "cmp_4"]
    assert {one["state"] for one in shown["campaigns"]} == {"completed"}
    assert client.get(f"{LIST}/cmp_0").json()["state"] == "completed"


@pytest.mark.parametrize(
    "url",
    [
        "https://ada:secret@revox.example/", "https://14155550001@revox.example/x", "https://@revox.example/",
        "javascript:alert(1)", "//revox.example/x", "https:\\\\a@revox.example", "http://[x", "", None, 3,
    ],
    ids=repr,
)  # fmt: skip
def test_an_address_that_is_none_or_has_a_user_is_not_shown(login, rows, url):
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_1", url=url)})
    (shown,) = login("ann").get(LIST).json()["campaigns"]
    assert shown["revox_url"] is None


@pytest.mark.parametrize(
    "conn_id",
    ["+1 415 555 0001", "", "x" * 251, "Ada Byron", "ada@example.org", "a\nb", None, 3, ["revox"]],
    ids=repr,
)
def test_what_is_no_id_of_a_connection_is_no_record(login, rows, conn_id):
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_1", revox_conn_id=conn_id)})
    assert login("ann").get(LIST).json()["campaigns"] == []


def test_the_list_is_put_together_in_a_thread(login, rows, monkeypatch):
    standing, in_the_loop = view.standing, []

    def look(*args):
        try:
            in_the_loop.append(asyncio.get_running_loop())
        except RuntimeError:  # the usual case in a thread
            in_the_loop.append(None)
        return standing(*args)

    monkeypatch.setattr(view, "standing", look)
    rows.add_task("renewals", xcoms={"campaign": rows.record("cmp_1")})
    assert login("ann").get(LIST).json()["total"] == 1
    assert in_the_loop == [None]


@pytest.mark.skipif(not AIRFLOW_V_3_1_PLUS, reason="the pages need Airflow 3.1")
@pytest.mark.parametrize("campaign_id", [None, "cmp_1%"])
@pytest.mark.parametrize(
    ("dialect", "last"),
    [
        (sqlite.dialect(), "CAST(json_extract(xcom_1.value, '$[#-1]') AS TEXT)"),
        (postgresql.dialect(), "CAST(xcom_1.value -> -1 AS TEXT)"),
        (mysql.dialect(), "CAST(json_extract(xcom_1.value, '$[last]') AS CHAR)"),  # since MySQL 8.0.2
    ],
    ids=["sqlite", "postgresql", "mysql"],
)
def test_each_database_is_asked_for_the_last_point_in_its_own_words(dialect, last, campaign_id):
    asked = []

    def execute(query):
        asked.append(str(query.compile(dialect=dialect, compile_kwargs={"literal_binds": True})))
        return []

    session = SimpleNamespace(get_bind=lambda: SimpleNamespace(dialect=dialect), execute=execute)
    assert campaigns.read_records(session, campaign_id) == []
    (sql,) = asked
    assert last in sql
    assert ("LIKE" in sql, "LIMIT 5000" in sql) == (campaign_id is not None, campaign_id is None)
