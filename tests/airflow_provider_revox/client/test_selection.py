"""Whether a selection of calls has the filters that the official client has, word by word."""

from __future__ import annotations

import json
from typing import Any, get_args

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.requests import LaunchCalls
from airflow_provider_revox.client.selection import SelectionFilters, SelectionRows
from tests.official_types import types_of


@pytest.fixture(scope="module")
def official():
    return types_of("0.5.0")["filters"]


def words(annotation: Any) -> list[str]:
    if inner := [argument for argument in get_args(annotation) if not isinstance(argument, str)]:
        return [word for one in inner for word in words(one)]
    return list(get_args(annotation))


@pytest.mark.once
@pytest.mark.parametrize(("model", "name"), [(SelectionFilters, "filters"), (SelectionRows, "rows")])
def test_every_filter_and_word_is_that_of_the_release(official, model, name):
    fields = {field: words(info.annotation) for field, info in model.model_fields.items()}
    assert fields == {field: found for field, (_, found) in official[name].items()}


@pytest.mark.once
def test_the_body_has_what_the_release_requires_also_if_nothing_is_given(official):
    body = json.loads(LaunchCalls.build().body)
    assert body["mode"] in official["mode"]
    for name in ("filters", "rows"):
        required = {field for field, (is_required, _) in official[name].items() if is_required}
        assert body["selection"][name].keys() == required


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("statuses", ["not_launched", "completed"]),
        ("results", ["human", "none"]),
        ("outcomes", ["interested", "none"]),
        ("directions", ["outbound"]),
        ("assignee_ids", ["somebody"]),
        ("query", "0003"),
    ],
)
def test_a_filter_is_sent_as_it_is_given(field, words):
    body = json.loads(LaunchCalls.build(selection={"filters": {field: words}}).body)
    assert body["selection"]["filters"][field] == words


@pytest.mark.parametrize("field", ["statuses", "results", "outcomes", "directions"])
def test_a_word_that_no_release_has_is_refused(field):
    with pytest.raises(InvalidRequestError, match=rf"selection\.filters\.{field}"):
        LaunchCalls.build(selection={"filters": {field: ["done"]}})


def test_a_session_of_a_person_has_no_schedule():
    with pytest.raises(InvalidRequestError, match="scheduled_at is for the mode ai_first"):
        LaunchCalls.build(mode="speed_dial", scheduled_at="2999-11-01T09:00:00+01:00")
    LaunchCalls.build(mode="speed_dial")
