"""Which variables a contact gets, and how their values are written."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.variables import as_text, variable_map
from airflow_provider_revox.phone_numbers.number_types import Float32
from tests.airflow_provider_revox.contacts.call_lists import ADA, BOB, build


def test_a_variable_may_have_another_name_than_its_field():
    contacts, _ = build([{"phone": ADA, "First Name": "Ada"}], variables=variable_map({"who": "First Name"}))
    assert contacts[0]["prompt_variables"] == {"who": "Ada"}
    assert variable_map(["a", "b"]) == {"a": "a", "b": "b"}
    assert variable_map(None) == {}


def test_a_missing_value_may_have_a_default_and_is_never_the_text_none():
    contacts, _ = build([{"phone": ADA}, {"phone": BOB, "who": None}], variable_default="there")
    assert [contact["prompt_variables"]["who"] for contact in contacts] == ["there", "there"]


class NumpyFloat(float):
    """As numpy 2 has them."""

    def __repr__(self):
        return f"np.float64({float(self)})"


@pytest.mark.parametrize("fields", [[1], "first_name", {"who": 1}, [""], 7])
def test_variable_fields_that_are_none_are_an_error_that_says_what_they_must_be(fields):
    with pytest.raises(InvalidRequestError, match="must be a list of names of fields, or a mapping"):
        variable_map(fields)


def test_a_signaling_nan_is_missing():
    _, builder = build([{"phone": ADA, "who": Decimal("sNaN")}])
    assert builder.report.invalid_by_reason == {"no_value": 1}


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("  Ada ", "  Ada "),
        (True, "true"),
        (7, "7"),
        (3.0, "3"),
        (0.1, "0.1"),
        (1e-7, "0.0000001"),
        (1e22, "10000000000000000000000"),
        (Decimal("12.50"), "12.5"),
        (Decimal("1.2345678901234567890123456789012345"), "1.2345678901234567890123456789012345"),
        pytest.param(10**5000, None, id="too long"),
        (Decimal("1E+99999"), None),
        (NumpyFloat(0.5), "0.5"),
        (Float32(19.989999771118164), "19.99"),
        (Float32(3), "3"),
        (Float32(33612345344), "33612345000"),
        (Float32("inf"), None),
        (Decimal("1E+2"), "100"),
        (Decimal("3.36123E+10"), "33612300000"),
        (date(2026, 12, 1), "2026-12-01"),
        (datetime(2026, 12, 1, 9, 30, tzinfo=UTC), "2026-12-01T09:30:00+00:00"),
        (float("inf"), None),
        (Decimal("NaN"), None),
        ([1], None),
        (object(), None),
    ],
)
def test_values_are_written_predictably(value, text):
    assert as_text(value) == text
