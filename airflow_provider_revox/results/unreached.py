"""
Whom a campaign that has ended did not reach, from its rows.

Wrong in one direction it calls somebody twice, in the other it leaves somebody out. So whatever can't be read
counts as reached.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from airflow_provider_revox.client import endpoints
from airflow_provider_revox.client.campaign_state import is_cancelled
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.client.models import Row
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.models import Campaign

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

Reach = Literal["unreached", "reached", "unreadable", "waiting", "open"]


class NotOverError(RevoxError):
    """The campaign has not ended, so whom it does not reach is not known. Nobody was called."""

    transient = True


class RowsDriftedError(RevoxError):
    """The rows that were read are not just those that the campaign has. Nobody was called."""

    transient = True


class MayBeLaunchedError(RevoxError):
    """Somebody may still launch calls of the campaign. Nobody was called."""


class Met(NamedTuple):
    """
    What is kept of a row.

    :param person: The number as it is called: one person may be there in two ways of writing.
    :param contact: As the API takes it; of who was not reached only.
    """

    reach: Reach
    person: str | None
    contact: dict[str, Any] | None


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
    :raises MayBeLaunchedError: It has calls that somebody may launch.
    :raises RowsDriftedError: Not all of its rows could be read.
    """
    campaign = client.get_campaign(campaign_id)
    check_over(campaign)
    rows = _read_rows(client, campaign)
    total = campaign.row_stats.total if campaign.row_stats else None
    if total is not None and total != len(rows):
        raise RowsDriftedError(f"Campaign {campaign_id} counts {total:,} rows, but {len(rows):,} came.")
    return rest_of(campaign, rows)


def check_over(campaign: Campaign) -> None:
    """
    Refuse a campaign that still calls, or may.

    :raises NotOverError: It does.
    """
    if not is_cancelled(campaign) and campaign.status != "completed":
        raise NotOverError(
            f"Campaign {campaign.id} is {campaign.shown_status}: it may still call its "
            "people. Wait for its end, or cancel it; then this task can call the rest."
        )
    if campaign.row_stats and campaign.row_stats.calling:
        raise _still_calling(campaign, campaign.row_stats.calling)


def rest_of(campaign: Campaign, rows: Iterable[Met]) -> Rest:
    """
    Return whom a campaign did not reach.

    :param campaign: It has ended.
    :param rows: All of its rows.
    :raises NotOverError: A call may still be made, or is being made.
    :raises MayBeLaunchedError: It has calls that somebody may launch.
    """
    left_out: Counter[str] = Counter()
    kept: list[Met] = []
    reached: set[str | None] = set()
    for row in rows:
        if row.reach == "unreached":
            kept.append(row)
        else:
            left_out[row.reach] += 1
            reached.add(row.person)
    if still := left_out["open"]:
        raise _still_calling(campaign, still)
    if waiting := left_out["waiting"]:
        raise MayBeLaunchedError(
            f"Campaign {campaign.id} has ended, but {waiting:,} of its calls are not launched, and somebody "
            "may still launch them. Cancel the campaign, or launch or cancel these calls in Revox; then "
            "clear this task."
        )
    # The same number may be in several rows, and one call is enough.
    unreached = [row.contact for row in kept if row.person not in reached and row.contact]
    left_out["reached"] += len(kept) - len(unreached)
    return Rest(unreached, +left_out)


def met(row: Row, *, cancelled: bool) -> Met:
    """
    Return what is kept of a row.

    :param cancelled: Whether its campaign is cancelled.
    """
    found, contact = reach(row, cancelled=cancelled), None
    if found == "unreached":
        contact = {"to_phone_number": row.phone_number, "prompt_variables": row.input_data}
    try:
        return Met(found, NumberReader(check=None).read(row.phone_number), contact)
    except NumberError:
        return Met(found, row.phone_number, contact)


def reach(row: Row, *, cancelled: bool = False) -> Reach:
    """
    Say whether a row's call reached anybody: somebody, or something such as a mailbox, answered.

    :param cancelled: Whether its campaign is cancelled: then nobody can launch what is not launched.
    :return: ``open`` if the call may still be made, or is being made; ``waiting`` if somebody may launch it.
    """
    if row.phone_number is None or "call" not in row.model_fields_set:
        return "unreadable"
    if row.call is None:
        return "unreached"
    status, attempts = row.call.get("status"), row.call.get("call_attempts")
    if status == "completed" and attempts == []:
        return "unreadable"
    if status == "not_launched" and not cancelled:
        return "waiting"
    if status == "not_launched" and attempts == [] and not row.call.get("calls_count"):
        return "unreached" if row.call.get("outcome") is None else "reached"
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
        "may still be made. When they are over this task can call the rest. If they stay so, cancel the "
        "campaign in Revox, once more if it is cancelled."
    )


def _read_rows(client: RevoxClient, campaign: Campaign) -> list[Met]:
    """Read all rows, in pages or, where the API has none, at once."""
    rows: list[Met] = []
    ids: set[str] = set()
    cancelled, mark = is_cancelled(campaign), 0

    def start() -> Callable[[dict[str, Any]], None]:
        del rows[mark:]
        return lambda row: rows.append(met(Row.model_validate(row), cancelled=cancelled))

    for page in itertools.count(1):
        mark = len(rows)
        answer = client.send(endpoints.scan_rows(campaign.id, page=page, page_size=PAGE_SIZE, start=start))
        ids.update(answer.ids)
        if len(ids) < len(rows):
            raise RowsDriftedError(f"A row of campaign {campaign.id} came twice.")
        if answer.total is None or len(ids) == answer.total:
            break
        if not answer.ids or len(ids) > answer.total:
            raise RowsDriftedError(f"{len(ids):,} rows of campaign {campaign.id} came, of {answer.total}.")
    return rows
