"""Ask about single calls, the API key, assistants and phone numbers. A part of the hook."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from airflow.providers.common.compat.sdk import BaseHook

from airflow_provider_revox.client.frames import forgetful

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.organization import Assistant, PhoneNumber


class OrganizationHook(BaseHook):
    """
    Has the methods of :class:`~airflow_provider_revox.hooks.revox.RevoxHook` that are not about campaigns.

    Not every Revox has these endpoints. One that does not have them answers 404.
    """

    @abstractmethod
    def get_conn(self) -> RevoxClient:
        """Return the client of this hook."""

    @forgetful
    def cancel_call(self, call_id: str) -> bool:
        """
        Cancel a call that runs or waits. An attempt in progress may go on, and no other one follows.

        :param call_id: The id of the call, which is ``call["id"]`` of a row.
        :return: The ``success`` of the answer. If the request was sent again, it may be false for a cancelled
            call: look at the call.
        :raises NotFoundError: There is no call with this id, or this Revox does not have the endpoint.
        """
        from airflow_provider_revox.client import call_endpoints

        return self.get_conn().send(call_endpoints.cancel_call(call_id))

    @forgetful
    def pause_call(self, call_id: str) -> bool:
        """
        Hold a call. An attempt in progress goes on, and no other one follows until :meth:`resume_call`.

        :param call_id: The id of the call.
        :return: The ``success`` of the answer.
        :raises NotFoundError: There is no call with this id, or this Revox does not have the endpoint.
        """
        from airflow_provider_revox.client import call_endpoints

        return self.get_conn().send(call_endpoints.pause_call(call_id))

    @forgetful
    def resume_call(self, call_id: str) -> bool:
        """
        Go on with a call that was paused.

        :param call_id: The id of the call.
        :return: The ``success`` of the answer.
        :raises NotFoundError: There is no call with this id, or this Revox does not have the endpoint.
        """
        from airflow_provider_revox.client import call_endpoints

        return self.get_conn().send(call_endpoints.resume_call(call_id))

    def get_auth_status(self) -> bool:
        """
        Return true if the API key is good.

        :raises AuthenticationError: The API key is wrong.
        :raises NotFoundError: This Revox does not have the endpoint. That says nothing about the key.
        """
        return self.get_conn().get_auth_status()

    def list_assistants(self) -> list[Assistant]:
        """
        Return every assistant of the organization.

        :raises NotFoundError: This Revox does not have the endpoint.
        """
        from airflow_provider_revox.client import organization_endpoints

        return self.get_conn().send(organization_endpoints.list_assistants())

    @forgetful
    def get_assistant(self, assistant_id: str) -> Assistant:
        """
        Return one assistant.

        :raises NotFoundError: There is no assistant with this id, or this Revox does not have the endpoint.
        """
        from airflow_provider_revox.client import organization_endpoints

        return self.get_conn().send(organization_endpoints.get_assistant(assistant_id))

    def list_phone_numbers(self) -> list[PhoneNumber]:
        """
        Return every phone number of the organization.

        :raises NotFoundError: This Revox does not have the endpoint.
        """
        from airflow_provider_revox.client import organization_endpoints

        return self.get_conn().send(organization_endpoints.list_phone_numbers())
