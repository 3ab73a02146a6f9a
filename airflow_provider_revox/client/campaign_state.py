"""
Say whether a campaign is cancelled, done, paused, launched or untouched.

Only the wait also reads the status itself, because every status means something else for it
(``waiting/verdict.py``). All other modules ask these functions.

A field that Revox leaves out proves nothing, so each function says what it returns without the field.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_revox.client.words import is_word

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign


def is_cancelled(campaign: Campaign) -> bool:
    """
    Return whether the campaign was cancelled.

    The API page has the flag ``is_cancelled`` and no such status. A server that writes it as a status means
    the same.
    """
    return campaign.is_cancelled is True or campaign.status in ("cancelled", "canceled")


def state_in_a_word(campaign: Campaign) -> str:
    """Return ``cancelled``, or the status. A status that is not a plain word is ``unknown``."""
    if is_cancelled(campaign):
        return "cancelled"
    return campaign.status if campaign.status and is_word(campaign.status) else "unknown"


def says_completed(campaign: Campaign) -> bool:
    """
    Return whether the status is ``completed``.

    It proves little alone: the campaign may be cancelled, or have calls that are not launched.
    """
    return campaign.status == "completed"


def is_done(campaign: Campaign) -> bool:
    """Return whether the campaign calls nobody any more: it is completed or cancelled."""
    return says_completed(campaign) or is_cancelled(campaign)


def calls_in_progress(campaign: Campaign) -> int:
    """Return how many calls are in progress. A cancelled campaign may have some. Without a count it is 0."""
    return (campaign.row_stats.calling if campaign.row_stats else None) or 0


def calls_that_may_change(campaign: Campaign) -> int:
    """
    Return how many calls of a campaign that is done are not done. Without counts it is 0.

    A cancelled campaign makes no pending call and repeats none, so only calls in progress count.
    """
    stats, in_progress = campaign.row_stats, calls_in_progress(campaign)
    if stats is None or is_cancelled(campaign):
        return in_progress
    return in_progress + (stats.pending or 0) + (stats.retry or 0)


def is_paused(campaign: Campaign) -> bool:
    """Return whether the campaign is paused. One that was cancelled meanwhile is not."""
    return campaign.status == "paused" and not is_cancelled(campaign)


def is_running(campaign: Campaign) -> bool:
    """Return whether the campaign is running. One that was cancelled meanwhile is not."""
    return campaign.status == "running" and not is_cancelled(campaign)


def says_paused_or_completed(campaign: Campaign) -> bool:
    """Return whether the status is ``paused`` or ``completed``, also if the campaign is cancelled."""
    return campaign.status == "paused" or says_completed(campaign)


def says_launched(campaign: Campaign) -> bool:
    """Return whether the status is one that only a launched campaign has, also if it is cancelled."""
    return campaign.status in ("running", "paused", "completed")


def is_draft(campaign: Campaign) -> bool:
    """Return whether the campaign is a draft, which calls nobody until it is launched."""
    return campaign.status == "draft"


def calls_not_launched(campaign: Campaign) -> int:
    """Return how many calls are not launched. Without a count it is 0."""
    return (campaign.row_stats.not_launched if campaign.row_stats else None) or 0


def has_calls_to_launch(campaign: Campaign) -> bool:
    """Return whether the campaign is a draft, or has calls that are not launched."""
    return is_draft(campaign) or calls_not_launched(campaign) > 0


def is_untouched(campaign: Campaign) -> bool:
    """Return whether nothing of the campaign is launched, so that it has called nobody."""
    if is_draft(campaign):
        return True
    stats, left = campaign.row_stats, calls_not_launched(campaign)
    if stats is None or not left:
        return False
    return not has_called(campaign) if stats.total is None else left >= stats.total


def launched_calls_are_done(campaign: Campaign) -> bool:
    """
    Return whether the counts show that every call is done or not launched. A missing count shows nothing.

    A call that was cancelled counts as done.
    """
    stats = campaign.row_stats
    if stats is None or stats.total is None:
        return False
    done = (stats.completed or 0) + (stats.failed or 0) + (stats.skipped or 0)
    is_open = (stats.pending, stats.calling, stats.retry) != (0, 0, 0)
    return not is_open and done + calls_not_launched(campaign) >= stats.total


def shows_open_calls(campaign: Campaign) -> bool:
    """Return whether the counts show calls that are launched and not done."""
    stats = campaign.row_stats
    return stats is not None and any((stats.pending, stats.calling, stats.retry))


def launched_part_is_done(campaign: Campaign) -> bool:
    """Return whether the campaign runs, and the counts show that a part is launched and done."""
    some_left = calls_not_launched(campaign) > 0 and not is_untouched(campaign)
    return is_running(campaign) and some_left and launched_calls_are_done(campaign)


def has_called(campaign: Campaign) -> bool:
    """Return whether the counts show that people are or were called."""
    stats = campaign.row_stats
    return stats is not None and any((stats.calling, stats.retry, stats.completed, stats.failed))


def may_have_called(campaign: Campaign) -> bool:
    """Return whether the campaign has called people, or does not show whether it has."""
    return has_called(campaign) or (campaign.row_stats is None and not is_draft(campaign))


def is_launched_by_its_create(campaign: Campaign) -> bool:
    """Return whether the create has launched the campaign: its counts have no calls that are not launched."""
    stats = campaign.row_stats
    return not is_draft(campaign) and stats is not None and stats.not_launched is None


def shows_whether_launched(campaign: Campaign) -> bool:
    """
    Return whether the campaign shows which of its calls are launched.

    It is a draft, or it counts the calls that are not launched, or its other counts add up to all calls.
    Counts that are all 0 show nothing.
    """
    stats = campaign.row_stats
    if is_draft(campaign) or stats is None:
        return is_draft(campaign)
    launched = [stats.pending, stats.calling, stats.retry, stats.completed, stats.failed]
    if stats.not_launched is not None:
        return any((*launched, stats.not_launched, stats.skipped))
    total = stats.total or 0
    return 0 < total <= sum(count or 0 for count in launched)


def shows_row_stats(campaign: Campaign) -> bool:
    """Return whether the answer says how far the calls are. A draft has none."""
    return campaign.row_stats is not None or is_draft(campaign)
