"""The names of the columns of frames."""

from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from tests.airflow_provider_revox.contacts.frames import OBJECT, Column, Pandas, Polars, prepare

NUMBERS = [
    "0612345678",
    "+33 6 12 34 56 78",
    "tel:0612345678",
    612345678,
    612345678.0,
    "06.12.34.56.78",
    "6.1E+8",
]


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("others", [["0612345679"], []], ids=["two people", "one person"])
@pytest.mark.parametrize("frame", [Pandas, Polars])
def test_a_frame_whose_first_person_became_its_header_is_refused(frame, name, others):
    for columns in ({name: others}, {name: others, "Zoe": ["Ada"] * len(others)}):
        headerless = frame(columns, [OBJECT] * len(columns))
        for what, lists in (("suppress", ([], headerless)), ("contacts", (headerless, []))):
            with pytest.raises(
                InvalidRequestError, match=f"{what}: header: is a number, not a header"
            ) as caught:
                prepare(lists[0], suppress=lists[1])
            assert "612" not in str(caught.value)


@pytest.mark.parametrize("name", [*NUMBERS, ("0612345678", "")])
@pytest.mark.parametrize("others", [["0612345679"], []], ids=["two people", "one person"])
def test_a_column_that_has_its_first_person_for_a_name_is_refused(name, others):
    column = Column(others, OBJECT)
    column.name = name
    with pytest.raises(InvalidRequestError, match="suppress: header: is a number, not a header"):
        prepare([], suppress=column)


@pytest.mark.parametrize("name", [0, "", None, "phone 2", "2", 7, ("phone", "")])
def test_a_name_that_is_no_number_names_a_do_not_call_list(name):
    column, frame = Column(["0612345678"], OBJECT), Pandas({name or "": ["0612345678"]}, [OBJECT])
    column.name = name
    for suppress in (column, frame):
        assert prepare([{"phone": "0612345678"}], suppress=suppress).builder.report.suppressed == 1


def test_a_number_for_a_name_does_not_matter_beside_a_field_that_the_task_asks_for():
    frame = Pandas({"phone": ["0612345678"], "2026-11-26": [1]}, [OBJECT, OBJECT])
    assert prepare(frame).numbers_to_call == {"+33612345678"}
    assert prepare(frame, suppress=frame).builder.report.suppressed == 1


def with_names(names, values):
    return Pandas(dict(enumerate([value] for value in values)), [OBJECT] * len(names)).set_axis(
        names, axis="columns"
    )


PHONES = ["0612345678", "0612345679"]


@pytest.mark.parametrize("names", [["phone", "phone"], ["phone", "phone "], ["phone", "x", "phone"]])
def test_a_frame_that_has_a_field_twice_is_refused(names):
    frame = with_names(names, (PHONES * 2)[: len(names)])
    for lists in ((frame, []), ([], frame)):
        with pytest.raises(InvalidRequestError, match="header: the field phone is the name of columns 1 and"):
            prepare(lists[0], suppress=lists[1])
    own = with_names(["to_phone_number", "prompt_variables", "prompt_variables"], ["+33612345678", {}, {}])
    with pytest.raises(InvalidRequestError, match="prompt_variables is the name of columns 2 and 3"):
        prepare(own, phone_field=None, default_region=None)


@pytest.mark.parametrize(
    "names", [["tel", "tel"], ["", ""], [0, 0], [None, None], [("tel", ""), ("tel", "")]]
)
def test_a_do_not_call_list_of_two_columns_with_one_name_is_not_one_of_one_column(names):
    with pytest.raises(InvalidRequestError, match=r"suppress\[0\]: has several fields"):
        prepare([], suppress=with_names(names, PHONES))


def test_columns_with_one_name_do_not_matter_if_nobody_asks_for_them():
    frame = with_names(["phone", "x", "x"], ["0612345678", 1, 2])
    assert prepare(frame).builder.report.to_call == 1
    assert prepare(frame, suppress=frame).builder.report.suppressed == 1
