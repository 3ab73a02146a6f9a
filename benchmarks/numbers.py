"""
What it costs to read a phone number.

100,000 numbers each in E.164, international and national format, mobile and fixed-line numbers of five
countries, one reader per country, against ``phonenumbers`` called per row: parse, check, format. In turn in
one process; shown is the median of several rounds.
"""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberFormat

from airflow_provider_revox.phone_numbers.reader import NumberReader

ROUNDS = 5
NUMBERS = 100_000
REGIONS = {
    "FR": "612345678",
    "GB": "7400123456",
    "US": "4152000000",
    "DE": "15123456789",
    "BR": "11961234567",
}
FORMATS = {
    "E.164": PhoneNumberFormat.E164,
    "international": PhoneNumberFormat.INTERNATIONAL,
    "national": PhoneNumberFormat.NATIONAL,
}
LEAST_RATIOS = {"E.164": 40.0, "international": 3.0, "national": 4.0}
"""
How much faster than ``phonenumbers`` numbers in each format must be read. Machines differ: the same code read
national numbers 5.1 times as fast on one, and 4.2 times on another.
"""


def measure() -> str:
    """Return the table."""
    numbers = _numbers()
    rows = []
    for name, style in FORMATS.items():
        written = [(phonenumbers.format_number(number, style), region) for number, region in numbers]
        ours, theirs = _medians(written)
        ratio = theirs / ours
        assert ratio >= LEAST_RATIOS[name], f"{name}: only {ratio:.1f} times as fast as phonenumbers"
        rows.append(f"| {name} | {ours:.2f} µs | {theirs:.1f} µs | **{ratio:.1f}** |")
    return "\n".join(["| format | `NumberReader` | `phonenumbers` | ratio |", "|---|---|---|---|", *rows])


def _numbers() -> list[tuple[PhoneNumber, str]]:
    chance = random.Random(4)
    found: list[tuple[PhoneNumber, str]] = []
    while len(found) < NUMBERS:
        region, example = chance.choice(list(REGIONS.items()))
        digits = example[:-6] + f"{chance.randrange(10**6):06}"
        number = phonenumbers.parse(digits, region)
        if phonenumbers.is_valid_number(number):
            found.append((number, region))
    return found


def _medians(written: list[tuple[str, str]]) -> tuple[float, float]:
    readers = {region: NumberReader(region) for region in REGIONS}
    ways = [lambda text, region: readers[region].read(text), _by_phonenumbers]
    seconds: list[list[float]] = [[], []]
    results: list[list[str]] = [[], []]
    for _ in range(ROUNDS):
        for place, read in enumerate(ways):
            results[place], took = _timed(read, written)
            seconds[place].append(took)
    assert results[0] == results[1], "not the same numbers"
    mine, theirs = (statistics.median(each) / len(written) * 1e6 for each in seconds)
    return mine, theirs


def _timed(read: Callable[[str, str], str], written: list[tuple[str, str]]) -> tuple[list[str], float]:
    start = time.perf_counter()
    result = [read(text, region) for text, region in written]
    return result, time.perf_counter() - start


def _by_phonenumbers(text: str, region: str) -> str:
    number = phonenumbers.parse(text, region)
    assert phonenumbers.is_valid_number(number)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)
