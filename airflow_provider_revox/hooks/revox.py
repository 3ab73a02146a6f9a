"""The hook: an Airflow connection becomes a client of the Revox API."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from airflow.providers.common.compat.sdk import BaseHook, mask_secret

from airflow_provider_revox.get_provider_info import (
    CONN_FIELDS,
    CONNECTION_TYPE,
    HOOK_NAME,
    UI_FIELD_BEHAVIOUR,
)

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


class RevoxHook(BaseHook):
    """
    Calls the Revox API with an Airflow connection of type ``revox``.

    The connection's password is the API key and its host the base URL (default:
    ``https://www.getrevox.com/api``). Its extras, all optional: ``connect_timeout``, ``read_timeout``,
    ``write_timeout``, ``pool_timeout`` (seconds), ``retries``, ``proxy``, ``ca_bundle``, ``allow_http``.

    Every method raises a :class:`~airflow_provider_revox.client.errors.RevoxError`.

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
        """Return what the connection form of Airflow below 3.2 hides and renames."""
        return {name.replace("-", "_"): value for name, value in UI_FIELD_BEHAVIOUR.items()}

    @classmethod
    def get_connection_form_widgets(cls) -> dict[str, Any]:
        """Return the extra fields of the connection form of Airflow below 3.2."""
        from flask_appbuilder.fieldwidgets import BS3PasswordFieldWidget, BS3TextFieldWidget
        from flask_babel import lazy_gettext
        from wtforms import BooleanField, IntegerField, StringField
        from wtforms.validators import Optional

        # Airflow 2 drops a hook that has other fields than these, FloatField among them.
        kinds = {"number": StringField, "integer": IntegerField, "string": StringField}

        def widget(spec: Mapping[str, Any]) -> Any:
            label, description = lazy_gettext(spec["label"]), spec["description"]
            kind = spec["schema"]["type"][0]
            if kind == "boolean":
                return BooleanField(label, description=description)
            secret = spec["schema"].get("format") == "password"
            return kinds[kind](
                label,
                validators=[Optional()],
                widget=BS3PasswordFieldWidget() if secret else BS3TextFieldWidget(),
                description=description,
            )

        return {name: widget(spec) for name, spec in CONN_FIELDS.items()}

    @cached_property
    def _client(self) -> RevoxClient:
        from airflow_provider_revox.client import RevoxClient
        from airflow_provider_revox.hooks.connection import named

        connection = self.get_connection(self.revox_conn_id)
        with named(self.revox_conn_id):
            return RevoxClient(self._config(connection, connection.extra_dejson))

    def get_conn(self) -> RevoxClient:
        """
        Return the client of this hook, made at the first call.

        :raises InvalidConfigurationError: The connection can't be used.
        """
        return self._client

    def reconnect(self) -> bool:
        """
        Read the connection anew; the next call uses what it holds now.

        :return: Whether it has changed.
        """
        before: RevoxClient | None = self.__dict__.pop("_client", None)
        if before is None:
            return True
        before.close()
        return self.get_conn().config != before.config

    async def get_async_config(self) -> ClientConfig:
        """
        Return the settings of the connection, without blocking the running event loop.

        :raises InvalidConfigurationError: The connection can't be used.
        """
        from airflow.providers.common.compat.connection import get_async_connection, get_async_extra_dejson

        # Importing pydantic takes longer than an event loop may stand still.
        named = await asyncio.to_thread(_import_named)
        connection = await get_async_connection(self.revox_conn_id, hook=self)
        extra = await get_async_extra_dejson(connection)
        with named(self.revox_conn_id):
            return await asyncio.to_thread(self._config, connection, extra)

    async def get_async_conn(
        self, adjust: Callable[[ClientConfig], ClientConfig] = lambda config: config
    ) -> AsyncRevoxClient:
        """
        Return a new client for the running event loop, without blocking it; the caller closes it.

        :param adjust: Changes the settings the connection gives.
        :raises InvalidConfigurationError: The connection can't be used.
        """
        config = adjust(await self.get_async_config())
        client = await asyncio.to_thread(_import_async_client)
        return await client.open(config)

    def test_connection(self) -> tuple[bool, str]:
        """Check host and API key without changing anything: the head of ``GET /campaigns`` is read."""
        import dataclasses

        from airflow_provider_revox.client import RevoxClient, endpoints
        from airflow_provider_revox.client.errors import RevoxError

        try:
            connection = self.get_connection(self.revox_conn_id)
            config = self._config(connection, connection.extra_dejson)
            # Whoever pressed the button waits for the answer: one attempt tells.
            with RevoxClient(dataclasses.replace(config, retries=0)) as client:
                client.send(endpoints.check_access())
        except RevoxError as error:
            return False, str(error)
        return True, f"Connected to {config.base_url}: the API key is accepted."

    def create_campaign(self, **fields: Any) -> Campaign:
        """
        Create a campaign. **Revox as its API page describes it launches it at once.**

        Where ``row_stats.not_launched`` counts calls in the answer, :meth:`launch_calls` launches them. A
        Revox that knows drafts needs ``launch`` and ``type``. Sent again only where it surely was not taken.

        :param fields: As :class:`~airflow_provider_revox.client.requests.CampaignCreate` has them.
        :raises InvalidRequestError: A field breaks a rule of the API; nothing was sent.
        :raises NoAnswerError: The campaign may or may not have been launched.
        """
        from airflow_provider_revox.client.checks import campaign_create

        return self.get_conn().create_campaign(campaign_create(**fields))

    def list_campaigns(self) -> list[Campaign]:
        """Return every campaign of the organization, finished ones too."""
        return self.get_conn().list_campaigns()

    def get_campaign(self, campaign_id: str) -> Campaign:
        """
        Return one campaign.

        :raises NotFoundError: There is none with this id.
        """
        return self.get_conn().get_campaign(campaign_id)

    def cancel_campaign(self, campaign_id: str) -> bool:
        """
        Abort pending and queued calls; calls in progress finish, the campaign and its rows stay.

        :return: The API's ``success``.
        """
        return self.get_conn().cancel_campaign(campaign_id)

    def delete_campaign(self, campaign_id: str) -> bool:
        """Delete a campaign and its rows for good. Returns the API's ``success``."""
        return self.get_conn().delete_campaign(campaign_id)

    def launch_campaign(self, campaign_id: str) -> Campaign:
        """
        Launch a draft. Sent again only where it surely was not taken.

        :raises RejectedError: It is no draft, or this server knows none.
        """
        return self.get_conn().launch_campaign(campaign_id)

    def launch_calls(self, campaign_id: str, **fields: Any) -> LaunchedCalls:
        """
        Launch calls of a campaign, by default those that are not launched.

        :param fields: As :class:`~airflow_provider_revox.client.requests.LaunchCalls` has them.
        :raises InvalidRequestError: A field breaks a rule of the API; nothing was sent.
        :raises NotFoundError: There is no campaign with this id, or an older Revox, which can't.
        """
        from airflow_provider_revox.client.checks import checked
        from airflow_provider_revox.client.requests import LaunchCalls

        return self.get_conn().launch_calls(campaign_id, checked(LaunchCalls, **fields))

    def pause_campaign(self, campaign_id: str) -> bool:
        """
        Hold pending and queued calls; calls in progress finish. Returns the API's ``success``.

        :raises NotFoundError: There is no campaign with this id, or an older Revox, which can't.
        """
        return self.get_conn().pause_campaign(campaign_id)

    def resume_campaign(self, campaign_id: str) -> bool:
        """
        Make the calls that were held. Returns the API's ``success``.

        :raises NotFoundError: There is no campaign with this id, or an older Revox, which can't.
        """
        return self.get_conn().resume_campaign(campaign_id)

    def update_campaign(self, campaign_id: str, **fields: Any) -> Campaign:
        """
        Change a campaign; only what is given.

        :param fields: As :class:`~airflow_provider_revox.client.requests.CampaignUpdate` has them.
        :raises InvalidRequestError: A field breaks a rule of the API; nothing was sent.
        :raises RejectedError: Among others, status 405: an older Revox, which can't.
        """
        from airflow_provider_revox.client.checks import checked
        from airflow_provider_revox.client.requests import CampaignUpdate

        return self.get_conn().update_campaign(campaign_id, checked(CampaignUpdate, **fields))

    def get_statistics(self, campaign_id: str) -> Statistics:
        """
        Return the report on a campaign. It has people in it, which it does not show when printed.

        :raises NotFoundError: There is no campaign with this id, or an older Revox, which can't.
        """
        return self.get_conn().get_statistics(campaign_id)

    def get_auth_status(self) -> bool:
        """
        Return true if the API key is good.

        :raises AuthenticationError: The key is wrong.
        :raises NotFoundError: The server has no such request; that says nothing of the key.
        """
        return self.get_conn().get_auth_status()

    def get_phone_history(self, numbers: Collection[str] | None = None) -> PhoneHistory:
        """
        Return what is known of numbers: how often they were called, and whether they may be.

        :param numbers: Only these, in E.164. The API tells of all and takes none, so fewer save memory only.
        :return: By number; who was never called is not in it.
        :raises NotFoundError: The server has no phone history.
        """
        return self.get_conn().get_phone_history(numbers)

    def get_rows(self, campaign_id: str, *, page: int, page_size: int, **filters: str | None) -> RowsPage:
        """
        Return one page of a campaign's rows: contacts and their calls.

        :param filters: ``query`` (text), ``result`` (such as ``human``), ``statuses``, as the API has them.
        :raises NotSupportedError: A later page or a filter was asked for, and this API has neither (it sends
            all rows): use :class:`~airflow_provider_revox.operators.results.CampaignResultsOperator`.
        """
        return self.get_conn().get_rows(campaign_id, page=page, page_size=page_size, **filters)

    def export_rows(self, campaign_id: str) -> RowsExport:
        """Return all rows of a campaign as the text of a CSV file."""
        return self.get_conn().export_rows(campaign_id)

    def _config(self, connection: Connection, extra: Mapping[str, Any]) -> ClientConfig:
        from airflow_provider_revox.hooks.connection import client_config

        config = client_config(connection, extra)
        mask_secret(config.api_key)
        if config.proxy:
            mask_secret(config.proxy)
            if password := urlsplit(config.proxy).password:
                mask_secret(unquote(password))
        return config


def _import_async_client() -> type[AsyncRevoxClient]:
    from airflow_provider_revox.client import AsyncRevoxClient

    return AsyncRevoxClient


def _import_named() -> Callable[[str], AbstractContextManager[None]]:
    from airflow_provider_revox.hooks.connection import named

    return named
