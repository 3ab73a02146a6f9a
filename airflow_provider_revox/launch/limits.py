"""Limit how many campaigns of one launch are looked at one by one, and for how long."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from airflow_provider_revox.launch.errors import LaunchUnconfirmedError
from airflow_provider_revox.launch.steps import Steps, Wait

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.launch.identity import LaunchIdentity

MOST_OF_LAUNCH = 10_000
"""How many campaigns one launch may have: a mapped task has one for each of its lists."""
MOST_OF_LIST = 50
"""How many campaigns one list, or one place of a mapped task, may have: one for each try, and its copies."""
SECONDS_FOR_LAUNCH = 600.0
"""How long all campaigns of a launch may be looked at. A mapped task may have a thousand of them."""
FEWEST_SECONDS_FOR_COPIES = 10.0
"""How long copies may be looked at, however short ``reconcile_timeout`` is."""


def refuse_too_many(found: Sequence[Campaign], identity: LaunchIdentity) -> None:
    """
    Refuse a list that shows too many campaigns of one list or place.

    :param found: All campaigns that carry the tag of this launch.
    :raises LaunchUnconfirmedError: It does. A person must decide which of them to adopt or to cancel.
    """
    tags = [tag for one in found if (tag := identity.find(one))]
    most = max(
        [0, *Counter(tag.people for tag in tags).values(), *Counter(tag.place for tag in tags).values()]
    )
    if most > MOST_OF_LIST:
        raise LaunchUnconfirmedError(
            f"Revox lists {most:,} campaigns of this launch with the same list or place. At most "
            f"{MOST_OF_LIST} are looked at, so this try does not know which is its own. It launches and "
            "cancels nothing more. In Revox, remove the tag ([af-...]) from the names of all copies, then "
            "clear this task."
        )


class TimeLimit:
    """
    Limits how long campaigns are looked at one by one.

    The first campaign is always looked at, and the time begins after it.

    :param seconds: How long.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._is_first = True
        self._began: float | None = None

    def check(self) -> Steps[None]:
        """
        Check that there is time for one more campaign.

        :raises LaunchUnconfirmedError: There is none.
        """
        if self._is_first:
            self._is_first = False
            return
        passed = yield Wait(0)  # it waits for nothing, and says how many seconds have passed
        if self._began is None:
            self._began = passed
        if passed - self._began > self._seconds:
            raise LaunchUnconfirmedError(
                "Revox lists several campaigns of this launch, and this try could not look at all of them "
                f"in {self._seconds:g} s. It launches and cancels nothing more. The next try looks again."
            )
