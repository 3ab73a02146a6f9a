"""Whether the first line of a list is a header, or somebody's number."""

from __future__ import annotations

import pytest

from tests.airflow_provider_revox.files.csv_reading import problem_of, read

NUMBERS = [
    "+33612345678", "tel:+33612345678", "TEL: +33 6 12 34 56 78", "p:+33612345678", "callto:0612345678",
    "06 12 34 56 78", "(06) 12-34-56-78", "0033 6.12.34.56.78", "33612345678", "33612345678.0", "3.36E+10",
    "3,36123E+10", "'+33612345678", '="+33612345678"', '"=""+33612345678"""', "+33612345678 (mobile)",
    "Zoe +33612345678", "0612345678 ext 5", "\u0660\u0666\u0661\u0662\u0663\u0664\u0665\u0666", "4000",
    "+33\xa06\u202f12345678", "\u200e+33612345678", "whatsapp:+33612345678", "sip:+33612345678@x.example",
]  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("line", ["{}", "{},Zoe", "Zoe,{},x", "{},", ",{}", '{},"Zoe"'])
@pytest.mark.parametrize("wanted", [(), ("phone",)])
def test_a_first_line_with_a_number_is_no_header(number, line, wanted):
    if "," in number:
        number = f'"{number}"'
    text = line.format(number) + "\n+33698765432,x\n"
    assert problem_of(text, wanted=wanted, delimiter=",") == (
        "header: is a number, not a header; add a first line with the names of the columns"
    )


@pytest.mark.parametrize("name", ["phone", "phone 2", "0", "12", "Tel. 1/2", "col_2026", "E164", "x1y2z3"])
def test_a_name_may_have_digits(name):
    assert read(f"{name}\nx\n") == [{name: "x"}]


def test_a_header_with_the_wanted_field_may_have_any_other_name():
    assert read("phone,2026-11-30,20261130\n1,2,3\n", wanted=["phone"]) == [
        {"phone": "1", "2026-11-30": "2", "20261130": "3"}
    ]
