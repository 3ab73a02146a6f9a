"""Phone numbers come out as ``phonenumbers`` reads them, or are refused for a reason that can be counted."""

from __future__ import annotations

import pickle
import re
import subprocess
import sys
import unicodedata
from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_revox.phone_numbers.number_types import Float32
from airflow_provider_revox.phone_numbers.problems import REASONS, NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

PARIS = "+33612345678"


def outcome(value: Any, region: str | None = None, **options: Any) -> str:
    """Return the number, or the reason in brackets."""
    try:
        return NumberReader(**options).read(value, region)
    except NumberError as error:
        return f"<{error.reason}>"


@pytest.mark.parametrize(
    ("value", "region"),
    [
        (PARIS, None),
        ("+33 6 12 34 56 78", None),
        ("+33 6 12 34 56 78", "US"),
        (" (+33) 6.12.34.56.78 ", None),
        ("+33 (0)6 12 34 56 78", None),
        ("+33 ( 0 ) 6 12 34 56 78", None),
        ("0033 6 12 34 56 78", None),
        ("0033 6 12 34 56 78", "FR"),
        ("0033 6 12 34 56 78", "DE"),
        ("011 33 6 12 34 56 78", "US"),
        ("011 33 6 12 34 56 78", "JM"),
        ("06 12 34 56 78", "FR"),
        ("06 12 34 56 78", "fr"),
        ("06 12 34 56 78", " Fr "),
        ("06-12-34-56-78", "FR"),
        ("06/12345678", "FR"),
        ("06.12.34.56.78", "FR"),
        ("06.12.34.56.78.", "FR"),
        ("06\N{NO-BREAK SPACE}12\N{NARROW NO-BREAK SPACE}34\N{THIN SPACE}56\N{IDEOGRAPHIC SPACE}78", "FR"),
        ("06\N{EN DASH}12\N{NON-BREAKING HYPHEN}34\N{MINUS SIGN}56\N{FULLWIDTH HYPHEN-MINUS}78", "FR"),
        ("\N{LEFT-TO-RIGHT EMBEDDING}+33612345678\N{POP DIRECTIONAL FORMATTING}", None),
        ("\N{ZERO WIDTH NO-BREAK SPACE}+336\N{ZERO WIDTH SPACE}12345678\N{LEFT-TO-RIGHT MARK}", None),
        ("\N{LEFT-TO-RIGHT ISOLATE}0612345678\N{POP DIRECTIONAL ISOLATE}", "FR"),
        ("\u0660\u0666\u0661\u0662\u0663\u0664\u0665\u0666\u0667\u0668", "FR"),
        ("\u0966\u096c\u0967\u0968\u0969\u096a\u096b\u096c\u096d\u096e", "FR"),
        ("\N{FULLWIDTH PLUS SIGN}\uff13\uff13\uff16\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18", None),
        ("'0612345678", "FR"),
        ("'+33612345678", None),
        ("tel:+33-6-12-34-56-78", None),
        ("TEL: 06 12 34 56 78", "FR"),
        ("+33612345678\n", None),
        ("33612345678.0", "FR"),
        ("33612345678,0", "FR"),
        ("+33612345678.0", None),
        ("33 612 345 678.0", "FR"),
        (33612345678.0, "FR"),
        (33612345678, "FR"),
        (612345678, "FR"),
        (612345678.0, "FR"),
        (Decimal("33612345678"), "FR"),
        (Decimal("612345678.00"), "FR"),
        (Decimal("3.3612345678E+10"), "FR"),
    ],
)
def test_one_number_is_read_in_many_ways_of_writing_it(value: Any, region: str | None) -> None:
    assert outcome(value, region) == PARIS
    assert outcome(value, default_region=region) == PARIS


FORMAT_CHARACTERS = [
    character
    for character in map(chr, range(0x110000))
    if unicodedata.category(character) == "Cf"
    or 0xFE00 <= ord(character) <= 0xFE0F
    or 0xE0100 <= ord(character) <= 0xE01EF
    or character in "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2065\u20e3\u3164\uffa0"
]


def test_format_characters_around_and_in_a_number_do_not_matter() -> None:
    assert len(FORMAT_CHARACTERS) > 400
    for one in FORMAT_CHARACTERS:
        assert outcome(f"{one}+336{one}1234 5678{one}") == PARIS, hex(ord(one))
        assert outcome(f"{one}06 12{one} 34 56 78", f"F{one}R{one}") == PARIS, hex(ord(one))


@pytest.mark.parametrize("name", ["float16", "float32"])
def test_numpys_floats_with_few_digits_are_refused(name: str) -> None:
    few_digits = type(name, (), {"__float__": lambda _: 33612345344.0, "__index__": lambda _: 33612345344})
    assert outcome(few_digits(), "FR") == "<scientific>"


