"""
Whom a campaign that has ended did not reach, from its rows.

Wrong in one direction it calls somebody twice, in the other it leaves somebody out. So whatever can't be read
counts as reached.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.contacts.numbers import NumberError, NumberReader

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.models import Campaign, Row

PAGE_SIZE = 500
ENDED = frozenset({"completed", "cancelled", "errored"})
OPEN = frozenset(
    {
        "initializing",
        "queued_for_calling",
        "calling",
        "post_processing",
        "scheduled",
        "paused",
        "not_launched",
    }
)
DIAL_ERRORS = frozenset(
    {
        "number_non_attributed",
        "too_many_calls",
        "busy",
        "temporarily_unavailable",
        "no_answer",
        "no_international_permission",
        "precondition_failed",
        "non_classified_error",
    }
)
ATTEMPT_ENDED = frozenset({"completed", "error"})
ATTEMPT_OPEN = frozenset({"queued", "ringing", "ongoing"})

Reach = Literal["unreached", "reached", "unreadable", "open"]


class NotOverError(RevoxError):
    """The campaign has not ended, so whom it does not reach is not known. Nobody was called."""

    transient = True


class RowsDriftedError(RevoxError):
    """The rows that were read are not just those that the campaign has. Nobody was called."""

    transient = True


@dataclass(frozen=True)
class Rest:
    """
    Whom a campaign did not reach.

    :param contacts: As the API takes them.
    :param left_out: How many rows are left out, and why.
    """

    contacts: list[dict[str, Any]] = field(repr=False)
    left_out: Mapping[str, int]


def read_rest(client: RevoxClient, campaign_id: str) -> Rest:
    """
    Read whom a campaign did not reach.

    :raises NotOverError: It still calls, or may.
    :raises RowsDriftedError: Not all of its rows could be read.
    """
    campaign = client.get_campaign(campaign_id)
    check_over(campaign)
    rows = _read_rows(client, campaign_id)
    total = campaign.row_stats.total if campaign.row_stats else None
    if total is not None and total != len(rows):
        raise RowsDriftedError(f"Campaign {campaign_id} counts {total:,} rows, but {len(rows):,} came.")
    return rest_of(campaign, rows)


def check_over(campaign: Campaign) -> None:
    """
    Refuse a campaign that still calls, or may.

    :raises NotOverError: It does.
    """
    if campaign.is_cancelled is not True and campaign.status != "completed":
        raise NotOverError(
            f"Campaign {campaign.id} is {campaign.shown_status}: it may still call its "
            "people. Wait for its end, or cancel it; then this task can call the rest."
        )
    if campaign.row_stats and campaign.row_stats.calling:
        raise _still_calling(campaign, campaign.row_stats.calling)


def rest_of(campaign: Campaign, rows: Iterable[Row]) -> Rest:
    """
    Return whom a campaign did not reach.

    :param campaign: It has ended.
    :param rows: All of its rows.
    :raises NotOverError: A call may still be made, or is being made.
    """
    left_out: Counter[str] = Counter()
    kept: list[Row] = []
    reached: set[str | None] = set()
    for row in rows:
        found = reach(row)
        if found == "unreached":
            kept.append(row)
        else:
            left_out[found] += 1
            reached.add(_person(row))
    if still := left_out["open"]:
        raise _still_calling(campaign, still)
    # The same number may be in several rows, and one call is enough.
    unreached = [row for row in kept if _person(row) not in reached]
    left_out["reached"] += len(kept) - len(unreached)
    contacts = [
        {"to_phone_number": row.phone_number, "prompt_variables": row.input_data} for row in unreached
    ]
    return Rest(contacts, +left_out)


def _person(row: Row) -> str | None:
    """Return the number as it is called: one person may be there in two ways of writing."""
    try:
        return NumberReader(check=None).read(row.phone_number)
    except NumberError:
        return row.phone_number


def reach(row: Row) -> Reach:
    """
    Say whether a row's call reached anybody: somebody, or something such as a mailbox, answered.

    :return: ``open`` if the call may still be made, or is being made.
    """
    if row.phone_number is None or "call" not in row.model_fields_set:
        return "unreadable"
    if row.call is None:
        return "unreached"
    status, attempts = row.call.get("status"), row.call.get("call_attempts")
    if status == "completed" and attempts == []:
        return "unreadable"
    if status in OPEN:
        return "open"
    if status not in ENDED or not isinstance(attempts, list) or row.call.get("calls_count") != len(attempts):
        return "unreadable"
    found = {_reach_of_attempt(attempt) for attempt in attempts}
    if row.call.get("outcome") is not None:
        found.add("reached")
    for worst in ("open", "reached", "unreadable"):
        if worst in found:
            return worst
    return "unreached"


def _reach_of_attempt(attempt: Any) -> Reach:
    if not isinstance(attempt, dict):
        return "unreadable"
    if attempt.get("status") in ATTEMPT_OPEN:
        return "open"
    if attempt.get("answered_at") is not None or attempt.get("result") is not None:
        return "reached"
    known = attempt.get("status") in ATTEMPT_ENDED and attempt.get("dial_error") in DIAL_ERRORS
    return "unreached" if known else "unreadable"


def _still_calling(campaign: Campaign, calls: int) -> NotOverError:
    return NotOverError(
        f"Campaign {campaign.id} has ended, but {calls:,} of its calls have not: they are in progress, or "
        "may still be made. When they are over this task can call the rest."
    )


def _read_rows(client: RevoxClient, campaign_id: str) -> list[Row]:
    """Read all rows, in pages or, where the API has none, at once."""
    rows: dict[str, Row] = {}
    for page in itertools.count(1):
        answer = client.get_rows(campaign_id, page=page, page_size=PAGE_SIZE)
        known = len(rows)
        rows.update((row.id, row) for row in answer.rows)
        if len(rows) < known + len(answer.rows):
            raise RowsDriftedError(f"A row of campaign {campaign_id} came twice.")
        if answer.page is None and answer.total is None:
            break
        if not answer.rows or len(rows) == answer.total:
            if len(rows) != answer.total:
                raise RowsDriftedError(
                    f"{len(rows):,} rows of campaign {campaign_id} came, of {answer.total}."
                )
            break
    return list(rows.values())
