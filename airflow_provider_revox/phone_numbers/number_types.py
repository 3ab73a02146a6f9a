"""Keep what a source tells about the digits of its numbers, where a Python float would not."""

from __future__ import annotations

from ctypes import c_float
from decimal import Decimal

EXACT_IN_32_BITS = 9
"""Each 32-bit float is told from all others by this many digits."""

_EXACT_IN_64_BITS = 16
"""A 64-bit float gives back 15 digits. A text of so many characters, with its point, has no more."""


class Float32(float):
    """A number that its source keeps in 32 bits. 24 of them hold digits, too few for a phone number."""

    def as_decimal(self) -> Decimal:
        """Return the shortest decimal that the source writes into the same 32 bits: 19.99, not 19.9899998."""
        for digits in range(1, EXACT_IN_32_BITS):
            text = f"{float(self):.{digits}g}"
            if c_float(float(text)).value == self:
                return Decimal(text)
        return Decimal(f"{float(self):.{EXACT_IN_32_BITS}g}")


def from_json(text: str) -> float | Decimal:
    """
    Read a number of JSON that is not whole.

    With an exponent it becomes a decimal, which shows that its last digits are unknown. A number that a
    float of 64 bits can't hold becomes a decimal, too.
    """
    number = float(text)
    if "e" in text.lower() or (len(text) > _EXACT_IN_64_BITS and Decimal(repr(number)) != Decimal(text)):
        return Decimal(text)
    return number
