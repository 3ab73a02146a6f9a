from __future__ import annotations

import struct
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.phone_numbers.number_types import Float32, from_json


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float_of_32_bits_is_the_shortest_decimal_with_its_bits(value: float) -> None:
    decimal = Float32(value).as_decimal()
    assert struct.pack("f", decimal) == struct.pack("f", value)
    assert len(decimal.as_tuple().digits) <= 9


@given(st.decimals(min_value=0, max_value=9999, places=2))
def test_an_amount_comes_out_as_it_went_in(amount: Decimal) -> None:
    (stored,) = struct.unpack("f", struct.pack("f", amount))
    assert Float32(stored).as_decimal() == amount


@pytest.mark.parametrize("text", ["19.99", "33612345678.0", "-0.5"])
def test_a_number_of_json_without_an_exponent_is_a_float(text: str) -> None:
    assert type(from_json(text)) is float
    assert from_json(text) == float(text)


@pytest.mark.parametrize(
    ("text", "exponent"), [("3.36123E+10", 5), ("3.3612345678e10", 0), ("1E400", 400), ("1.5e-3", -4)]
)
def test_a_number_of_json_with_an_exponent_keeps_it(text: str, exponent: int) -> None:
    number = from_json(text)
    assert isinstance(number, Decimal)
    assert number.as_tuple().exponent == exponent
