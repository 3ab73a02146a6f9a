"""One look at a campaign. It is not repeated here: the wait itself is what repeats it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from airflow_provider_revox.client.errors import AuthenticationError, RevoxError

if TYPE_CHECKING:
    from airflow_provider_revox.client.models import Campaign
    from airflow_provider_revox.client.shared_client import SharedClient
    from airflow_provider_revox.hooks.revox import RevoxHook


def look(hook: RevoxHook, campaign_id: str) -> Campaign | RevoxError:
    """Look at a campaign; with the connection's new key, if the old one is refused and it has got another."""
    found = _look(hook, campaign_id)
    try:
        if isinstance(found, AuthenticationError) and hook.reconnect():
            return _look(hook, campaign_id)
    except RevoxError as error:
        return error
    return found


def _look(hook: RevoxHook, campaign_id: str) -> Campaign | RevoxError:
    from airflow_provider_revox.client import endpoints

    try:
        return hook.get_conn().send(endpoints.get_campaign(campaign_id), retries=0)
    except RevoxError as error:
        return error


async def look_async(client: SharedClient, campaign_id: str) -> Campaign | RevoxError:
    """Look at a campaign, in an event loop."""
    from airflow_provider_revox.client import endpoints

    try:
        return await client.send(endpoints.get_campaign(campaign_id))
    except RevoxError as error:
        return error