REFUSED = [
    (None, "FR", "missing"),
    ("", "FR", "empty"),
    (" \t\n", "FR", "empty"),
    ("\u200b\ufeff", "FR", "empty"),
    ("'", "FR", "empty"),
    ("tel:", "FR", "empty"),
    (True, "FR", "boolean"),
    (False, None, "boolean"),
    (float("nan"), "FR", "nan"),
    (Decimal("NaN"), "FR", "nan"),
    (float("inf"), "FR", "infinite"),
    (float("-inf"), "FR", "infinite"),
    (Decimal("Infinity"), "FR", "infinite"),
    (Decimal("sNaN"), "FR", "wrong_type"),
    (b"+33612345678", "FR", "wrong_type"),
    ([PARIS], "FR", "wrong_type"),
    ({"phone": PARIS}, "FR", "wrong_type"),
    (object(), "FR", "wrong_type"),
    (33612345678.5, "FR", "fraction"),
    ("33612345678.5", "FR", "fraction"),
    ("33612345678.00", "FR", "fraction"),
    ("3.36123E+10", "FR", "scientific"),
    ("3,36123e+10", None, "scientific"),
    ("3.3612345678E10", "FR", "scientific"),
    (Decimal("3.36123E+10"), "FR", "scientific"),
    (Float32(33612345678), "FR", "scientific"),
    (Float32(612345), "FR", "scientific"),
    ("+1 415 555 0100 ext. 5", None, "extension"),
    ("+1 415 555 0100 x5", None, "extension"),
    ("+1 415 555 0100 #5", None, "extension"),
    ("tel:+1-415-555-0100;ext=5", None, "extension"),
    ("(415) 555-0100 extension 12", "US", "extension"),
    ("01 23 45 67 89 poste 5", "FR", "extension"),
    ("1-800-FLOWERS", "US", "letters"),
    ("+1 800 FLOWERS", None, "letters"),
    ("nan", "FR", "letters"),
    ("home 06 12 34 56 78", "FR", "letters"),
    ("sip:33612345678", "FR", "letters"),
    ("#########", "FR", "not_a_number"),
    ("+", "FR", "not_a_number"),
    ("()", "FR", "not_a_number"),
    ("00", None, "not_a_number"),
    ("00", "FR", "not_a_number"),
    ("+\u00b2 12345678", None, "not_a_number"),
    ("++33612345678", "FR", "not_a_number"),
    ("06+12345678", "FR", "not_a_number"),
    ("-33612345678", "FR", "not_a_number"),
    (-33612345678, "FR", "not_a_number"),
    (0, "FR", "not_a_number"),
    ("0612345678, 0712345678", "FR", "not_a_number"),
    ("0612345678\n0712345678", "FR", "not_a_number"),
    ("0612345678\u00b2", "FR", "not_a_number"),
    ("06 12 34 56 78 -", "FR", "not_a_number"),
    ("0612345678 / 0712345678", "FR", "ambiguous"),
    ("030 1234567/68", "DE", "ambiguous"),
    ("1" * 251, "FR", "too_long"),
    ("1" * 100, "FR", "not_possible"),
    (10**15, "FR", "too_long"),
    pytest.param(10**5000, "FR", "too_long", id="more digits than Python would write"),
    (1e300, "FR", "too_long"),
    (Decimal("1E+999999"), "FR", "too_long"),
    (Decimal("1E+999999999"), "FR", "too_long"),
    (Decimal("-1E+999999999"), "FR", "too_long"),
    ("06 12 34 56 78", None, "no_region"),
    ("06 12 34 56 78", "", "no_region"),
    ("33612345678", None, "no_region"),
    ("33612345678.0", None, "no_region"),
    ("011 33 6 12 34 56 78", None, "no_region"),
    (33612345678, None, "ambiguous"),
    (33612345678.0, None, "ambiguous"),
    ("06 12 34 56 78", "XX", "unknown_region"),
    ("06 12 34 56 78", "UK", "unknown_region"),
    ("06 12 34 56 78", "France", "unknown_region"),
    ("06 12 34 56 78", "001", "unknown_region"),
    ("06 12 34 56 78", 33, "unknown_region"),
    (612345678, "XX", "unknown_region"),
    ("+0612345678", "FR", "unknown_country"),
    ("+0033612345678", "FR", "unknown_country"),
    ("+033 6 12 34 56 78", "FR", "unknown_country"),
    ("+999 12345678", "FR", "unknown_country"),
    ("00 0 612345678", None, "unknown_country"),
    # 00 is how the French call abroad; Americans do not.
    ("0033 6 12 34 56 78", "US", "not_possible"),
    ("+33 6 12 34 56", None, "not_possible"),
    ("06 12 34 56 7", "FR", "not_valid"),
    ("+1 415 055 0100", None, "not_valid"),
    ("00 12 34 56 78", "FR", "local_only"),
    ("555 2671", "US", "local_only"),
    ("+1 (0)415 555 2671", None, "not_possible"),
]


