"""Floats of 32 bits in frames, columns and arrays."""

from __future__ import annotations

import json
from array import array
from ctypes import c_float
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.source import ContactSource
from airflow_provider_revox.phone_numbers.number_types import Float32
from tests.airflow_provider_revox.contacts.frames import OBJECT, Column, Pandas, Polars, Short, Type, prepare

LOST = c_float(33612345678).value
"""What 32 bits keep of a phone number: that of another person."""
PRICE = c_float(19.99).value


def numpy_type(shown, itemsize):
    return Type(shown=shown, kind="f", itemsize=itemsize)


F4, F8 = numpy_type("float32", 4), numpy_type("float64", 8)


def category(of):
    return Type(shown="category", kind="O", itemsize=8, categories=SimpleNamespace(dtype=of))


def sparse(of, shown):
    return Type(shown=f"Sparse[{shown}, nan]", kind="f", subtype=of)


SHORT = [
    F4,
    numpy_type(">f4", 4),
    numpy_type("float16", 2),
    numpy_type(">f2", 2),
    numpy_type("Float32", 4),
    numpy_type("float[pyarrow]", 4),
    numpy_type("halffloat[pyarrow]", 2),
    category(F4),
    category(numpy_type(">f4", 4)),
    category(numpy_type("Float32", 4)),
    sparse(F4, "float32"),
    Type(shown="dictionary<values=float, indices=int32, ordered=0>[pyarrow]", kind="O", itemsize=8),
    "Float32",  # of polars
    "Float16",
    "a type that nobody knows yet",
]
LONG = [
    F8,
    numpy_type(">f8", 8),
    numpy_type("Float64", 8),
    numpy_type("double[pyarrow]", 8),
    numpy_type("longdouble", 16),
    category(F8),
    sparse(F8, "float64"),
    "Float64",  # of polars
]


@pytest.mark.parametrize("frame", [Pandas, Polars])
@pytest.mark.parametrize("kind", SHORT, ids=str)
def test_a_column_of_32_bits_tells_amounts_and_no_phone_numbers(frame, kind):
    prepared = prepare(frame({"phone": [LOST, None]}, [kind]), on_invalid="skip")
    assert prepared.builder.report.invalid_by_reason == {"scientific": 1, "missing": 1}
    amounts = frame({"phone": ["0612345678"], "price": [PRICE], "none": [None]}, [OBJECT, kind, kind])
    prepared = prepare(amounts, variable_fields=["price", "none"], variable_default="")
    (contact,) = json.loads(prepared.call_list().json)
    assert contact["prompt_variables"] == {"price": "19.99", "none": ""}


@pytest.mark.parametrize("kind", SHORT, ids=str)
def test_a_do_not_call_list_of_32_bits_is_refused_and_suppresses_nobody(kind):
    for suppress in (Column([LOST], kind), Pandas({"x": [LOST]}, [kind]), Polars({"x": [LOST]}, [kind])):
        with pytest.raises(InvalidRequestError, match=r"suppress\[0\]: is in scientific notation or a 32"):
            prepare([{"phone": "0612345344"}], suppress=suppress)


@pytest.mark.parametrize("kind", [*LONG, OBJECT, category(OBJECT)], ids=str)
@pytest.mark.parametrize("number", [33612345678.0, LOST], ids=["needs 64 bits", "fits in 32 bits"])
def test_a_column_of_64_bits_tells_phone_numbers(kind, number):
    called = f"+{number:.0f}"
    for frame in (Pandas, Polars):
        assert prepare(frame({"phone": [number]}, [kind])).numbers_to_call == {called}
    assert prepare([{"phone": called}], suppress=Column([number], kind)).builder.report.suppressed == 1


@pytest.mark.parametrize("kind", [OBJECT, category(OBJECT), sparse(OBJECT, "object")], ids=str)
def test_a_short_float_among_objects_is_one_even_if_its_frame_hands_out_a_long_one(kind):
    phones = [Short(LOST), "0612345678", 33612345679.0, 33612345664.0, 612345670, None]
    prepared = prepare(Pandas({"phone": phones}, [kind]), on_invalid="skip")
    assert prepared.builder.report.invalid_by_reason == {"scientific": 1, "missing": 1}
    assert prepared.builder.report.to_call == 4
    with pytest.raises(InvalidRequestError, match=r"suppress\[0\]: is in scientific notation or a 32"):
        prepare([], suppress=Pandas({"phone": phones[:1]}, [kind]))
    prices = Pandas({"phone": ["0612345678"], "price": [Short(PRICE)]}, [kind, kind])
    assert b'{"price":"19.99"}' in prepare(prices, variable_fields=["price"]).call_list().json


@pytest.mark.parametrize(
    ("numbers", "kind"),
    [
        (array("f", [LOST]), Float32),
        (memoryview(array("f", [LOST])), Float32),
        (array("d", [LOST]), float),
        (memoryview(array("d", [LOST])), float),
        (array("q", [33612345678]), int),
        (memoryview(array("q", [33612345678])), int),
        (Column(["33612345678"], OBJECT), str),
    ],
)
def test_an_array_says_how_many_bits_its_floats_have(numbers, kind):
    assert [type(value) for value in ContactSource(numbers).records("suppress")] == [kind]


def test_a_memoryview_that_python_can_not_read_is_refused():
    other_order = memoryview((c_float.__ctype_be__ * 1)(LOST))
    with pytest.raises(InvalidRequestError, match="suppress: is a memoryview that Python can't read"):
        prepare([], suppress=other_order)


def test_what_has_a_type_and_no_row_of_values_passes():
    square = Column([[1.0, 2.0]], F4)
    square.ndim = 2
    assert ContactSource(square).records("suppress") is square


@given(st.floats(), st.sampled_from([*SHORT, *LONG, OBJECT]))
def test_no_value_of_a_variable_changes(value, kind):
    """A float that only 64 bits can hold stays as it is, whatever type its column has."""
    (record,) = ContactSource(Pandas({"x": [value]}, [kind])).records()
    (entry,) = ContactSource(Column([value], kind)).records("suppress")
    for found in (record["x"], entry):
        assert repr(float(found)) == repr(value)
        assert type(found) is float or c_float(value).value == value


class Frame:
    """Hands out its rows, and says nothing of its types."""

    columns = ["phone"]

    def __init__(self, method):
        setattr(self, method, lambda *orient: [{"phone": "0612345678"}])


@pytest.mark.parametrize("method", ["to_dicts", "to_dict"])
def test_a_frame_hands_out_its_rows(method):
    assert ContactSource(Frame(method)).records() == [{"phone": "0612345678"}]
