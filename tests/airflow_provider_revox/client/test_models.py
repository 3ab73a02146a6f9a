from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from airflow_provider_revox.client.models import (
    Campaign,
    LaunchedCalls,
    PhoneRecord,
    Response,
    Row,
    RowsExport,
    RowsPage,
    RowStats,
)
from airflow_provider_revox.client.organization import Assistant
from airflow_provider_revox.client.requests import Contact

EXAMPLE = Path(__file__).parent / "data" / "campaign.json"
MARK = "6502539871"


def test_the_answer_of_the_page_is_read_and_nothing_of_it_is_lost():
    content = json.loads(EXAMPLE.read_text())["campaign"]
    campaign = Campaign.model_validate(content)
    assert (campaign.id, campaign.status, campaign.is_cancelled, campaign.created_at) == (
        "id",
        "draft",
        True,
        {},
    )
    assert campaign.row_stats is not None
    assert campaign.row_stats.total == 0
    assert campaign.model_dump(exclude_unset=True) == content


def test_unknown_fields_and_statuses_pass():
    campaign = Campaign.model_validate(
        {"id": "c", "status": "on_hold", "row_stats": {"not_launched": 3}, "new": 1}
    )
    assert campaign.status == "on_hold"
    assert campaign.row_stats is not None
    assert campaign.row_stats.to_dict() == {"not_launched": 3}
    assert campaign.model_dump()["new"] == 1


@pytest.mark.parametrize("value", [None, [], {"a": 1}, 1.5, object()])
def test_optional_fields_of_another_type_are_none(value):
    names = ["name", "assistant_id", "status", "is_cancelled"]
    campaign = Campaign.model_validate({"id": "c", **dict.fromkeys(names, value)})
    assert [getattr(campaign, name) for name in names] == [None] * 4
    counts = ["total", "pending", "calling", "retry", "completed", "failed"]
    stats = RowStats.model_validate(dict.fromkeys(counts, value))
    assert [getattr(stats, name) for name in counts] == [None] * 6
    row = Row.model_validate({"id": "r", "row_index": value, "phone_number": value})
    assert (row.row_index, row.phone_number) == (None, None)


@pytest.mark.parametrize("value", [None, [], "x", 7])
def test_optional_objects_of_another_type_are_none(value):
    assert Campaign.model_validate({"id": "c", "row_stats": value}).row_stats is None
    row = Row.model_validate({"id": "r", "input_data": value, "call": value})
    # No call is none that was tried; one that can't be read is not the same, and leads to no second call.
    assert (row.input_data, row.call) == (None, None if value is None else {})


def test_missing_optional_fields_are_none():
    campaign = Campaign.model_validate({"id": "c"})
    assert set(campaign.model_dump().values()) == {"c", None}


@pytest.mark.parametrize("word", ["true", 1, "yes"])
def test_only_true_means_cancelled(word):
    assert Campaign.model_validate({"id": "c", "is_cancelled": word}).is_cancelled is None


def test_rows_and_exports_do_not_show_people():
    row = {
        "id": "r",
        "row_index": 4,
        "phone_number": f"+1{MARK}",
        "input_data": {"n": MARK},
        "call": {"to": MARK},
    }
    page = RowsPage.model_validate({"rows": [row]})
    export = RowsExport(csv=f"phone\n+1{MARK}\n", filename="rows.csv")
    contact = Contact(to_phone_number=f"+1{MARK}", prompt_variables={"n": MARK})
    assert MARK not in f"{page} {page!r} {page.rows[0]} {export} {export!r} {contact}"
    assert "row_index=4" in repr(page)


HOSTILE: list[Any] = [
    f"{MARK} \x1b[31m",
    f"+336{MARK}",
    33612345678,
    {MARK: MARK},
    [MARK],
    [{MARK: 33612345678}],
    {"total": 33612345678, MARK: 1, "active": MARK},
]
NEEDED = {"id": "c", "rows": [{"id": "r"}], "csv": "phone"}


def kinds(base: type[Response]) -> Iterator[type[Response]]:
    for kind in base.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("kind", [*kinds(Response)])
def test_no_text_of_the_server_is_in_the_repr_of_an_answer(kind, value):
    for name in [*kind.model_fields, "new_field", MARK]:
        try:
            found = kind.model_validate({**NEEDED, name: value})
        except ValidationError:
            continue
        for shown in (repr(found), str(found), f"{found}", repr([found])):
            assert MARK not in shown
            assert "336" not in shown
            assert shown.isprintable()


def test_what_tells_answers_apart_is_in_their_repr():
    stats = {"total": 2, "calling": 0, "Zoe": 1}
    campaign = Campaign.model_validate({"id": "c", "status": "running", "name": "n", "row_stats": stats})
    assert (
        repr(campaign) == "Campaign(id='c', shown_status='running', row_stats=RowStats(total=2, calling=0))"
    )
    launched = LaunchedCalls.model_validate({"launched": 3, "skipped": {"active": 1}})
    assert repr(launched) == "LaunchedCalls(launched=3, skipped=Skipped(active=1))"
    assert repr(Assistant.model_validate({"id": "a", "name": "n"})) == "Assistant(id='a')"
    assert repr(PhoneRecord.model_validate({"last_outcome": "x"})) == "PhoneRecord(...)"
