"""Tell whether a text shows nothing."""

from __future__ import annotations

from unicodedata import category

SPACES = "\t" + "".join(c for c in map(chr, range(0x3001)) if category(c) == "Zs")
"""The tab and the spaces of every width, but no line ends."""
_INVISIBLE = (
    0xAD, 0x34F, 0x61C, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), *range(0x200B, 0x2010),
    *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0x2800, 0x3164, *range(0xFE00, 0xFE10), 0xFEFF, 0xFFA0,
    *range(0xFFF0, 0xFFFC),
)  # fmt: skip
_CONTROLS = "".join(c for c in map(chr, range(0xA0)) if category(c) == "Cc" and c not in "\t\x7f")
BLANKS = SPACES + _CONTROLS + "\u2028\u2029" + "".join(map(chr, _INVISIBLE))
"""Every space, line end, control character and mark of Unicode that shows nothing of its own."""


def is_blank(text: str) -> bool:
    """Return whether a text is empty, or has nothing but spaces and invisible marks."""
    # Most texts begin with a visible character of ASCII. To compare takes less time.
    return not text or (not "!" <= text[0] < "\x7f" and not text.strip(BLANKS))
