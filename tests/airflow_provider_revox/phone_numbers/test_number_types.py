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
    "text",
    [
        "90071992547409931.0",
        "1234567890123456.78",
        "-9007199254740993.0",
        "0.12345678901234567890",
        "612345678.00000000000001",
        "1" + "0" * 400 + ".5",
    ],
)
def test_a_number_of_json_that_a_float_can_not_hold_is_a_decimal(text: str) -> None:
    number = from_json(text)
    assert isinstance(number, Decimal)
    assert format(number, "f") == text


@given(st.from_regex(r"-?(0|[1-9][0-9]{0,20})\.[0-9]{1,20}", fullmatch=True))
def test_a_number_of_json_is_told_with_the_digits_that_it_was_written_with(text: str) -> None:
    number = from_json(text)
    assert Decimal(repr(number) if isinstance(number, float) else number) == Decimal(text)


@pytest.mark.parametrize(
    ("text", "exponent"), [("3.36123E+10", 5), ("3.3612345678e10", 0), ("1E400", 400), ("1.5e-3", -4)]
)
def test_a_number_of_json_with_an_exponent_keeps_it(text: str, exponent: int) -> None:
    number = from_json(text)
    assert isinstance(number, Decimal)
    assert number.as_tuple().exponent == exponent
