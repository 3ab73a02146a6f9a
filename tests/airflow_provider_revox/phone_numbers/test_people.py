from __future__ import annotations

import itertools

from airflow_provider_revox.phone_numbers.people import People, checksum

ADA, BOB, CY = "+33612345678", "+14155550100", "+447400123456"


def test_the_same_people_are_the_same_in_whatever_order():
    assert len({People.of(numbers) for numbers in itertools.permutations([ADA, BOB, CY])}) == 1


def test_other_people_are_others():
    assert len({People.of(numbers) for numbers in ([], [ADA], [BOB], [ADA, BOB], [BOB, CY])}) == 5


def test_the_checksum_of_a_list_is_the_sum_of_those_of_its_parts():
    assert checksum([ADA, BOB, CY]) == checksum([ADA]) + checksum([BOB, CY])
