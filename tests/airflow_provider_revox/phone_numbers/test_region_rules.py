from __future__ import annotations

import re
from typing import Any

from airflow_provider_revox.phone_numbers import region_rules


class _Region:
    """A region of a country code that several share."""

    def __init__(self, leading: str | None, valid: set[str]) -> None:
        self.leading_digits = re.compile(leading).match if leading else None
        self.is_valid = valid.__contains__


def test_a_region_has_the_last_word_on_numbers_that_begin_with_its_digits() -> None:
    regions: Any = [_Region(None, {"1111"}), _Region("2", {"2222"}), _Region(None, {"2111", "3111"})]
    country = region_rules.CountryRules("7", regions)
    valid = {number for number in ("1111", "2222", "2111", "3111", "4111") if country._is_valid(number)}
    assert valid == {"1111", "2222", "3111"}
