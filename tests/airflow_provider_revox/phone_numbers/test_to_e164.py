"""All regions' numbers: the reader and its shortcuts against ``phonenumbers`` itself."""

from __future__ import annotations

import itertools
import random
import re
from typing import Any

import phonenumbers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import PhoneMetadata, PhoneNumber, PhoneNumberFormat, PhoneNumberType

from airflow_provider_revox.phone_numbers import to_e164
from airflow_provider_revox.phone_numbers.already_e164 import are_plainly_e164, is_e164, is_plainly_e164
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

REGIONS = sorted(phonenumbers.SUPPORTED_REGIONS)
KINDS = [kind for kind in PhoneNumberType.values() if kind != PhoneNumberType.UNKNOWN]


def e164(number: PhoneNumber) -> str:
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def examples() -> list[tuple[str | None, PhoneNumber]]:
    """All that libphonenumber has: each region's number of each type, and those of no region."""
    found: list[tuple[str | None, PhoneNumber]] = []
    for region in REGIONS:
        for kind in KINDS:
            if (number := phonenumbers.example_number_for_type(region, kind)) is not None:
                found.append((region, number))
    for code in sorted(phonenumbers.COUNTRY_CODES_FOR_NON_GEO_REGIONS):
        number = phonenumbers.example_number_for_non_geo_entity(code)
        assert number is not None
        found.append((None, number))
    return found


EXAMPLES = examples()


def outcome(value: Any, region: str | None = None, **options: Any) -> str:
    """Return the number, or the reason in brackets."""
    try:
        return NumberReader(**options).read(value, region)
    except NumberError as error:
        return f"<{error.reason}>"


def test_there_are_examples_of_all_regions() -> None:
    assert {region for region, _ in EXAMPLES} == {*REGIONS, None}
    assert len(EXAMPLES) > 1200


@pytest.mark.parametrize(
    "style",
    [
        PhoneNumberFormat.E164,
        PhoneNumberFormat.INTERNATIONAL,
        PhoneNumberFormat.RFC3966,
        PhoneNumberFormat.NATIONAL,
    ],
)
def test_all_example_numbers_come_out_right(style: int) -> None:
    wrong = []
    for region, number in EXAMPLES:
        if style == PhoneNumberFormat.NATIONAL and region is None:
            continue
        text = phonenumbers.format_number(number, style)
        readers = [NumberReader(region)] if style == PhoneNumberFormat.NATIONAL else [NumberReader()]
        if style != PhoneNumberFormat.NATIONAL:
            readers += [NumberReader("FR"), NumberReader("US")]  # a region must not matter
        for reader in readers:
            try:
                read = reader.read(text)
            except NumberError as error:
                read = error.reason
            if read != e164(number):
                wrong.append((region, text, read, e164(number)))
    assert wrong == []


def test_shortcuts_answer_as_phonenumbers_does() -> None:
    """
    Whatever digits: where a shortcut has an answer, it is that of ``phonenumbers``.

    Example numbers of every type, as they are dialled (trunk prefix, country code, prefix abroad) and with
    digits changed, missing or added.
    """
    chance = random.Random(1)
    answers = {"read": 0, "gave_up": 0}
    for region, number in EXAMPLES:
        significant = phonenumbers.national_significant_number(number)
        for _ in range(6):
            digits = _mutated(significant, chance)
            code = str(number.country_code)
            _compare(code + chance.choice(["", "", "0", "1", "8"]) + digits, None, chance, answers)
            if region is not None:
                prefix = chance.choice(
                    ["", "", "0", "1", "8", "9", "06", code, code + "0", "00", "011", "15"]
                )
                _compare(prefix + digits, region, chance, answers)
                # As if it belonged to another region of the same country code.
                other = chance.choice(phonenumbers.COUNTRY_CODE_TO_REGION_CODE[number.country_code])
                _compare(chance.choice(["", code]) + digits, other, chance, answers)
                trunk = phonenumbers.ndd_prefix_for_region(region, True) or ""
                _compare(trunk + digits, region, chance, answers)
    assert answers["read"] > 8_000  # or this compares nothing


