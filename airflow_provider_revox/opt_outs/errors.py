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
            f"every Revox that can do it has this endpoint. No call was cancelled. {AGAIN}"
        )


class PeopleLeftError(RevoxError):
    """
    Somebody who opted out may still be called. Another try goes on with what is left.

    :param counts: What became of the people, in words.
    :param problems: What is wrong, one text each: the campaign, and what to do.
    """

    transient = True

    def __init__(self, counts: str, problems: Sequence[str]) -> None:
        super().__init__(counts, problems)
        self.counts, self.problems = counts, list(problems)

    def __str__(self) -> str:
        head = f"People who opted out may still be called ({self.counts})."
        return "\n".join([head, *(f"  {problem}" for problem in self.problems)])


class PeopleStayError(PeopleLeftError):
    """Somebody who opted out may still be called, and no other try can help."""

    transient = False
