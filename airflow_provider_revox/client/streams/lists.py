"""
Read the list of campaigns and the phone history as streams, and keep only what is wanted.

The list of campaigns has no pages. Every campaign is in it with its assistant, 20 kB and more each. The phone
history has everybody that the organization ever called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ijson

KEPT = frozenset({"id", "name", "status", "is_cancelled", "created_at", "scheduled_at", "row_stats"})

MORE_PAGES = frozenset({"has_more", "next", "next_cursor", "next_page"})


class _Scanner:
    """
    Read an answer in pieces.

    :param wanted: Returns whether something with this name is kept.
    """

    missing = ""
    """What an error says about an answer that is JSON, but not the expected one."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._events: list[tuple[str, str, Any]] = ijson.sendable_list()
        self._parser = ijson.parse_coro(self._events, use_float=True)
        self._builder: Any = None
        self._has_list = False
        self._problem = ""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the answer."""
        if not self._problem:
            self._take(self._parser.send, chunk)

    def _close(self) -> None:
        self._take(self._parser.close)
        if not self._problem and not self._has_list:
            self._problem = self.missing
        if self._problem:
            raise ValueError(self._problem)

    def _take(self, parse: Callable[..., None], *chunk: bytes) -> None:
        try:
            parse(*chunk)
            for prefix, event, value in self._events:
                self._take_event(prefix, event, value)
            self._events.clear()
        except (ijson.JSONError, ValueError, OverflowError):
            self._problem = self._problem or "not JSON"

    def _take_event(self, prefix: str, event: str, value: Any) -> None:
        raise NotImplementedError


class CampaignScanner(_Scanner):
    """
    Find campaigns by their name in the answer of ``GET /campaigns``.

    :param wanted: Returns whether the campaign with this name is wanted.
    """

    missing = 'has no list "campaigns"'

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        super().__init__(wanted)
        self._found: list[dict[str, Any]] = []
        self._campaign: dict[str, Any] = {}
        self._field = ""
        self.counts_not_launched = False
        """Whether any campaign, wanted or not, counts calls that are not launched."""

    def finish(self) -> list[dict[str, Any]]:
        """
        Return the wanted campaigns, in the order of the answer.

        :raises ValueError: The answer was not the whole list, so a campaign may exist that is not in it.
        """
        self._close()
        return self._found

    def _take_event(self, prefix: str, event: str, value: Any) -> None:
        if prefix == "campaigns" and event == "start_array":
            self._has_list = True
        elif prefix in MORE_PAGES and event in ("string", "number", "boolean") and value:
            self._problem = "is not the whole list of campaigns: it has more pages"
        elif prefix == "campaigns.item":
            self._take_campaign_event(event, value)
        elif self._builder is not None:
            self._builder.event(event, value)

    def _take_campaign_event(self, event: str, value: Any) -> None:
        self._keep_field()
        match event:
            case "start_map":
                self._campaign = {}
            case "map_key":
                if value in KEPT:
                    self._field, self._builder = value, ijson.ObjectBuilder()
            case "end_map":
                self._take_campaign()
            case _:
                self._problem = "a campaign in it is no object"

    def _take_campaign(self) -> None:
        if "name" not in self._campaign:
            self._problem = "a campaign in it has no name"
        row_stats = self._campaign.get("row_stats")
        if isinstance(row_stats, dict) and isinstance(row_stats.get("not_launched"), int):
            self.counts_not_launched = True
        name = self._campaign.get("name")
        if isinstance(name, str) and self._wanted(name):
            self._found.append(self._campaign)

    def _keep_field(self) -> None:
        if self._builder is not None:
            self._campaign[self._field] = getattr(self._builder, "value", None)
            self._builder = None


class HistoryScanner(_Scanner):
    """
    Hand on the wanted records in the answer of ``GET /calls/phone-history``, one by one.

    :param wanted: Returns whether the record of this number is wanted.
    :param take: Takes a number and its record. Numbers that were never called have none.
    """

    missing = 'has no object "phone_history"'

    def __init__(self, wanted: Callable[[str], bool], take: Callable[[str, Any], None]) -> None:
        super().__init__(wanted)
        self._take_record = take
        self._number = ""

    def finish(self) -> None:
        """
        Check that the answer is complete.

        :raises ValueError: The answer was not the whole phone history, so a record may be missing.
        """
        self._close()

    def _take_event(self, prefix: str, event: str, value: Any) -> None:
        if prefix != "phone_history":
            if self._builder is not None:
                self._builder.event(event, value)
            return
        if self._builder is not None:
            self._take_record(self._number, getattr(self._builder, "value", None))
            self._builder = None
        self._has_list |= event == "start_map"
        if event == "map_key" and self._wanted(value):
            self._number, self._builder = value, ijson.ObjectBuilder()
