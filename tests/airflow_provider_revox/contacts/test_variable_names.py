from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.contacts.call_list import CHUNK, CallListBuilder
from airflow_provider_revox.contacts.record import CallListOptions
from airflow_provider_revox.contacts.variable_names import VariableNames


def names_of(records, **options):
    builder = CallListBuilder(CallListOptions(**options))
    builder.take(records)
    return set(builder.variable_names.of_all), set(builder.variable_names.of_some)


def own(index, **variables):
    return {"to_phone_number": f"+1415555{index:04}", "prompt_variables": variables}


def test_flat_records_have_the_variables_of_the_task():
    records = [{"phone": "+14155550100", "name": "Ada", "plan": "x"}]
    assert names_of(records, phone_field="phone", variables={"who": "name"}) == ({"who"}, set())
    assert names_of([], phone_field="phone", variables={"who": "name"}) == ({"who"}, set())
    assert names_of(records, phone_field="phone") == (set(), set())


@pytest.mark.parametrize("is_plain", [True, False])
def test_records_of_the_apis_shape_have_names_of_all_and_of_some(is_plain):
    # A number with blanks is read record by record.
    extra = (
        [] if is_plain else [{"to_phone_number": "+1 415 555 9999", "prompt_variables": {"a": "1", "b": "2"}}]
    )
    assert names_of([own(1, a="1", b="2"), own(2, a="1", b="2"), *extra]) == ({"a", "b"}, set())
    assert names_of([own(1, a="1", b="2"), own(2, a="1"), *extra]) == ({"a"}, {"b"})
    assert names_of([own(1, a="1", b="2"), own(2, a="1", c="3"), *extra]) == ({"a"}, {"b", "c"})
    assert names_of([own(1), own(2, a="1"), *extra]) == (set(), {"a"} if is_plain else {"a", "b"})


def test_names_of_several_chunks_count_together():
    records = [own(index, a="1", **({"b": "2"} if index < CHUNK else {})) for index in range(2 * CHUNK)]
    assert names_of(records) == ({"a"}, {"b"})


def test_a_record_that_is_not_called_may_add_a_name_of_some_and_never_one_of_all():
    records = [own(1, a="1"), {"to_phone_number": "?", "prompt_variables": {"b": "2"}}]
    of_all, of_some = names_of(records)
    assert of_all <= {"a"}
    assert "b" not in of_all
    assert of_some <= {"a", "b"}


@given(
    st.lists(st.dictionaries(st.sampled_from("abcd"), st.just("x"), max_size=4), max_size=6),
    st.integers(1, 3),
)
def test_the_names_are_those_that_a_look_at_each_contact_finds(contacts, size):
    names = VariableNames()
    for start in range(0, len(contacts), size):
        chunk = contacts[start : start + size]
        names.add(chunk, set().union(*chunk))
    every = set.intersection(*map(set, contacts)) if contacts else set()
    assert names.of_all == every
    assert names.of_some == set().union(*contacts) - every
