"""Ask the Revox API with an Airflow connection."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from typing import TYPE_CHECKING, Any

from airflow_provider_revox.client.errors import InvalidConfigurationError, RevoxError
from airflow_provider_revox.client.frames import forgetful
from airflow_provider_revox.hooks.connection_form import CONNECTION_TYPE, HOOK_NAME, UI_FIELD_BEHAVIOUR
from airflow_provider_revox.hooks.organization import OrganizationHook

if TYPE_CHECKING:
    from airflow.providers.common.compat.sdk import Connection

    from airflow_provider_revox.client import AsyncRevoxClient, ClientConfig, RevoxClient
    from airflow_provider_revox.client.models import (
        Campaign,
        LaunchedCalls,
        PhoneHistory,
        RowsExport,
        RowsPage,
        Statistics,
    )


class RevoxHook(OrganizationHook):
    """
    Asks the Revox API with an Airflow connection of type ``revox``.

    The password of the connection is the API key. Its host is the base URL (default:
    ``https://www.getrevox.com/api``). These extras are optional: ``connect_timeout``, ``read_timeout``,
    ``write_timeout``, ``pool_timeout`` (seconds), ``retries``, ``proxy``, ``ca_bundle``, ``allow_http``,
    ``namespace``.

    Every method may raise a :class:`~airflow_provider_revox.client.errors.RevoxError`.

    :param revox_conn_id: The Airflow connection.
    """

    conn_name_attr = "revox_conn_id"
    default_conn_name = "revox_default"
    conn_type = CONNECTION_TYPE
    hook_name = HOOK_NAME

    def __init__(self, revox_conn_id: str = default_conn_name, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.revox_conn_id = revox_conn_id

    @classmethod
    def get_ui_field_behaviour(cls) -> dict[str, Any]:
        """Return which fields the connection form hides and renames, for Airflow before 3.2."""
        return {name.replace("-", "_"): value for name, value in UI_FIELD_BEHAVIOUR.items()}

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Return the extra fields of the connection form, for Airflow before 3.2."""
        from airflow_provider_revox.hooks.form_widgets import form_widgets

        return form_widgets()

    @cached_property
    def _client(self) -> RevoxClient:
        from airflow_provider_revox.client import RevoxClient
        from airflow_provider_revox.hooks.connection import error_of_connection

        try:
            return RevoxClient(self.get_config())
        except InvalidConfigurationError as error:
            failure = error_of_connection(self.revox_conn_id, error)
        raise failure

    def get_conn(self) -> RevoxClient:
        """
        Return the client of this hook. The first call makes it.

        :raises InvalidConfigurationError: The connection can't be used.
        """
        return self._client

    def reconnect(self) -> bool:
        """
        Read the connection again. The next call uses its present settings.

        :return: Whether the settings have changed.
        """
        before: RevoxClient | None = self.__dict__.pop("_client", None)
        if before is None:
            return True
        before.close()
        return self.get_conn().config != before.config

    async def get_async_config(self) -> ClientConfig:
        """
        Return the settings of the connection. The event loop is not blocked.

        :raises InvalidConfigurationError: The connection can't be used.
        """
        from airflow.providers.common.compat.connection import get_async_connection, get_async_extra_dejson

        # In a thread, since the import of pydantic would block the event loop for too long.
        await asyncio.to_thread(import_module, "airflow_provider_revox.hooks.connection")
        from airflow_provider_revox.hooks.connection import error_of_connection

        connection = await get_async_connection(self.revox_conn_id, hook=self)
        extra = await get_async_extra_dejson(connection)
        try:
            return await asyncio.to_thread(self._config, connection, extra)
        except InvalidConfigurationError as error:
            failure = error_of_connection(self.revox_conn_id, error)
        del connection, extra  # an error tracker would collect them
        raise failure

    async def get_async_conn(
        self, adjust: Callable[[ClientConfig], ClientConfig] = lambda config: config
    ) -> AsyncRevoxClient:
        """
        Return a new client for the running event loop. The event loop is not blocked.

        The caller closes the client.

        :param adjust: Changes the settings of the connection.
        :raises InvalidConfigurationError: The connection can't be used.
        """
        config = adjust(await self.get_async_config())
        for module in ("async_client", "endpoints"):  # in a thread, since the caller needs both
            await asyncio.to_thread(import_module, f"airflow_provider_revox.client.{module}")
        from airflow_provider_revox.client import AsyncRevoxClient

        return await AsyncRevoxClient.open(config)

    def test_connection(self) -> tuple[bool, str]:
        """Check the host and the API key: read the headers of ``GET /campaigns`` and change nothing."""
        from airflow_provider_revox.client import RevoxClient, endpoints

        try:
            config = self.get_config()
            # A person has pressed the button and waits: ask once.
            with RevoxClient(replace(config, retries=0)) as client:
                client.send(endpoints.check_access())
        except RevoxError as error:
            return False, str(error)
        return True, f"Connected to {config.base_url}: the API key is accepted."

    @forgetful
    def create_campaign(self, **fields: Any) -> Campaign:
        """
        Create a campaign. **Where Revox works as its API page says, this launches it at once.**

        If the answer counts calls as ``row_stats.not_launched``, :meth:`launch_calls` launches them. Servers
        with drafts require ``launch`` and ``type``. The request is sent again only if Revox surely did not
        act on it.

        :param fields: The fields of :class:`~airflow_provider_revox.client.requests.CampaignCreate`.
        :raises InvalidRequestError: A field is wrong, or ``scheduled_at`` is in the past. Nothing was sent.
        :raises NoAnswerError: The campaign may or may not have been launched.
        """
        from airflow_provider_revox.client.requests import CampaignCreate

        return self.get_conn().create_campaign(CampaignCreate.build(**fields))

    def list_campaigns(self) -> list[Campaign]:
        """Return every campaign of the organization, the finished ones too."""
        return self.get_conn().list_campaigns()

    @forgetful
    def get_campaign(self, campaign_id: str) -> Campaign:
        """
        Return one campaign.

        :raises NotFoundError: There is no campaign with this id.
        """
        return self.get_conn().get_campaign(campaign_id)

    @forgetful
    def cancel_campaign(self, campaign_id: str) -> bool:
        """
        Abort pending and queued calls. Calls in progress go on; the campaign and its rows stay.

        :return: The ``success`` of the answer.
        """
        return self.get_conn().cancel_campaign(campaign_id)

    @forgetful
    def delete_campaign(self, campaign_id: str) -> bool:
        """
        Delete a campaign and its rows for good.

        :return: The ``success`` of the answer.
        """
        return self.get_conn().delete_campaign(campaign_id)

    @forgetful
    def launch_campaign(self, campaign_id: str) -> Campaign:
        """
        Launch a draft. The request is sent again only if Revox surely did not act on it.

        :raises RejectedError: The campaign is not a draft, or this Revox has no drafts.
        """
        return self.get_conn().launch_campaign(campaign_id)

    @forgetful
    def launch_calls(self, campaign_id: str, **fields: Any) -> LaunchedCalls:
        """
        Launch calls of a campaign; by default all calls that are not launched.

        :param fields: The fields of :class:`~airflow_provider_revox.client.requests.LaunchCalls`.
        :raises InvalidRequestError: A field is wrong, or ``scheduled_at`` is in the past. Nothing was sent.
        :raises NotFoundError: There is no campaign with this id, or this Revox does not have the endpoint.
        """
        from airflow_provider_revox.client.requests import LaunchCalls

        return self.get_conn().launch_calls(campaign_id, LaunchCalls.build(**fields))

    @forgetful
    def pause_campaign(self, campaign_id: str) -> bool:
        """
        Hold pending and queued calls. Calls in progress go on.

        :return: The ``success`` of the answer.
        :raises NotFoundError: There is no campaign with this id, or this Revox does not have the endpoint.
        """
        return self.get_conn().pause_campaign(campaign_id)

    @forgetful
    def resume_campaign(self, campaign_id: str) -> bool:
        """
        Make the calls that were held.

        :return: The ``success`` of the answer.
        :raises NotFoundError: There is no campaign with this id, or this Revox does not have the endpoint.
        """
        return self.get_conn().resume_campaign(campaign_id)

    @forgetful
    def update_campaign(self, campaign_id: str, **fields: Any) -> Campaign:
        """
        Change the given fields of a campaign.

        What a ``call_retry_config`` does not say stays as the campaign has it: the campaign is read first.

        :param fields: The fields of :class:`~airflow_provider_revox.client.campaign_update.CampaignUpdate`.
        :raises InvalidRequestError: A field breaks a rule of the API, can change in a draft only, or can't be
            completed with what the campaign has. Nothing was changed.
        :raises RejectedError: Revox refuses the change. Status 405: this Revox does not have the endpoint.
        """
        from airflow_provider_revox.client.campaign_update import CampaignUpdate

        return self.get_conn().update_campaign(campaign_id, CampaignUpdate.build(**fields))

    @forgetful
    def get_statistics(self, campaign_id: str) -> Statistics:
        """
        Return the statistics of a campaign. They hold people's data, and their ``repr`` shows none of it.

        :raises NotFoundError: There is no campaign with this id, or this Revox does not have the endpoint.
        """
        return self.get_conn().get_statistics(campaign_id)

    @forgetful
    def get_phone_history(self, numbers: Collection[str] | None = None) -> PhoneHistory:
        """
        Return what Revox knows about numbers: how often it called them, and whether it may call them again.

        :param numbers: In E.164 format. Default: all. Revox sends all of them anyway; a choice saves memory.
        :return: By number. Numbers that were never called are not in it.
        :raises NotFoundError: This Revox has no phone history.
        """
        return self.get_conn().get_phone_history(numbers)

    @forgetful
    def get_rows(self, campaign_id: str, *, page: int, page_size: int, **filters: str | None) -> RowsPage:
        """
        Return one page of the rows of a campaign: its contacts and their calls.

        :param filters: Those of the API: ``query`` (text), ``result`` (such as ``human``), ``statuses``.
        :raises NotSupportedError: A filter or a later page is asked for, and this Revox has neither. Use
            :class:`~airflow_provider_revox.operators.results.CampaignResultsOperator`.
        """
        return self.get_conn().get_rows(campaign_id, page=page, page_size=page_size, **filters)

    @forgetful
    def export_rows(self, campaign_id: str) -> RowsExport:
        """Return all rows of a campaign as the text of a CSV file."""
        return self.get_conn().export_rows(campaign_id)

    def get_config(self) -> ClientConfig:
        """
        Return the settings of the connection.

        :raises InvalidConfigurationError: The connection can't be used.
        """
        connection = self.get_connection(self.revox_conn_id)
        return self._config(connection, connection.extra_dejson)

    def _config(self, connection: Connection, extra: Mapping[str, Any]) -> ClientConfig:
        from airflow_provider_revox.hooks.connection import client_config, mask_secrets

        config = client_config(connection, extra)
        mask_secrets(config)
        return config
