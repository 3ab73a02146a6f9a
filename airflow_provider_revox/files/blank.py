"""Tell whether a text shows nothing."""

from __future__ import annotations

from unicodedata import category

SPACES = "\t" + "".join(c for c in map(chr, range(0x3001)) if category(c) == "Zs")
"""The tab and the spaces of every width, but no line ends."""
_INVISIBLE = (
    0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010),
    *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x2800, 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0,
)  # fmt: skip
BLANKS = SPACES + "\n\r\v\f\x1a\x1c\x1d\x1e\x1f\x85\u2028\u2029" + "".join(map(chr, _INVISIBLE))
"""Every space, line end, end mark of DOS and mark of Unicode that shows nothing of its own."""


def is_blank(text: str) -> bool:
    """Return whether a text is empty, or has nothing but spaces and invisible marks."""
    return not text or not text.strip(BLANKS)
