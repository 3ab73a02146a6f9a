"""Say how people of a country write a number."""

from __future__ import annotations

import re

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberFormat, PhoneNumberType

from airflow_provider_revox.phone_numbers.text import digits_behind_groups


def has_usual_length(number: str) -> bool:
    """Tell whether a number is as long as the example of its kind."""
    parsed = phonenumbers.parse(number)
    region = phonenumbers.region_code_for_number(parsed) or "ZZ"
    example = phonenumbers.example_number_for_type(region, phonenumbers.number_type(parsed))
    digits_of = phonenumbers.national_significant_number
    return example is not None and len(digits_of(example)) == len(digits_of(parsed))


def is_mobile(number: str) -> bool:
    """Tell whether a number may be one of a mobile phone."""
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind in (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


def national_form(number: str) -> str:
    """Return a number as people of its country write it."""
    return phonenumbers.format_number(phonenumbers.parse(number), PhoneNumberFormat.NATIONAL)


def is_usual(digits: str, number: str) -> bool:
    """Tell whether people of the number's country write it with exactly these digits."""
    parsed = phonenumbers.parse(number)
    return "".join(filter(str.isdigit, national_form(number))) == digits or (
        phonenumbers.national_significant_number(parsed) == digits
        and _is_written_without_prefix(parsed.country_code or 0, digits)
    )


def _is_written_without_prefix(country_code: int, national: str) -> bool:
    """Tell whether people also write a number without its trunk prefix, as mobiles in Turkey."""
    region = phonenumbers.region_code_for_country_code(country_code)
    metadata = PhoneMetadata.metadata_for_region_or_calling_code(country_code, region)
    for form in metadata.number_format if metadata is not None else ():
        # As phonenumbers does: the last pattern of the first digits is the most precise one.
        begins = re.match(form.leading_digits_pattern[-1], national) if form.leading_digits_pattern else True
        if begins and re.fullmatch(form.pattern or "", national):
            return bool(form.national_prefix_optional_when_formatting)
    return False


def usual_groups(number: str) -> set[int]:
    """Return how many digits stand behind the area code of a number, and behind each group but the last."""
    national = len(phonenumbers.national_significant_number(phonenumbers.parse(number)))
    text = national_form(number)
    return {count for count in digits_behind_groups(text, text) if count < national}