def _mutated(digits: str, chance: random.Random) -> str:
    changed = list(digits)
    for _ in range(chance.choice([0, 1, 1, 2, 4])):
        changed[chance.randrange(len(changed))] = chance.choice("0123456789")
    if chance.random() < 0.1:
        changed.insert(chance.randrange(len(changed)), chance.choice("0123456789"))
    if chance.random() < 0.1 and len(changed) > 2:
        changed.pop(chance.randrange(len(changed)))
    return "".join(changed)


def _compare(digits: str, region: str | None, chance: random.Random, answers: dict[str, int]) -> None:
    check = chance.choice(["valid", "valid", "possible", None])
    if region is None:
        read = to_e164.try_international(digits, check)
    else:
        read = to_e164.try_national(digits, region, check)
    answers["gave_up" if read is None else "read"] += 1
    if read is not None:
        assert is_e164(read)
        assert read == to_e164.read_by_phonenumbers(digits if region else "+" + digits, region, check), (
            digits,
            region,
        )


@pytest.mark.parametrize("check", ["valid", "possible", None])
def test_the_long_way_answers_as_phonenumbers_does(check: Any) -> None:
    """The whole reader against the library itself, refusals included."""
    chance = random.Random(2)
    for region, number in chance.sample(EXAMPLES, 500):
        digits = "0" * chance.randrange(2) + _mutated(
            phonenumbers.national_significant_number(number), chance
        )
        if region is None or digits.startswith("00"):
            continue  # 00 may be refused as ambiguous
        read, expected = outcome(digits, region, check=check), _expected(digits, region, check)
        if read == "<ambiguous>" and phonenumbers.is_valid_number(phonenumbers.parse("+" + digits)):
            continue  # a number of another country, too; which examples meet this depends on the release
        assert (read[:1] if expected == "<" else read) == expected, (digits, region)


def _expected(digits: str, region: str, check: str | None) -> str:
    try:
        number = phonenumbers.parse(digits, region)
    except phonenumbers.NumberParseException:
        return "<"
    possible = (
        phonenumbers.is_possible_number_with_reason(number) == phonenumbers.ValidationResult.IS_POSSIBLE
    )
    good = {"valid": phonenumbers.is_valid_number(number), "possible": possible, None: True}[check]
    # What is not plainly E.164 could be read as another number, so it must be valid whatever is asked for.
    good = good and (is_plainly_e164(e164(number)) or phonenumbers.is_valid_number(number))
    return e164(number) if good and is_e164(e164(number)) else "<"


def test_no_short_input_gets_past_the_documented_error() -> None:
    """Each text of up to four of these characters: chance seldom draws what is nearly nothing."""
    readers = [NumberReader(region, check=None) for region in (None, "FR", "US", "BR", "CV", "KE")]
    for length in range(5):
        for characters in itertools.product("013+(.-/' ", repeat=length):
            for reader in readers:
                try:
                    assert is_e164(reader.read("".join(characters)))
                except NumberError as error:
                    assert error.reason  # noqa: PT017 - anything else fails the test


NEARLY = st.text(
    st.sampled_from(
        "0123456789+-. ()/x;#'eE,\t\n\u00a0\u202a\u200b\ufeff\u0660\u0666\u0966\uff19\uff0b\u2013\u00b2\u017f"
    ),
    max_size=24,
)
DIALLED = st.tuples(
    st.sampled_from(["", "+", "00", "0", "011 ", "+33 (0)", "+1", "+44 ", "tel:", "'"]),
    st.from_regex(r"[0-9]([ .\-/]?[0-9]){5,12}", fullmatch=True),
    st.sampled_from(["", ".0", " ", " x5", "/12", ";ext=7"]),
).map("".join)
ANYTHING = st.one_of(
    NEARLY,
    DIALLED,
    st.text(),
    st.none(),
    st.booleans(),
    st.integers(),
    st.integers(10**7, 10**13),
    st.floats(),
    st.decimals(),
    st.complex_numbers(),
    st.binary(),
    st.dates(),
    st.lists(st.text()),
    st.integers(0, 10**12).map(float),
)
PLACES = st.one_of(
    st.none(), st.sampled_from(["FR", "US", "BR", "IT", "AR", "GB", "JP", "xx"]), st.sampled_from(REGIONS)
)


