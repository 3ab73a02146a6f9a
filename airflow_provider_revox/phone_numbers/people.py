"""The people on a list, in short: the same for the same people in whatever order."""

from __future__ import annotations

import zlib
from collections.abc import Collection
from dataclasses import dataclass
from operator import mul
from typing import Self


@dataclass(frozen=True)
class People:
    """
    The people on a list, in short.

    :param count: How many they are.
    :param checksum: The :func:`checksum` of their numbers.
    """

    count: int = 0
    checksum: int = 0

    @classmethod
    def of(cls, numbers: Collection[str]) -> Self:
        """
        Return the people on a list.

        :param numbers: Their numbers in E.164, each once.
        """
        return cls(len(numbers), checksum(numbers))


def checksum(numbers: Collection[str]) -> int:
    """
    Return a checksum of numbers that does not depend on their order.

    That of a list is the sum of those of its parts. So it can be made while the list is read, which takes a
    third of the time of sorting 100,000 numbers at the end. Each checksum is squared, because the plain sum
    often stays the same if two numbers exchange a digit.
    """
    checksums = list(map(zlib.crc32, map(str.encode, numbers)))
    return sum(map(mul, checksums, checksums))
