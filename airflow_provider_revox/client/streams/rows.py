"""
Read the answer of ``GET /campaigns/{id}/rows`` as a stream.

One generation of the API answers in pages, later ones with all rows at once. The rows have transcripts, so
only one row is in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from airflow_provider_revox.client.ids import is_row_id
from airflow_provider_revox.client.streams.scanner import Scanner


@dataclass(frozen=True)
class RowsAnswer:
    """
    Describe one answer.

    :param ids: The ids of its rows.
    :param total: How many rows the campaign has; ``None`` if the server has no pages and sent all rows.
    """

    ids: list[str] = field(repr=False)
    total: int | None


class RowsScanner(Scanner):
    """
    Hand on the rows of an answer, one by one.

    A row says who is called and what they are told. So an answer that is not quite JSON is refused.

    :param take: Takes a row. Every row has an ``id``.
    """

    member, opens, whole = "rows", "[", "rows"
    longest_item = 16_000_000  # a row has the transcripts of its calls, and no event loop reads rows
    tolerant = False

    def __init__(self, take: Callable[[dict[str, Any]], None]) -> None:
        super().__init__()
        self._take = take
        self._ids: list[str] = []

    def finish(self, headers: Mapping[str, str] = MappingProxyType({})) -> RowsAnswer:
        """
        Return the ids and the total.

        :param headers: The headers of the answer, with names in lower case.
        :raises ValueError: The answer was not complete, so its rows can't be relied on.
        """
        self._close(headers)
        return RowsAnswer(self._ids, self._members.get("total"))

    def _find_problem(self, headers: Mapping[str, str]) -> str:
        if "total" not in self._members and "page" not in self._members:
            return super()._find_problem(headers)
        return "" if type(self._members.get("total")) is int else 'has pages, but no "total"'

    def _take_item(self, item: Any) -> None:
        if type(item) is not dict:
            self._problem = "a row in it is no object"
        elif type(item.get("id")) is not str or not is_row_id(item["id"]):
            self._problem = "a row in it has no id"
        else:
            self._ids.append(item["id"])
            self._take(item)
