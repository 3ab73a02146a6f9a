"""
Find the people that an ended campaign did not reach, from its rows.

A mistake calls somebody twice, or leaves somebody out. So a row that can't be read counts as reached.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from airflow_provider_revox.client.all_rows import read_pages
from airflow_provider_revox.client.campaign_state import calls_in_progress, is_cancelled, is_done
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.client.models import Row
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader
from airflow_provider_revox.results.row_counts import Trace, check_counts

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.models import Campaign

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

Reach = Literal["unreached", "reached", "unreadable", "cancelled", "not_launched", "open"]
"""
What a row says about its person.

``cancelled``: somebody has cancelled this call alone, for example because the person wants no calls.
``not_launched``: the call is not launched, and somebody may still launch it. ``open``: the call is in
progress, or Revox may still make it.
"""


class NotOverError(RevoxError):
    """The campaign has not ended, so nobody knows yet whom it does not reach. Nobody was called."""

    transient = True


class MayBeLaunchedError(RevoxError):
    """Somebody may still launch calls of the campaign. Nobody was called."""


class RowReach(NamedTuple):
    """
    Tells whether a row shows that its person was reached.

    :param number: The number, in E.164 format if it can be read: rows may write it in different ways.
    :param contact: The contact as the API takes it, if the person was not reached.
    :param trace: What the row shows of its call, to compare it with the counts of the campaign.
    """

    reach: Reach
    number: str | None
    contact: dict[str, Any] | None
    trace: Trace


@dataclass(frozen=True)
class Unreached:
    """
    Holds the people that a campaign did not reach.

    :param contacts: As the API takes them.
    :param left_out: How many rows are left out, by the reason.
    """

    contacts: list[dict[str, Any]] = field(repr=False)
    left_out: Mapping[str, int]


def read_unreached(client: RevoxClient, campaign_id: str) -> Unreached:
    """
    Read the people that a campaign did not reach.

    :raises NotOverError: The campaign still calls people, or may do so.
    :raises MayBeLaunchedError: Somebody may launch calls of the campaign.
    :raises RowsDriftedError: The rows changed while they were read, or contradict the campaign's counts.
    :raises RevoxError: The campaign or its rows can't be read.
    """
    campaign = client.get_campaign(campaign_id)
    check_over(campaign)
    return find_unreached(campaign, _read_rows(client, campaign))


def check_over(campaign: Campaign) -> None:
    """
    Refuse a campaign that still calls people, or may do so.

    :raises NotOverError: It does.
    """
    if not is_done(campaign):
        raise NotOverError(
            f"Campaign {campaign.id} is {campaign.shown_status}: it may still call its people. Wait until it "
            "ends, or cancel it. Then this task can call the people that it did not reach."
        )
    if in_progress := calls_in_progress(campaign):
        raise _still_calling(campaign, in_progress)


def find_unreached(campaign: Campaign, rows: Iterable[RowReach]) -> Unreached:
    """
    Find the people that a campaign did not reach.

    :param campaign: It has ended.
    :param rows: All of its rows.
    :raises NotOverError: A call is in progress, or Revox may still make it.
    :raises MayBeLaunchedError: Somebody may launch calls of the campaign.
    :raises RowsDriftedError: The rows contradict the counts of the campaign.
    """
    left_out: Counter[str] = Counter()
    unreached: list[RowReach] = []
    reached: set[str | None] = set()
    traces: list[Trace] = []
    for row in rows:
        traces.append(row.trace)
        if row.reach == "unreached":
            unreached.append(row)
        else:
            left_out[row.reach] += 1
            reached.add(row.number)
    if still := left_out["open"]:
        raise _still_calling(campaign, still)
    if not_launched := left_out["not_launched"]:
        raise MayBeLaunchedError(
            f"Campaign {campaign.id} has ended, but somebody may still launch {not_launched:,} of its calls. "
            "To call the people of such calls with this task, cancel the campaign. To leave them out, cancel "
            "such calls in Revox. Then clear this task."
        )
    check_counts(campaign, traces)
    # A number may be in several rows. If one of them was reached, the person was.
    contacts = [row.contact for row in unreached if row.number not in reached and row.contact]
    left_out["reached"] += len(unreached) - len(contacts)
    return Unreached(contacts, +left_out)


def row_reach(row: Row, *, cancelled: bool) -> RowReach:
    """
    Return what a row shows of its person and its call.

    :param cancelled: Whether its campaign is cancelled.
    """
    reach, contact = reach_of(row, cancelled=cancelled), None
    if reach == "unreached":
        contact = {"to_phone_number": row.phone_number, "prompt_variables": row.input_data}
    trace = _trace(row, reach)
    try:
        return RowReach(reach, NumberReader(check=None).read(row.phone_number), contact, trace)
    except NumberError:
        return RowReach(reach, row.phone_number, contact, trace)


def _trace(row: Row, reach: Reach) -> Trace:
    if reach == "unreadable":
        return "unreadable"
    call = row.call or {}
    if call.get("status") == "completed":
        return "completed"
    if reach == "reached":
        return "reached"
    if call.get("status") == "errored":
        return "errored"
    return "tried" if call.get("call_attempts") else "none"


def reach_of(row: Row, *, cancelled: bool = False) -> Reach:
    """
    Say whether the call of a row reached a person, or something such as a mailbox.

    :param cancelled: Whether its campaign is cancelled. Then nobody can launch its calls any more, and a call
        may be cancelled only because the campaign is.
    """
    if row.phone_number is None or "call" not in row.model_fields_set:
        return "unreadable"
    if row.call is None:
        return "unreached"
    status, attempts = row.call.get("status"), row.call.get("call_attempts")
    if status == "completed" and attempts == []:
        return "unreadable"
    if status == "not_launched" and not cancelled:
        return "not_launched"
    if status in ENDED | {"not_launched"} and attempts == [] and row.call.get("last_call_attempt"):
        return "unreadable"
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
    return "cancelled" if status == "cancelled" and not cancelled else "unreached"


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
        f"Campaign {campaign.id} has ended, but Revox is not done with {calls:,} of its calls: such a call "
        "is in progress, or may still be made. When all calls have ended, this task can call the people that "
        "they did not reach. If they do not end, cancel the campaign in Revox, even if it is cancelled "
        "already."
    )


def _read_rows(client: RevoxClient, campaign: Campaign) -> list[RowReach]:
    expected_rows = campaign.row_stats.total if campaign.row_stats else None
    rows: list[RowReach] = []
    cancelled, mark = is_cancelled(campaign), 0

    def begin_attempt() -> Callable[[list[dict[str, Any]]], None]:
        del rows[mark:]
        return lambda found: rows.extend(
            row_reach(Row.model_validate(row), cancelled=cancelled) for row in found
        )

    for _ in read_pages(client, campaign.id, expected_rows=expected_rows, begin_attempt=begin_attempt):
        mark = len(rows)
    return rows
