"""
Numbers of every region, as text, int and float, with and without plus: right or refused.

The numbers are the examples of libphonenumber, and valid numbers that differ from them in some digits. ``make
sweep`` sets ``SWEEP=all``: then all regions meet all others, and there are more numbers.
"""

from __future__ import annotations

import os
import random
import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Any

import phonenumbers
import pytest
from phonenumbers import PhoneNumber, PhoneNumberFormat, PhoneNumberType

from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

pytestmark = pytest.mark.matrix

EVERYTHING = os.environ.get("SWEEP") == "all"
VARIANTS = 40 if EVERYTHING else 2
REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
OTHERS = REGIONS if EVERYTHING else ["AT", "BR", "DE", "FR", "IT", "US"]
KINDS = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]
MAY_BE_MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)
digits_of = phonenumbers.national_significant_number
kind_of = phonenumbers.number_type
reader = cache(NumberReader)


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def national(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL)


def only_digits(text: str) -> str:
    return "".join(filter(str.isdigit, text))


def national_is(number: str, text: str) -> bool:
    """Tell whether people write a number with these digits, and in these groups if there are any."""
    parsed = phonenumbers.parse(number)
    if not text.isdecimal():
        return groups(text) in (groups(national(parsed)), groups(national(parsed).removeprefix("0")))
    return text == only_digits(national(parsed)) or (
        text == digits_of(parsed) and kind_of(parsed) in MAY_BE_MOBILE
    )


def groups(text: str) -> list[str]:
    return re.findall("[0-9]+", text)


@cache
def numbers() -> list[tuple[str, PhoneNumber]]:
    return list(chain.from_iterable(map(numbers_of, REGIONS)))


def numbers_of(region: str) -> Iterator[tuple[str, PhoneNumber]]:
    """Yield the example numbers of a region, and valid numbers that are like them."""
    chance = random.Random(region)
    for kind in KINDS:
        example = phonenumbers.example_number_for_type(region, kind)
        if example is None:
            continue
        yield region, example
        for _ in range(VARIANTS):
            digits = list(digits_of(example))
            for _ in range(chance.choice([1, 2, 4, 8])):
                digits[chance.randrange(len(digits))] = chance.choice("0123456789")
            number = phonenumbers.parse(f"+{example.country_code}{''.join(digits)}")
            # Of the same kind: the patterns of libphonenumber take landlines that are too long.
            is_alike = kind_of(number) == kind_of(example)
            if is_alike and phonenumbers.is_valid_number_for_region(number, region):
                yield region, number


def outcome(value: Any, region: str | None) -> str:
    """Return the number, or the reason."""
    try:
        return reader(region).read(value)
    except NumberError as error:
        return error.reason


def test_there_are_numbers_of_all_regions():
    assert {region for region, _ in numbers()} == set(REGIONS)
    assert len(numbers()) > 2_000


@pytest.mark.parametrize(
    "style", [PhoneNumberFormat.E164, PhoneNumberFormat.INTERNATIONAL, PhoneNumberFormat.RFC3966]
)
def test_a_number_with_its_plus_is_right_wherever_the_list_is_from(style):
    for region, number in numbers():
        text = phonenumbers.format_number(number, style)
        for home in (region, None, *OTHERS[:2]):
            assert outcome(text, home) == e164(number), (text, home)


def test_a_number_as_people_of_its_region_write_it_is_read_unless_its_digits_are_two_numbers_of_that_region():
    ambiguous = 0
    for region, number in numbers():
        text = national(number)
        for written in (text, only_digits(text), text.replace(" ", "-"), text.replace("-", " - ")):
            found = outcome(written, region)
            if found == "ambiguous":  # its area code is also the country code, as in 48 303 31 67 of Poland
                ambiguous += 1
                assert only_digits(text).startswith(str(number.country_code)), (written, region)
                assert outcome(f"+{only_digits(text)}", None).startswith("+"), (written, region)
            else:
                assert found == e164(number), (written, region)
    assert ambiguous < len(numbers()) / 500


