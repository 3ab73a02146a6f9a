"""Describe what an organization has beside its campaigns: its assistants and its phone numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from airflow_provider_revox.client.limits import DEEPEST
from airflow_provider_revox.client.models import Id, Response, Text

_FILLED_FIELDS = (
    "prompt",
    "first_sentence",
    "end_of_call_sentence",
    "voicemail_message",
    "max_duration_end_message",
    "sms_template",
    "after_call_sms_prompt",
    "voicemail_sms_prompt",
    "prompt_flow",
)
"""Fields whose placeholders the prompt variables fill (as the types of the official client 0.5.0 say)."""


class Assistant(Response):
    """Describes an assistant. Only ``id`` must be there."""

    SHOWN = ("id",)

    id: Id
    name: Text = None

    @property
    def shows_prompt(self) -> bool:
        """Whether the answer has the prompt. Without it, nobody can tell which variables it needs."""
        return isinstance(self.model_dump().get("prompt"), str)

    @property
    def filled_texts(self) -> list[str]:
        """The texts whose placeholders the prompt variables fill."""
        content = self.model_dump()
        return list(_texts([content.get(name) for name in _FILLED_FIELDS]))

    @property
    def other_texts(self) -> list[str]:
        """
        All other texts, such as the template of a notification or the URL of a tool.

        Revox fills their placeholders with values of its own, too: a summary, or what the tool is asked for.
        """
        content = self.model_dump()
        return list(_texts([value for name, value in content.items() if name not in _FILLED_FIELDS]))


class PhoneNumber(Response):
    """Describes a phone number of the organization."""

    phone_number: Text = None


def _texts(value: Any, levels: int = DEEPEST) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif levels and isinstance(value, (dict, list)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part, levels - 1)
