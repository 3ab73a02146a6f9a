"""Dial the people of a campaign, and remember who was dialed."""

from __future__ import annotations

from collections import Counter

from revox_sandbox.play.outcomes import Draw
from revox_sandbox.play.people import Attempt, Row, is_phone_number


class Phone:
    """
    The phone of a campaign.

    :param draw: Decides how each attempt goes.
    :param post_processing_seconds: Seconds from the end of a talk until the row is completed.
    """

    def __init__(self, draw: Draw, post_processing_seconds: float) -> None:
        self.dialed: set[str] = set()
        """The numbers that were dialed. A text that is not a phone number is never dialed."""
        self.dialed_again: Counter[str] = Counter()
        """How often a number was dialed after a person had answered it in this campaign."""
        self._answered: set[str] = set()
        self._draw = draw
        self._post_processing_seconds = post_processing_seconds

    def dial(self, row: Row, now: float) -> Attempt:
        """
        Start the next attempt to call the person of a row.

        :param row: The row.
        :param now: The present, as seconds since 1970.
        """
        number = row.contact.to_phone_number
        if is_phone_number(number):
            self.dialed.add(number)
            if number in self._answered:
                self.dialed_again[number] += 1
            drawn = self._draw(row.index, len(row.attempts))
            attempt = Attempt.of(drawn, now, self._post_processing_seconds)
            if attempt.result == "human":
                self._answered.add(number)
        else:
            attempt = Attempt.of_no_number(now)
        row.attempts.append(attempt)
        return attempt
