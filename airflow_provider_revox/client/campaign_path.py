"""Where a campaign is."""

from __future__ import annotations

import re
from urllib.parse import quote

from airflow_provider_revox.client.errors import InvalidRequestError

_looks_like_phone_number = re.compile(r"\s*(?:\+[\d\s().-]+|\d{7,})\s*").fullmatch


def campaign_path(campaign_id: str) -> str:
    """
    Return the path of a campaign.

    :raises InvalidRequestError: The id is none: paths are shown in errors, so a number must not get into one.
    """
    if not campaign_id or campaign_id in (".", ".."):
        raise InvalidRequestError(["campaign_id: must not be empty"])
    if _looks_like_phone_number(campaign_id):
        raise InvalidRequestError(["campaign_id: looks like a phone number; give the id of a campaign"])
    return f"/campaigns/{quote(campaign_id, safe='')}"