@pytest.mark.parametrize("kind", [str, int, float])
def test_a_number_that_has_lost_its_plus_is_right_or_refused(kind):
    read: Counter[str] = Counter()
    for region, number in numbers():
        value = kind(e164(number)[1:])
        found = outcome(value, region)
        read["right" if found == e164(number) else found] += 1
        assert not found.startswith("+") or found == e164(number), (value, region)
        assert outcome(value, None) in ("no_region", "ambiguous")
    assert read["right"] > 50 * read.total() / 51, read
    assert read["ambiguous"] > 0


@pytest.mark.parametrize("kind", [int, float])
def test_a_number_that_has_lost_its_zeros_is_right_or_refused(kind):
    read: Counter[str] = Counter()
    for region, number in numbers():
        for digits in {digits_of(number), only_digits(national(number))}:
            found = outcome(kind(digits), region)
            read["right" if found == e164(number) else found] += 1
            assert not found.startswith("+") or found == e164(number), (kind(digits), region)
    assert read["right"] > 30 * read.total() / 31, read


def test_a_number_that_has_lost_its_plus_in_a_list_of_another_region_is_right_or_refused_if_that_shows():
    """Nothing shows it where people of that region write one of their numbers so."""
    read: Counter[str] = Counter()
    for _, number in random.Random(1).sample(numbers(), 1_400):
        bare = e164(number)[1:]
        if bare.startswith("1310") and len(bare) == 8:
            continue  # Canada's 310 1234 is dialled without an area code, and within Canada only
        spaced = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)[1:]
        for home in OTHERS:
            if phonenumbers.country_code_for_region(home) == number.country_code:
                continue
            for written in (bare, int(bare), float(bare), "00" + bare, spaced):
                found = outcome(written, home)
                if not found.startswith("+") or found == e164(number):
                    read["right or refused"] += 1
                    continue
                read["of that region"] += 1
                assert national_is(found, written if written == spaced else bare), (written, home)
    assert read["of that region"] < read.total() / 20, read


@pytest.mark.parametrize(
    "start",
    [
        "0 {} ",
        "0-{}-",
        "(0){} ",
        "0{} ",
        "(0{}) ",
        "0{}",
        "+{0} {0} ",
        "+{0}{0} ",
        "00{0} {0} ",
        "+{0} (0) {0} ",
    ],
)
def test_the_own_country_code_in_front_of_a_number_is_right_or_refused(start):
    """Nothing shows the second code where people write one of their numbers in the same groups."""
    read: Counter[str] = Counter()
    for region, number in numbers():
        if number.country_code == 1:
            continue  # their trunk prefix is the code
        text = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL).partition(" ")[2]
        if " " not in text:
            continue
        written = start.format(number.country_code) + text
        found = outcome(written, region)
        read["wrong" if found.startswith("+") and found != e164(number) else "right or refused"] += 1
    assert read["wrong"] == 0, read


@pytest.mark.parametrize("between", [" / ", "/", " - ", "  "])
def test_two_numbers_in_one_cell_are_refused(between):
    """The second is often written without the area code."""
    for region, number in numbers():
        if kind_of(number) != PhoneNumberType.FIXED_LINE:
            continue
        for text in (national(number), phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)):
            for second in (text, text[-6:].strip(" -/()"), digits_of(number)[-5:]):
                if len(only_digits(text)) <= 6:
                    continue  # of an island; two of them are longer than any number there
                written = text + between + second
                assert not outcome(written, region).startswith("+"), (written, region)


@pytest.mark.parametrize("note", [" (2)", "(2)", " (0)", " (12)", "(2", " (123456)"])
def test_a_remark_behind_a_number_is_refused(note):
    for region, number in numbers():
        for text in (national(number), e164(number), only_digits(national(number))):
            assert not outcome(text + note, region).startswith("+"), (text, note, region)
