"""Hold contacts that need no second check."""

from __future__ import annotations

from collections.abc import Collection


class CheckedContacts:
    """
    Holds contacts that are checked already, as the API takes them. Its ``repr`` shows only how many they are.

    :param json: The contacts as a JSON array.
    :param numbers: Their numbers.
    """

    def __init__(self, json: bytes | bytearray, numbers: Collection[str]) -> None:
        self.json = json
        self.numbers = numbers

    def __len__(self) -> int:
        return len(self.numbers)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self):,})"

    __str__ = __repr__
