"""The rules by which people are left out because of Revox's phone history."""

from __future__ import annotations

from dataclasses import dataclass

PATH = "/calls/phone-history"


@dataclass(frozen=True)
class HistoryRules:
    """
    The rules about the phone history that the user gives.

    :param skip_do_not_contact: Whether to leave out people who asked for no calls; ``None``: if the API has a
        phone history.
    :param not_called_within: Seconds. People who were called within them are left out.
    """

    skip_do_not_contact: bool | None = None
    not_called_within: float | None = None

    @property
    def needed_by(self) -> str:
        """Return the option that can't work without a phone history; empty: there is none."""
        if self.skip_do_not_contact:
            return "skip_do_not_contact"
        return "" if self.not_called_within is None else "not_called_within"

    @property
    def are_wanted(self) -> bool:
        """Return whether the phone history is read at all."""
        return self.skip_do_not_contact is not False or bool(self.needed_by)