@pytest.mark.parametrize(("value", "region", "reason"), REFUSED)
def test_what_is_no_phone_number_is_refused_with_its_reason(value: Any, region: Any, reason: str) -> None:
    with pytest.raises(NumberError) as caught:
        NumberReader().read(value, region)
    assert caught.value.reason == reason
    assert str(caught.value) == REASONS[reason]


def test_every_reason_is_shown_above() -> None:
    assert {tuple(getattr(row, "values", row))[2] for row in REFUSED} == set(REASONS)


@pytest.mark.parametrize("missing", [None, "", "  ", float("nan")])
def test_a_row_without_region_is_in_the_default_one(missing: Any) -> None:
    assert NumberReader("FR").read("06 12 34 56 78", missing) == PARIS


def test_a_region_of_the_row_beats_the_default_one() -> None:
    reader = NumberReader("FR")
    assert [reader.read("030 12345678", region) for region in ("DE", "de", "DE")] == ["+493012345678"] * 3
    assert reader.read("06 12 34 56 78") == PARIS


@pytest.mark.parametrize("region", ["France", "F", "F1", "\u017f\u0131", 33, "+33"])
def test_a_default_region_that_cannot_be_one_is_refused(region: Any) -> None:
    with pytest.raises(NumberError, match="two letters"):
        NumberReader(region)


def test_a_check_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="check must be"):
        NumberReader(check="maybe")  # type: ignore[arg-type]


def test_each_check_refuses_what_it_says() -> None:
    too_short = "+33 6 12"
    assert outcome("+1 415 055 0100", check="valid") == "<not_valid>"
    assert outcome("+1 415 055 0100", check="possible") == "+14150550100"
    assert outcome(too_short, check="possible") == "<not_possible>"
    assert outcome(too_short, check=None) == "<not_possible>"  # nobody has so short a number
    assert outcome("555 2671", "US", check="possible") == "<local_only>"
    assert outcome("+1 (0)415 555 2671", check=None) == "<not_possible>"
    assert outcome("+14150550100", check="valid") == "+14150550100"  # was not normalised


def test_00_that_may_be_two_countries_is_ambiguous() -> None:
    # From Brazil, 0041 is "abroad, through carrier 41"; from Europe, it is Switzerland.
    text = "0041 44 20 7946 0958"
    assert outcome(text, "BR") == "+442079460958"
    assert outcome("0014155552671", "BR", check=None) == "<ambiguous>"
    assert outcome("0033612345678", "US", check=None) == "<ambiguous>"


def test_subclasses_come_out_as_plain_text() -> None:
    class Loud(str):
        def __str__(self) -> str:
            raise RuntimeError

    for text in (PARIS, "+33 6 12 34 56 78"):
        read = NumberReader().read(Loud(text))
        assert type(read) is str
        assert read == PARIS


def test_objects_that_fail_on_every_touch() -> None:
    class Hostile:
        def __getattribute__(self, name: str) -> Any:
            raise RuntimeError

        def __index__(self) -> int:
            raise RuntimeError

    class HostileFloat(float):
        def __float__(self) -> float:
            raise RuntimeError

    class HostileDecimal(Decimal):
        def __abs__(self) -> Decimal:
            raise RuntimeError

    assert outcome(Hostile(), "FR") == "<wrong_type>"
    assert outcome("0612345678", Hostile()) == "<unknown_region>"  # type: ignore[arg-type]
    assert outcome(HostileFloat(612345678), "FR") == PARIS
    assert outcome(HostileDecimal(612345678), "FR") == PARIS


def test_the_error_survives_pickling() -> None:
    error = pickle.loads(pickle.dumps(NumberError("no_region")))
    assert (error.reason, str(error)) == ("no_region", REASONS["no_region"])


def test_phonenumbers_is_imported_when_needed_only() -> None:
    code = (
        "import sys; from airflow_provider_revox.phone_numbers.reader import NumberReader; "
        f"NumberReader('FR').read('{PARIS}'); assert 'phonenumbers' not in sys.modules; "
        "NumberReader('FR').read('0612345678'); assert 'phonenumbers' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(("value", "region", "reason"), REFUSED)
def test_nothing_that_is_raised_shows_the_number(value: Any, region: Any, reason: str) -> None:
    with pytest.raises(NumberError) as caught:
        NumberReader().read(value, region)
    assert not re.search(r"\d{4,}", f"{caught.value} {caught.value!r} {caught.value.args}")
    assert caught.value.__context__ is None
