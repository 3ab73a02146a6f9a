"""Ask Revox what a preflight needs: the assistant, and the numbers of the organization."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from airflow_provider_revox.client import organization_endpoints
from airflow_provider_revox.client.errors import NotFoundError, RevoxError

if TYPE_CHECKING:
    from airflow_provider_revox.client import RevoxClient
    from airflow_provider_revox.client.messages import Endpoint
    from airflow_provider_revox.client.organization import Assistant, PhoneNumber

T = TypeVar("T")


@dataclass(frozen=True)
class KnownOrganization:
    """
    Holds what Revox tells of the organization. ``None``: it does not tell.

    :param assistant: The assistant of the campaign.
    :param assistants: All assistants. Only asked for if the assistant is not found.
    :param phone_numbers: All phone numbers. Only asked for if the campaign names one.
    :param errors: Why Revox does not tell something.
    """

    assistant: Assistant | None = None
    assistants: list[Assistant] | None = None
    phone_numbers: list[PhoneNumber] | None = None
    errors: list[RevoxError] = field(default_factory=list)


def ask_organization(
    client: RevoxClient, assistant_id: str, *, needs_phone_numbers: bool
) -> KnownOrganization:
    """
    Ask for the assistant and the phone numbers. An error of Revox is no error here: it is "not told".

    A 404 has two meanings: no such assistant, or no such endpoint. So the list of all assistants decides.
    If Revox is in trouble, nothing else is asked: a campaign waits for the answers.

    :param client: Asks Revox.
    :param assistant_id: The assistant of the campaign.
    :param needs_phone_numbers: Whether the campaign names the number that people see.
    """
    errors: list[RevoxError] = []

    def ask(question: Callable[[], Endpoint[T]]) -> T | None:
        if any(error.transient for error in errors):
            return None
        try:
            return client.send(question())
        except RevoxError as error:
            errors.append(error)
            return None

    assistants = None
    assistant = ask(lambda: organization_endpoints.get_assistant(assistant_id))
    if errors and isinstance(errors[0], NotFoundError):
        assistants = ask(organization_endpoints.list_assistants)
        assistant = next((one for one in assistants or () if one.id == assistant_id), None)
    numbers = ask(organization_endpoints.list_phone_numbers) if needs_phone_numbers else None
    return KnownOrganization(assistant, assistants, numbers, errors)