@settings(max_examples=1500, deadline=None)
@given(ANYTHING, st.one_of(PLACES, st.text(max_size=3), st.floats(), st.integers()), st.data())
def test_any_input_is_read_once_and_for_all_or_refused(value: Any, region: Any, data: st.DataObject) -> None:
    check = data.draw(st.sampled_from(["valid", "possible", None]))
    reader = NumberReader(check=check)
    try:
        number = reader.read(value, region)
    except NumberError as error:
        _assert_discreet(error, value)
        return
    assert is_e164(number)
    assert reader.read(number, region) == number
    assert reader.read(number) == number
    # Whatever is sent is one number to whoever reads it: nobody is there twice in two ways of writing.
    parsed = phonenumbers.parse(number)
    assert e164(parsed) == number
    if check == "valid" and not (type(value) is str and is_e164(value)):
        assert phonenumbers.is_valid_number(parsed)


@pytest.mark.parametrize("region", REGIONS)
def test_a_number_with_what_is_dialled_within_its_country_is_the_same_number(region):
    metadata = PhoneMetadata.metadata_for_region(region)
    for kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE):
        number = phonenumbers.example_number_for_type(region, kind)
        if number is None:
            continue
        plain, national = e164(number), phonenumbers.national_significant_number(number)
        assert NumberReader().read(plain) == plain
        for prefix in {metadata.national_prefix or "0", "0"}:
            written = f"+{number.country_code}{prefix}{national}"
            try:
                read = NumberReader().read(written)
            except NumberError:
                continue
            assert read == e164(phonenumbers.parse(written)), written


@pytest.mark.parametrize("text", ["+12", "+999123456789", "+330612", "+3306123456789012"])
def test_what_only_looks_like_e164_is_refused(text):
    with pytest.raises(NumberError):
        NumberReader().read(text)


@given(st.lists(st.from_regex(r"\+[0-9]{6,16}\n?", fullmatch=True) | NEARLY, max_size=6))
def test_numbers_in_e164_format_are_told_all_at_once_as_one_by_one(texts: list[str]) -> None:
    assert are_plainly_e164(texts) == all(map(is_plainly_e164, texts))


def _assert_discreet(error: BaseException, value: Any) -> None:
    shown = f"{error} {error!r} {error.args}".replace("E.164", "")  # a value may be 164
    for run in re.findall(r"\d{3,}", f"{value} {value!r}" if not isinstance(value, int) else ""):
        assert run not in shown
    assert error.__context__ is None or not re.search(r"\d{3,}", f"{error.__context__!r}")


@pytest.mark.parametrize("check", [None, "possible", "valid"])
@pytest.mark.parametrize(
    "text",
    [
        "+49 2 1234 5678 90123",  # Germany has numbers that long, but with +49 it is more than 15 digits
        "+49 1234 5678 9012 3456 789",  # phonenumbers reads as many as 17 digits after the country code
    ],
)
def test_what_is_no_e164_is_not_possible_whatever_is_checked(text: str, check: Any) -> None:
    assert outcome(text, check=check) == "<not_possible>"


def test_a_third_zero_is_no_prefix_of_calls_abroad() -> None:
    assert outcome("000 6 12 34 56 78", "FR") == "<not_possible>"
    assert outcome("000 712345", "AD", check="possible") == "<not_valid>"
