from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_revox.phone_numbers.number_types import Float32
from airflow_provider_revox.phone_numbers.numeric import digits_of
from airflow_provider_revox.phone_numbers.problems import NumberError


@pytest.mark.parametrize("value", [33612345678, 33612345678.0, Decimal("33612345678.0")])
def test_a_whole_number_is_its_digits(value: Any) -> None:
    assert digits_of(value) == "33612345678"


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (None, "missing"),
        (True, "boolean"),
        (float("nan"), "nan"),
        (Decimal("NaN"), "nan"),
        (float("-inf"), "infinite"),
        (33612345678.5, "fraction"),
        (Decimal("3.36E+10"), "scientific"),
        (Float32(33612345344), "scientific"),
        (Decimal("1E+999999999"), "too_long"),
        (10**15, "too_long"),
        (0, "not_a_number"),
        (-33612345678, "not_a_number"),
        (object(), "wrong_type"),
        (1j, "wrong_type"),
    ],
)
def test_any_other_value_has_a_reason(value: Any, reason: str) -> None:
    with pytest.raises(NumberError) as caught:
        digits_of(value)
    assert caught.value.reason == reason
