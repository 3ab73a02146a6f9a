"""Pause, resume or cancel a campaign for a user, and write it into Airflow's audit log."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from airflow.configuration import conf
from airflow.models.log import Log
from airflow.utils.session import create_session
from fastapi.concurrency import run_in_threadpool

from airflow_provider_revox.client.control import ALREADY_FINISHED
from airflow_provider_revox.client.errors import InvalidConfigurationError, NotFoundError, RevoxError
from airflow_provider_revox.plugin.connection import UnusableError

if TYPE_CHECKING:
    from fastapi import Request

    from airflow_provider_revox.client.control import Control
    from airflow_provider_revox.client.models import Campaign as RevoxCampaign
    from airflow_provider_revox.plugin.campaigns import Campaign, Task
    from airflow_provider_revox.plugin.live import LiveView

HEADER = "X-Revox-Request"
"""A page of another site can't send a header of its own without asking first, and nobody allows it."""


class ActionError(Exception):
    """
    The action was not carried out, or nobody knows whether it was.

    :param status: The HTTP status of the answer.
    :param detail: One plain sentence for the user.
    """

    def __init__(self, status: int, detail: str) -> None:
        super().__init__(status, detail)
        self.status, self.detail = status, detail


def check_origin(request: Request) -> None:
    """
    Refuse a request that a page of another site may have made with the user's cookie.

    :raises ActionError: It did not surely come from a page of this Airflow, or from a program.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    is_foreign = (site is not None and site != "same-origin") or (
        origin is not None and _host(origin) not in _own_hosts(request)
    )
    if request.headers.get(HEADER) != "1" or is_foreign:
        raise ActionError(403, "The request does not come from a page of this Airflow, so nothing was done.")


async def carry_out(live: LiveView, campaign: Campaign, control: Control, user: Any) -> None:
    """
    Change a campaign, once, and read it anew. The audit log has an entry before anything is sent.

    :raises ActionError: It has ended, or Revox does not do it, or it is not known.
    """
    entry = await run_in_threadpool(_write_entry, campaign, control, user)
    outcome = "failed"
    try:
        outcome = await _change(live, campaign, control)
    except ActionError as error:
        outcome = f"failed: {error.detail}"
        raise
    finally:
        await run_in_threadpool(_complete_entry, entry, campaign, outcome)
    if outcome == ALREADY_FINISHED:
        raise ActionError(409, "The campaign has ended already, so there is nothing to do.")


async def _change(live: LiveView, campaign: Campaign, control: Control) -> str:
    """Return the outcome. The state that Revox shows decides, not what it answered to the request."""
    before = await _read(live, campaign)
    if nothing_to_do := control.outcome_without_request(before):
        return nothing_to_do
    answer: Exception | None = None
    try:
        await live.send(campaign.revox_conn_id, control.endpoint(campaign.campaign_id))
    except (RevoxError, UnusableError) as error:
        answer = error
    after = await _read(live, campaign)
    if control.is_in_state(after):
        return control.outcome
    if isinstance(answer, NotFoundError):
        raise ActionError(409, control.refusal(campaign.campaign_id))
    if outcome := control.outcome_without_request(after):
        return outcome
    if answer is not None:
        raise ActionError(502, f"Revox did not {control.verb} the campaign: {_in_words(answer)}. Try again.")
    raise ActionError(
        502, f"Revox did not {control.verb} the campaign, which is {after.shown_status}. Look at it again."
    )


async def _read(live: LiveView, campaign: Campaign) -> RevoxCampaign:
    try:
        return await live.look(campaign.revox_conn_id, campaign.campaign_id)
    except NotFoundError:
        raise ActionError(502, "Revox does not know this campaign (404). It may have been deleted.") from None
    except (RevoxError, UnusableError) as error:
        raise ActionError(
            502,
            f"Revox does not show the campaign: {_in_words(error)}. Nothing is known, so look at it again.",
        ) from None


def _in_words(error: Exception) -> str:
    if isinstance(error, (UnusableError, InvalidConfigurationError)):
        return "the api-server can't use the connection"
    status = getattr(error, "status", None)
    return f"it answered {status}" if status else getattr(error, "reason", type(error).__name__)


def _write_entry(campaign: Campaign, control: Control, user: Any) -> int:
    task: Task = campaign.tasks[0]
    with create_session(scoped=False) as session:
        entry = Log(
            event=f"revox_{control.verb}_campaign",
            owner=user.get_name(),
            owner_display_name=user.get_name(),
            extra=_extra(campaign, "asked"),
            dag_id=task.dag_id,
            run_id=task.run_id,
            task_id=task.task_id,
            map_index=task.map_index,
        )
        session.add(entry)
        session.flush()
        return int(entry.id)


def _complete_entry(entry_id: int, campaign: Campaign, outcome: str) -> None:
    with create_session(scoped=False) as session:
        entry = session.get(Log, entry_id)
        if entry is not None:
            entry.extra = _extra(campaign, outcome)


def _extra(campaign: Campaign, outcome: str) -> str:
    return json.dumps({"campaign_id": campaign.campaign_id, "outcome": outcome})


def _own_hosts(request: Request) -> set[str]:
    hosts = {request.headers.get("Host", "").lower(), _host(conf.get("api", "base_url", fallback=""))}
    return hosts - {""}


def _host(url: str) -> str:
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""
