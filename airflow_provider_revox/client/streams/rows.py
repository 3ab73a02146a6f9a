"""
Read the answer of ``GET /campaigns/{id}/rows`` as a stream.

One generation of the API answers in pages, later ones with all rows at once. The rows have transcripts, so
only the rows of one block of the answer are in memory at a time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

from airflow_provider_revox.client.ids import is_row_id
from airflow_provider_revox.client.spelling import whole_number
from airflow_provider_revox.client.streams.blocks import BlockReader
from airflow_provider_revox.client.streams.scanner import Scanner


@dataclass(frozen=True)
class RowsAnswer:
    """
    Describes one answer.

    :param ids: The ids of its rows.
    :param total: How many rows the campaign has; ``None`` if the server has no pages and sent all rows.
    """

    ids: list[str] = field(repr=False)
    total: int | None


class Shape(Protocol):
    """Reads only the wanted part of each row. A row that it returns has an ``id``, which may be None."""

    def read_list(self, text: str) -> list[Any]:
        """
        Read a JSON list of rows.

        :raises ValueError: The text is not such a list, or has a row that only :meth:`read` can read.
        """

    def read(self, row: dict[str, Any]) -> Any:
        """Read a row as :mod:`json` has read it, whatever is in it."""


class RowsScanner(Scanner):
    """
    Hands on the rows of an answer, as many at once as have come together.

    A row says who is called and what they are told. So an answer that is not quite JSON is refused.

    :param take: Takes rows that follow each other. Every row has an ``id``.
    :param shape: Reads the rows. Default: they are read as a whole, as dictionaries.
    """

    member, opens, whole = "rows", "[", "rows"
    longest_item = 16_000_000  # a row has the transcripts of its calls, and no event loop reads rows
    tolerant = False

    def __init__(self, take: Callable[[list[Any]], None], shape: Shape | None = None) -> None:
        super().__init__()
        self._take = take
        self._shape = shape
        self._blocks = BlockReader(shape.read_list if shape else None)
        self._ids: list[str] = []
        self._rows: list[Any] = []

    def finish(self, headers: Mapping[str, str] = MappingProxyType({})) -> RowsAnswer:
        """
        Return the ids and the total.

        :param headers: The headers of the answer, with names in lower case.
        :raises ValueError: The answer was not complete, so its rows can't be relied on.
        """
        self._close(headers)
        return RowsAnswer(self._ids, whole_number(self._members.get("total")))

    def _find_problem(self, headers: Mapping[str, str]) -> str:
        if "total" not in self._members and "page" not in self._members:
            return super()._find_problem(headers)
        return "" if whole_number(self._members.get("total")) is not None else 'has pages, but no "total"'

    def _take_items(self, items: list[Any]) -> None:
        super()._take_items(items)
        self._take(self._rows)
        self._rows = []

    def _take_item(self, item: Any) -> None:
        if type(item) is dict:
            id_ = item.get("id")
            if self._shape:
                item = self._shape.read(item)
        elif self._shape and type(item) is not list:
            id_ = getattr(item, "id", None)
        else:
            self._problem = "a row in it is not an object"
            return
        if type(id_) is not str or not is_row_id(id_):
            self._problem = "a row in it has no id"
        else:
            self._ids.append(id_)
            self._rows.append(item)
