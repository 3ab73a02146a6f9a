"""Which formulas of a spreadsheet are read as text."""

from __future__ import annotations

import pytest

from tests.airflow_provider_revox.files.csv_reading import read


@pytest.mark.parametrize(
    ("cell", "told"),
    [
        ('="Zoe"', "Zoe"),
        ('="+33612345678"', "+33612345678"),
        ('"=""Zoe"""', "Zoe"),
        ('= "Zoe"', "Zoe"),
        (' ="Zoe" ', "Zoe"),
        ('"= ""Zoe"""', "Zoe"),
        ('="Zoe; ""Z"", Dr"', 'Zoe; "Z", Dr'),
        ('"=""Zoe, """"Z"""""""', 'Zoe, "Z"'),
        ('=T("Zoe, Dr")', "Zoe, Dr"),
        ('"=T(""Zoe"")"', "Zoe"),
        ('=t("Zoe")', "Zoe"),
        ('=T ("Zoe")', "Zoe"),
        ('"= t ( ""Zoe"" )"', "Zoe"),
        ('="two\nlines"', "two\nlines"),
        ('"=""two\nlines"""', "two\nlines"),
        ('=""', ""),
        ("=1+1", "=1+1"),  # a sum is no text
        ('="Zoe"&"x"', '="Zoe"&"x"'),
        ('"say =""x"""', 'say ="x"'),
    ],
)
def test_a_formula_that_wraps_text_is_that_text(cell, told):
    assert read(f"phone,name,x\n1,{cell},2\n") == [{"phone": "1", "name": told, "x": "2"}]
    assert read(f"phone,name\n1,{cell}") == [{"phone": "1", "name": told}]


def test_a_header_may_be_formulas():
    assert read('="phone",="name;x"\n1,2\n') == [{"phone": "1", "name;x": "2"}]
