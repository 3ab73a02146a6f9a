"""Say which texts of an answer are plain words. Anything else may be about a person."""

from __future__ import annotations

import re

_is_word = re.compile(r"[A-Za-z][A-Za-z_-]{0,39}").fullmatch


def is_word(text: str) -> bool:
    """Return whether a text may be shown: letters, hyphens and underscores, at most 40."""
    return _is_word(text) is not None
