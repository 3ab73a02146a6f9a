"""Define the errors of taking people out of campaigns."""

from __future__ import annotations

from collections.abc import Sequence

from airflow_provider_revox.client.errors import RevoxError

AGAIN = (
    "Cancel the campaign with CancelCampaignOperator. RelaunchCampaignOperator then calls the people whom it "
    "did not reach, and leaves out the people in suppress."
)


class CallsCantBeCancelledError(RevoxError):
    """The API of this organization can't cancel single calls. Nothing was changed."""

    def __str__(self) -> str:
        return (
            "The Revox API of this organization can't cancel single calls: GET /auth-status is 404, and "
            f"every Revox that can do it has that. No call was cancelled. {AGAIN}"
        )


class PeopleLeftError(RevoxError):
    """
    Somebody who was to be taken out may still be called.

    :param counts: What became of the people, in words.
    :param problems: One text for each campaign that has a problem.
    :param transient: Whether another try may help.
    """

    def __init__(self, counts: str, problems: Sequence[str], *, transient: bool) -> None:
        super().__init__(counts, problems)
        self.counts, self.problems, self.transient = counts, list(problems), transient

    def __str__(self) -> str:
        advice = " Another try goes on with what is left." if self.transient else ""
        head = f"People who opted out may still be called ({self.counts}).{advice}"
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])
