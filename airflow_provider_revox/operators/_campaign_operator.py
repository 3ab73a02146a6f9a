"""What operators have in common that act on one campaign."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from airflow.providers.common.compat.sdk import BaseOperator

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.hooks.revox import RevoxHook


class CampaignOperator(BaseOperator):
    """Base of operators that act on one campaign; its arguments are described there."""

    template_fields: Sequence[str] = ("campaign_id", "revox_conn_id")
    ui_color = "#e7e4fd"

    def __init__(
        self, *, campaign_id: str, revox_conn_id: str = RevoxHook.default_conn_name, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.campaign_id = campaign_id
        self.revox_conn_id = revox_conn_id

    @cached_property
    def hook(self) -> RevoxHook:
        """The hook of this task's connection."""
        return RevoxHook(self.revox_conn_id)

    def is_given(self) -> bool:
        """Whether there is an id: a task that has launched nothing returns none."""
        if isinstance(self.campaign_id, str):
            # A template renders what is not there to this word.
            return self.campaign_id.strip() not in ("", "None")
        return self.campaign_id is not None

    def checked_campaign_id(self) -> str:
        """
        Return the campaign's id.

        :raises InvalidRequestError: There is none, or there are several.
        """
        if not isinstance(self.campaign_id, str) or not self.is_given():
            kind = type(self.campaign_id).__name__
            if isinstance(self.campaign_id, str):
                kind = "the word None" if self.campaign_id.strip() else "empty"
            raise InvalidRequestError(
                [
                    f"campaign_id: must be the id of one campaign, not {kind}; for several campaigns use "
                    f"{type(self).__name__}.partial(...).expand(campaign_id=...)"
                ]
            )
        return self.campaign_id.strip()
