"""
Read the list of campaigns and the phone history as streams, and keep only what is wanted.

The list of campaigns has no pages. Every campaign is in it with its assistant, 20 kB and more each. The phone
history has everybody that the organization ever called.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from airflow_provider_revox.client.limits import MOST_ITEMS
from airflow_provider_revox.client.spelling import whole_number
from airflow_provider_revox.client.streams.scanner import Scanner

KEPT = frozenset({"id", "name", "status", "is_cancelled", "created_at", "scheduled_at", "row_stats"})
MOST_KEPT = 100_000_000
"""How many characters the wanted campaigns may have together, without their assistants."""
_NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class CampaignScanner(Scanner):
    """
    Finds campaigns by their name in the answer of ``GET /campaigns``.

    A campaign whose name is missing, null or no text is somebody else's: every launch sends a name, and the
    answer to the create shows whether Revox has kept it.

    :param wanted: Returns whether the campaign with this name is wanted.
    :param most: How many campaigns may be wanted.
    """

    member, opens, whole = "campaigns", "[", "campaigns"

    def __init__(self, wanted: Callable[[str], bool], most: int = MOST_ITEMS) -> None:
        super().__init__()
        self._wanted, self._most = wanted, most
        self._ids: set[str] = set()
        self._found: list[dict[str, Any]] = []
        self._shows_names = False
        self._kept_chars = 0
        self.counts_not_launched = False
        """Whether any campaign, wanted or not, counts calls that are not launched."""

    def finish(self, headers: Mapping[str, str] = _NO_HEADERS) -> list[dict[str, Any]]:
        """
        Return the wanted campaigns, in the order of the answer.

        :param headers: The headers of the answer, with names in lower case.
        :raises ValueError: The answer was not the whole list, so a campaign may exist that is not in it.
        """
        self._close(headers)
        return self._found

    def _find_problem(self, headers: Mapping[str, str]) -> str:
        if self._count and not self._shows_names:
            # Nothing can be found by its name in a list without names.
            return "a campaign in it has no name, and neither has any other"
        return super()._find_problem(headers)

    def _take_item(self, item: Any) -> None:
        if not isinstance(item, dict):
            self._problem = "a campaign in it is not an object"
            return
        row_stats = item.get("row_stats")
        if isinstance(row_stats, dict) and whole_number(row_stats.get("not_launched")) is not None:
            self.counts_not_launched = True
        self._shows_names |= "name" in item
        name = item.get("name")
        if not isinstance(name, str):
            return
        # Half a surrogate pair is not text that can be written or compared.
        name = name if name.isascii() else name.encode(errors="replace").decode()
        if not self._wanted(name):
            return
        if isinstance(id_ := item.get("id"), str):  # any other id is refused when the campaign is read
            if id_ in self._ids:
                self._problem = "a campaign comes twice in it"
            self._ids.add(id_)
        kept = {key: item[key] for key in KEPT & item.keys()} | {"name": name}
        self._check_depth(kept)
        self._kept_chars += len(repr(kept))
        if self._kept_chars > MOST_KEPT:
            self._problem = f"has more than {MOST_KEPT:,} characters of wanted campaigns"
        self._found.append(kept)
        if len(self._found) > self._most:
            self._problem = f"has more than {self._most:,} campaigns whose name is wanted"


class HistoryScanner(Scanner):
    """
    Hands on the wanted records in the answer of ``GET /calls/phone-history``, one by one.

    :param wanted: Returns whether the record of this number is wanted.
    :param take: Takes a number and its record. Numbers that were never called have none.
    """

    member, opens, whole = "phone_history", "{", "numbers"

    def __init__(self, wanted: Callable[[str], bool], take: Callable[[str, Any], None]) -> None:
        super().__init__()
        self._wanted = wanted
        self._take_record = take

    def finish(self, headers: Mapping[str, str] = _NO_HEADERS) -> None:
        """
        Check that the answer is complete.

        :param headers: The headers of the answer, with names in lower case.
        :raises ValueError: The answer was not the whole phone history, so a record may be missing.
        """
        self._close(headers)

    def _take_pair(self, name: str, value: Any) -> None:
        if self._wanted(name):
            self._check_depth(value)
            self._take_record(name, value)
