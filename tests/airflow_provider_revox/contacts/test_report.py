"""The records that were rejected: how many are kept, shown and written."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from tests.airflow_provider_revox.contacts.call_lists import ADA, BOB, build


def test_names_that_utf_8_cant_hold_are_refused_or_shown_escaped(tmp_path):
    for options in ({"variables": {"\ud800": "who"}}, {"variable_default": "\ud800"}):
        with pytest.raises(InvalidRequestError, match="half a surrogate pair"):
            build([], **options)
    _, builder = build([{"phone": ADA}, {}], phone_field="\ud800", variables={"who": "\udfff"})
    _, more = build([{"phone": ADA}, {"phone": BOB, "\udfff": "\udfff"}], variables={"who": "\udfff"})
    fields = [rejection.field for rejection in (*builder.rejections, *more.rejections)]
    assert fields == ["\\ud800", "\\ud800", "\\udfff", "\\udfff"]
    for name in ("rejected.csv", "rejected.jsonl"):
        more.rejections.write(str(tmp_path / name))
        assert "\\udfff" in (tmp_path / name).read_text()


def test_many_rejections_are_kept_on_a_disk_and_the_first_ten_shown():
    _, builder = build({"phone": "?", "who": "x"} for _ in range(20_000))
    assert len(list(builder.rejections)) == len(builder.rejections) == 20_000
    assert [rejection.row for rejection in builder.rejections] == list(range(20_000))
    assert builder.rejections._kept._rolled
    with pytest.raises(InvalidRequestError, match=r"contacts\[9\].*\n  and 19,990 more$"):
        builder.rejections.refuse("fail")


def test_invalid_records_fail_the_list_or_are_skipped():
    _, builder = build([{"phone": "?", "who": "x"}] * 25)
    with pytest.raises(InvalidRequestError, match="and 15 more") as caught:
        builder.rejections.refuse("fail")
    assert len(caught.value.problems) == 10
    builder.rejections.refuse("skip")
