"""What a task holds its contacts in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.counts import count
from airflow_provider_revox.templating import read_literal


class Contacts:
    """
    Records as they came, wrapped so that whoever shows them shows a count.

    Airflow shows whatever a template field holds: in the UI, in the stored DAG, in the log when rendering
    fails. So a task holds its contacts in this.

    :param value: Records, or text that is or will be rendered to records.
    :param rendered: Whether Jinja has been through it, after which it is data and no template any more.
    """

    def __init__(self, value: Any, *, rendered: bool = False) -> None:
        # Showing the count must not use up what can be read only once.
        self.value = list(value) if isinstance(value, Iterator) else value
        self.rendered = rendered

    def records(self) -> list[Any]:
        """
        Return the records.

        :raises InvalidRequestError: This is no list of records.
        """
        value = read_literal(self.value, "contacts")
        if value is None:
            raise InvalidRequestError(
                ["contacts: is None; if nobody is to be called, the upstream task must return an empty list"]
            )
        if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
            raise InvalidRequestError([f"contacts: must be a list of records, not {type(value).__name__}"])
        return list(value)

    def __repr__(self) -> str:
        if isinstance(self.value, str) and not self.rendered:
            return "contacts (a template)"
        try:
            return count(len(self.records()))
        except InvalidRequestError:
            return "contacts (not a list)"
