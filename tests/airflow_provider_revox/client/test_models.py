from __future__ import annotations

import json
from pathlib import Path

import pytest

from airflow_provider_revox.client.models import Campaign, Row, RowsExport, RowsPage, RowStats
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
    assert "rows.csv" in repr(export)
