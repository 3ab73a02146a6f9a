"""Phone numbers as the API page wants them."""

from __future__ import annotations

import re

_E164 = re.compile(r"\+[1-9][0-9]{1,14}")


def is_e164(number: str) -> bool:
    """Whether ``number`` is written in E.164: ``+``, country code, at most 15 ASCII digits in all."""
    return _E164.fullmatch(number) is not None
