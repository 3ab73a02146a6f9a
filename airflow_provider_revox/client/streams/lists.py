"""
Long answers read as a stream.

The list of campaigns has no pages and carries every campaign with its assistant, 20 kB and more each, so it
is read piece by piece, and only what is looked for is kept. So is the phone history, which has everybody who
was ever called.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ijson

KEPT = frozenset({"id", "name", "status", "is_cancelled", "created_at", "scheduled_at", "row_stats"})

MORE_PAGES = frozenset({"has_more", "next", "next_cursor", "next_page"})


class _Scanner:
    """
    Takes an answer piece by piece.

    :param wanted: Tells what is kept.
    """

    missing = ""
    """What to say of an answer that is JSON, but another."""

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._events: list[tuple[str, str, Any]] = ijson.sendable_list()
        self._parser = ijson.parse_coro(self._events, use_float=True)
        self._builder: Any = None
        self._listed = False
        self._problem = ""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the answer."""
        if not self._problem:
            self._take(self._parser.send, chunk)

    def _close(self) -> None:
        self._take(self._parser.close)
        if not self._problem and not self._listed:
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
    Finds campaigns in the answer of ``GET /campaigns`` by their name.

    :param wanted: Tells from its name whether a campaign is looked for.
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
        Return the campaigns that were looked for, in the order of the answer.

        :raises ValueError: The answer was not a whole list of campaigns, so nothing follows from what is
            not in it.
        """
        self._close()
        return self._found

    def _take_event(self, prefix: str, event: str, value: Any) -> None:
        if prefix == "campaigns" and event == "start_array":
            self._listed = True
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
    Hands the records of people in the answer of ``GET /calls/phone-history`` on, one by one.

    :param wanted: Tells whether a number is looked for.
    :param take: Takes such a number and what is known of it. Who was never called is not among them.
    """

    missing = 'has no object "phone_history"'

    def __init__(self, wanted: Callable[[str], bool], take: Callable[[str, Any], None]) -> None:
        super().__init__(wanted)
        self._record_of = take
        self._number = ""

    def finish(self) -> None:
        """
        End the answer.

        :raises ValueError: The answer was not a whole phone history, so nothing follows from what is not in
            it.
        """
        self._close()

    def _take_event(self, prefix: str, event: str, value: Any) -> None:
        if prefix != "phone_history":
            if self._builder is not None:
                self._builder.event(event, value)
            return
        if self._builder is not None:
            self._record_of(self._number, getattr(self._builder, "value", None))
            self._builder = None
        self._listed |= event == "start_map"
        if event == "map_key" and self._wanted(value):
            self._number, self._builder = value, ijson.ObjectBuilder()
