"""Checking what is to be sent: an error says which field breaks which rule of the API, and shows no value."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.client.invalid_fields import describe_invalid
from airflow_provider_revox.client.requests import (
    CampaignCreate,
    CampaignUpdate,
    CheckedContacts,
    LaunchCalls,
)

R = TypeVar("R", CampaignUpdate, LaunchCalls)


def campaign_create(*, checked_contacts: CheckedContacts | None = None, **fields: Any) -> CampaignCreate:
    """
    Check the fields of a campaign.

    :param checked_contacts: Contacts that are known to be right, instead of a field ``contacts``.
    :param fields: As :class:`~airflow_provider_revox.client.requests.CampaignCreate` has them.
    :raises InvalidRequestError: A field breaks a rule of the API.
    """
    try:
        if checked_contacts is None:
            campaign = CampaignCreate(**fields)
        else:
            campaign = CampaignCreate.checked(checked_contacts, **fields)
        _ = campaign.body  # made now, while a text that can't be written is an error of the request
    except ValidationError as error:
        raise InvalidRequestError(describe_invalid(error)) from None
    except PydanticSerializationError:
        raise InvalidRequestError(
            ["campaign: has text that UTF-8 can't hold (half a surrogate pair)"]
        ) from None
    return campaign


def checked(model: type[R], **fields: Any) -> R:
    """
    Check the fields of another request.

    :param model: Its shape.
    :param fields: As it has them.
    :raises InvalidRequestError: A field breaks a rule of the API.
    """
    try:
        return model(**fields)
    except ValidationError as error:
        raise InvalidRequestError(describe_invalid(error, "request")) from None
