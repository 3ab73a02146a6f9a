"""What may be more than one number is read where it is one, and refused where it is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

PARIS = "+33612345678"


def outcome(value: Any, region: str | None = None, **options: Any) -> str:
    """Return the number, or the reason in brackets."""
    try:
        return NumberReader(**options).read(value, region)
    except NumberError as error:
        return f"<{error.reason}>"


@pytest.mark.parametrize(
    ("value", "region", "number"),
    [
        ("49 (0)30 123456", "DE", "+4930123456"),
        ("49(0)30123456", "DE", "+4930123456"),
        ("030/123456", "DE", "+4930123456"),
        ("6.12.05.78.90", "FR", "+33612057890"),
        ("6-12-05-78-90", "FR", "+33612057890"),
        ("06 - 12 - 34 - 56 - 78", "FR", PARIS),
        ("06. 12. 34. 56. 78.", "FR", PARIS),
        ("030 1234 56.78.90", "DE", "+49301234567890"),  # no day of a year
        ("06/12/34/56/78", "FR", PARIS),
        ("+33/6/12/34/56/78", None, PARIS),
        ("0470/12/34/56", "BE", "+32470123456"),
        ("347/123/45/67", "IT", "+393471234567"),
        ("0664 / 1234567", "AT", "+436641234567"),
        ("030 123456 - 0", "DE", "+49301234560"),
        ("0664 123-456789", "AT", "+43664123456789"),
        ("+49 1512 3456789", None, "+4915123456789"),
        # In its usual groups a number is itself, even if it begins with a country code.
        ("0491 5123456789", "DE", "+494915123456789"),
        ("+49 491 5123456789", None, "+494915123456789"),
        ("04921123456", "DE", "+494921123456"),
        ("04921 12 34 56", "DE", "+494921123456"),
        ("+49 4921 12 34 56", None, "+494921123456"),
        ("046-812 34 56", "SE", "+46468123456"),
        ("046-8123456", "SE", "+46468123456"),
        ("+46 46 812 34 56", None, "+46468123456"),
        ("03361 2345678", "DE", "+4933612345678"),
        ("01 42 68 53 00", "FR", "+33142685300"),
        ("020 7946 0958", "GB", "+442079460958"),
        ("+1 1 415 555 2671", None, "+14155552671"),
        ("011 20 15 550123", "US", "+2015550123"),
        ("0049 151 2345 6789", "AT", "+4915123456789"),
        ("+43 1 234567 89012", None, "+43123456789012"),
        ("+43 3842 123456", None, "+433842123456"),
        ("04915 123456", "DE", "+494915123456"),
        ("039 803123", "IT", "+39039803123"),  # an area code that looks like a zero and +39
        ("(0)30 123456", "DE", "+4930123456"),
        ("+39 (0)6 12345678", None, "+390612345678"),
        ("0039 (0)6 12345678", None, "+390612345678"),
        ("(0)35 123456", "IT", "+39035123456"),
        ("(0)35 1234567", "IT", "+390351234567"),  # without its zero, a mobile that is shorter than most
        ("+39 (0)39 2190748", None, "+390392190748"),
        ("39 (0)39 2190748", "IT", "+390392190748"),
        ("+44 (0)20 7946 0958", None, "+442079460958"),
        ("+39 (0)(35) 123456", None, "+39035123456"),
        ("+39 (0)(6) 82345678", None, "+390682345678"),
        ("(06 1) 234 5678", "HU", "+3612345678"),
        ("06 (1) 234 5678", "HU", "+3612345678"),
        ("8 (495) 123-45-67", "RU", "+74951234567"),
        ("7 (495) 123-45-67", "RU", "+74951234567"),
        ("1 (415) 555-2671", "US", "+14155552671"),
        ("+54 9 (11) 2345-6789", None, "+5491123456789"),
        ("(49) 3322-1234", "BR", "+554933221234"),  # an area of Brazil, not Germany
        ("55 11 96123 4567", "BR", "+5511961234567"),
        ("532 269 28 41", "TR", "+905322692841"),  # people there write mobiles with or without the zero
        (5322692841, "TR", "+905322692841"),
        ("65699 32540", "IN", "+916569932540"),
        (6569932540, "IN", "+916569932540"),
        ("376 312 345", "VN", "+84376312345"),
        ("(0-682) 77637", "LT", "+37068277637"),  # how people there write it, and not +682 77637
        ("0-682 77637", "LT", "+37068277637"),
        ("8222423456", "IN", "+918222423456"),  # may be a mobile, which people there write without the zero
        ("27 12 34 56", "LU", "+35227123456"),
        ("2712 3456", "LU", "+35227123456"),
        ("621 123456", "LU", "+352621123456"),
        ("04357 8130452", "AT", "+4343578130452"),
        ("0676 745 77 99", "AT", "+436767457799"),  # the digits of +676 745 7799, of Tonga
        ("0676/745 7799", "AT", "+436767457799"),
        ("+43 676 745 77 99", None, "+436767457799"),
        ("+43 (0)677 731-8453", None, "+436777318453"),
        ("0690 464008", "GP", "+590690464008"),  # the groups of +690 464008, of Tokelau
        ("0690/239571", "BL", "+590690239571"),
        ("043 689 2358", "CH", "+41436892358"),  # the groups of +43 689 2358
        ("+49 4903 123456", None, "+494903123456"),
        ("+49 4903123456", None, "+494903123456"),
        ("+359 43 012 345", None, "+35943012345"),
        ("030 12 34 56-78", "DE", "+493012345678"),
        ("06 12 34 56-78", "FR", PARIS),
        ("354 419 6034", "US", "+13544196034"),
        ("(254) 722 1234", "US", "+12547221234"),
        (919876543210, "IN", "+919876543210"),
        (9198765432, "IN", "+919198765432"),
        (612345678, "FR", "+33612345678"),
        (3382330848, "IT", "+393382330848"),
    ],
)
def test_what_looks_like_two_numbers_and_is_one(value: Any, region: str | None, number: str) -> None:
    assert outcome(value, region) == number


@pytest.mark.parametrize("check", ["possible", None])
@pytest.mark.parametrize(
    ("text", "region", "number"),
    [
        ("4915123456789", "DE", "<ambiguous>"),
        ("33612345678", "FR", PARIS),
        ("55110123456", "BR", "<ambiguous>"),  # neither reading is valid, and both have a possible length
    ],
)
def test_a_weaker_check_makes_no_number_less_ambiguous(
    check: Any, text: str, region: str, number: str
) -> None:
    assert outcome(text, region, check=check) == number


@pytest.mark.parametrize(
    ("value", "region", "reason"),
    [
        ("01 234567 / 234568", "AT", "ambiguous"),
        ("01 234567/234568", "AT", "ambiguous"),
        ("+43 1 234567 / 234568", None, "ambiguous"),
        ("0043 1 234567 / 234568", None, "ambiguous"),
        ("01 234567 / 234568 / 234569", "AT", "ambiguous"),
        ("01 234567 - 234568", "AT", "ambiguous"),
        ("01 234567 \N{EN DASH} 234568", "AT", "ambiguous"),
        ("01 234567- 234568", "AT", "ambiguous"),
        ("01 234567  234568", "AT", "ambiguous"),
        ("01 234567-234568", "AT", "ambiguous"),
        ("01 234567 234568", "AT", "ambiguous"),
        ("01 234567.234568", "AT", "ambiguous"),
        ("+43 1 234567 234568", None, "ambiguous"),
        ("030 19951-842174", "DE", "ambiguous"),
        ("0612345678/79", "FR", "ambiguous"),
        ("0612345678/79/80", "FR", "ambiguous"),
        ("0316/812345/46", "AT", "ambiguous"),
        ("0151 23456789 / 0151 23456790", "DE", "ambiguous"),
        ("0612345678/" * 3 + "0612345678", "FR", "not_possible"),  # more digits than two numbers have
        ("0 " * 120, "FR", "not_possible"),
        ("0301234 0301235", "DE", "ambiguous"),
        ("030 1234-030 1235", "DE", "ambiguous"),
        ("(030 123456) 2", "DE", "ambiguous"),
        ("(2) 030 123456", "DE", "ambiguous"),
        ("49 30 123436", "RU", "ambiguous"),  # +49 30 123436, or 8 (493) 012-34-36
        ("(49) 30-123436", "RU", "ambiguous"),
        ("\uff14\uff19 30 123436", "RU", "ambiguous"),
        ("49 40 123456", "BR", "ambiguous"),
        ("47 880 12 345", "US", "ambiguous"),
        ("252 4 012345", "US", "ambiguous"),  # the groups of Somalia, though 252 is an area of the US
        ("387 61 123 456", "IT", "ambiguous"),
        ("64 3 734 5677", "IN", "ambiguous"),
        (6437345677, "IN", "ambiguous"),  # a landline, which people in India write with its zero
        (6591417776, "IN", "ambiguous"),
        ("049 151 23456789", "DE", "ambiguous"),
        ("(049) 151 23456789", "DE", "ambiguous"),
        ("\uff10\uff14\uff19-151-23456789", "DE", "ambiguous"),
        ("tel:049 151 23456789", "DE", "ambiguous"),
        ("04357 813 0452", "AT", "ambiguous"),  # the groups of +43 57 813 0452, behind 0 and 43
        ("0 43 57 813 0452", "AT", "ambiguous"),
        ("+49 49030123456", None, "ambiguous"),  # +49 and 030 123456; no landline is 04903 0123456
        ("004949030123456", "DE", "ambiguous"),
        ("2721 123456", "LU", "ambiguous"),  # numbers there have no area codes, and 4 to 11 digits
        ("2721/123456", "LU", "ambiguous"),
        (680997406, "HU", "ambiguous"),  # 06 80 997 406 without its zero, or 06 680 997 406
        ("062 812345678", "ID", "ambiguous"),
        ("0 49 151 23456789", "DE", "ambiguous"),
        ("0-49-151-23456789", "DE", "ambiguous"),
        ("0/49/151/23456789", "DE", "ambiguous"),
        ("(0)49 151 23456789", "DE", "ambiguous"),
        ("(0) 49 151 23456789", "DE", "ambiguous"),
        ("0(49)151 23456789", "DE", "ambiguous"),
        ("049151 23456789", "DE", "ambiguous"),
        ("049151/23456789", "DE", "ambiguous"),
        ("(049151) 23456789", "DE", "ambiguous"),
        ("04915123456789", "DE", "ambiguous"),
        ("04915123456789.0", "DE", "ambiguous"),
        ("049151 23456789.0", "DE", "ambiguous"),
        ("49 49 151 23456789", "DE", "ambiguous"),
        (494915123456789, "DE", "ambiguous"),
        ("+49 49 151 23456789", None, "ambiguous"),
        ("+49 49 15123456789", None, "ambiguous"),
        ("+49 4915123456789", None, "ambiguous"),
        ("+4949 15123456789", None, "ambiguous"),
        ("+4949151 23456789", None, "ambiguous"),
        ("(+49) 49 0151 23456789", None, "ambiguous"),
        ("+49 (0) 49 151 23456789", None, "ambiguous"),
        ("0049 49 151 23456789", "AT", "ambiguous"),
        ("0049 (0) 49 151 23456789", "DE", "ambiguous"),
        ("0 62 812345678", "ID", "ambiguous"),
        ("(0)62 812 345 678", "ID", "ambiguous"),
        ("+62 62 812345678", None, "ambiguous"),
        ("0 46 8123456", "SE", "ambiguous"),
        ("046 8 123456", "SE", "ambiguous"),
        ("+46 46 8 123456", None, "ambiguous"),
        ("033 6 12 34 56 78", "DE", "ambiguous"),
        ("(033) 612345678", "DE", "ambiguous"),
        ("+49 33 6 12 34 56 78", None, "ambiguous"),
        ("+4933 6 12 34 56 78", None, "ambiguous"),
        ("01 415 200 0000", "AT", "ambiguous"),
        ("0248 641 2345", "SC", "ambiguous"),  # or +48 641 2345, since 02 is how people there call abroad
        ("0065 65 8123 4567", "SG", "ambiguous"),  # or +56 581 234 567 behind 006
        ("006666 2 123 4567", "TH", "ambiguous"),
        ("0 0151 23456789", "DE", "ambiguous"),  # an outside line, or +1 512 345 6789
        ("(0)0151 23456789", "DE", "ambiguous"),
        ("01 234567 234 568", "AT", "ambiguous"),
        ("01 234 567 234 568", "AT", "ambiguous"),
        ("01-234567-234-568", "AT", "ambiguous"),
        ("+43 1 234567 23 45 68", None, "ambiguous"),
        ("24/7 030 0838673", "DE", "ambiguous"),
        ("24-7 030 0838673", "DE", "ambiguous"),
        ("1/2 0662 1684860", "AT", "ambiguous"),
        ("1/2/3 0662 168486", "AT", "ambiguous"),
        ("1 / 2 0662 1684860", "AT", "ambiguous"),
        ("1.2. 0662 1684860", "AT", "ambiguous"),
        ("030 123456 ... 2", "DE", "ambiguous"),
        ("030 123456...2", "DE", "ambiguous"),
        ("030 123456. 2", "DE", "ambiguous"),
        ("030 123456 . 2", "DE", "ambiguous"),
        ("030 123456 -- 2", "DE", "ambiguous"),
        ("030 123456--2", "DE", "ambiguous"),
        ("030 123456 - - 2", "DE", "ambiguous"),
        ("030 123456 10.12.", "DE", "ambiguous"),
        ("030 123456 1.2.25", "DE", "ambiguous"),
        ("+49 30 123456 10.12.", None, "ambiguous"),
        ("+39 (0)312 345 6789", None, "ambiguous"),  # the zero belongs to a landline, and not to a mobile
        ("0039 (0)312 345 6789", None, "ambiguous"),
        ("(+39) (0)312 345 6789", None, "ambiguous"),
        ("39 (0)3123456789", "IT", "ambiguous"),
        ("+39 (0)(312) 345 6789", None, "ambiguous"),
        ("(0)312 345 6789", "IT", "ambiguous"),
        ("39 (0)800321261", "IT", "ambiguous"),
        ("2. 030 123456", "DE", "ambiguous"),
        ("030 123456 9-17", "DE", "ambiguous"),  # hours
        ("+49 30 123456 09-17", None, "ambiguous"),
        ("030 123456 (2)", "DE", "not_a_number"),
        ("030 123456 (2", "DE", "not_a_number"),
        ("030 (2) 123456", "DE", "not_a_number"),
        ("+49 30 123456 (2)", None, "not_a_number"),
        ("030) 123456", "DE", "not_a_number"),
        ("4915123456789", "DE", "ambiguous"),
        ("49 151 23456789", "DE", "ambiguous"),
        (4915123456789, "DE", "ambiguous"),
        (4915123456789.0, "DE", "ambiguous"),
        (Decimal("4915123456789"), "DE", "ambiguous"),
        ("468123456", "SE", "ambiguous"),
        ("33 6 12 34 56 78", "DE", "ambiguous"),
        (382330848, "IT", "ambiguous"),
        ("33612345678", "DE", "ambiguous"),
        (33612345678, "AT", "ambiguous"),
        ("15123456789", "DE", "ambiguous"),  # Germany without its zero, or the USA without the plus
    ],
)
def test_what_may_be_two_numbers_or_a_number_and_a_remark_is_refused(
    value: Any, region: str | None, reason: str
) -> None:
    assert outcome(value, region) == f"<{reason}>"
