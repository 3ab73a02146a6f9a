"""
``GET /campaigns`` read as a stream.

The list has no pages and carries every campaign with its assistant, 20 kB and more each, so it is read
piece by piece, and only what is looked for is kept.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ijson

KEPT = frozenset({"id", "name", "status", "is_cancelled", "created_at", "scheduled_at", "row_stats"})


MORE_PAGES = frozenset({"has_more", "next", "next_cursor", "next_page"})


class CampaignScanner:
    """
    Finds campaigns in the answer by their name.

    :param wanted: Tells from its name whether a campaign is looked for.
    """

    def __init__(self, wanted: Callable[[str], bool]) -> None:
        self._wanted = wanted
        self._events: list[tuple[str, str, Any]] = ijson.sendable_list()
        self._parser = ijson.parse_coro(self._events, use_float=True)
        self._found: list[dict[str, Any]] = []
        self._campaign: dict[str, Any] = {}
        self._field = ""
        self._builder: Any = None
        self._listed = False
        self._problem = ""

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of the answer."""
        if self._problem:
            return
        try:
            self._parser.send(chunk)
            self._take_events()
        except (ijson.JSONError, ValueError, OverflowError):
            self._problem = "not JSON"

    def finish(self) -> list[dict[str, Any]]:
        """
        Return the campaigns that were looked for, in the order of the answer.

        :raises ValueError: The answer was not a whole list of campaigns, so nothing follows from what is
            not in it.
        """
        try:
            self._parser.close()
            self._take_events()
        except (ijson.JSONError, ValueError, OverflowError):
            self._problem = self._problem or "not JSON"
        if not self._problem and not self._listed:
            self._problem = 'has no list "campaigns"'
        if self._problem:
            raise ValueError(self._problem)
        return self._found

    def _take_events(self) -> None:
        for prefix, event, value in self._events:
            if prefix == "campaigns" and event == "start_array":
                self._listed = True
            elif prefix in MORE_PAGES and event in ("string", "number", "boolean") and value:
                self._problem = "is not the whole list of campaigns: it has more pages"
            elif prefix == "campaigns.item":
                self._take_campaign_event(event, value)
            elif self._builder is not None:
                self._builder.event(event, value)
        self._events.clear()

    def _take_campaign_event(self, event: str, value: Any) -> None:
        self._keep_field()
        match event:
            case "start_map":
                self._campaign = {}
            case "map_key":
                if value in KEPT:
                    self._field, self._builder = value, ijson.ObjectBuilder()
            case "end_map":
                if "name" not in self._campaign:
                    self._problem = "a campaign in it has no name"
                name = self._campaign.get("name")
                if isinstance(name, str) and self._wanted(name):
                    self._found.append(self._campaign)
            case _:
                self._problem = "a campaign in it is no object"

    def _keep_field(self) -> None:
        if self._builder is not None:
            self._campaign[self._field] = getattr(self._builder, "value", None)
            self._builder = None
