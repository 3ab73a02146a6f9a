"""Find the fields that a task asks for and no record has. The task then has a wrong name, or a wrong list."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.contacts.fields import key_of
from airflow_provider_revox.files.field_names import composed
from airflow_provider_revox.files.headerless import is_number

MOST_SHOWN = 30
"""How many fields of the records an error shows."""
_LONGEST_SHOWN = 60  # characters


class AbsentFields:
    """
    Looks at records until each field was in one of them.

    :param wanted: The fields that the task asks for, composed.
    """

    def __init__(self, wanted: Collection[str]) -> None:
        self._absent = set(wanted)
        self._wanted = wanted
        self._there: dict[str, None] = {}
        self._has_a_number = False
        self._has_seen_a_record = False

    def __bool__(self) -> bool:
        """Return whether a field was in none of the records so far, though there were some."""
        return self._has_seen_a_record and bool(self._absent)

    def look_at(self, records: Iterable[Any]) -> None:
        """Look which fields the next records have."""
        if not self._absent:
            return
        for record in records:
            if isinstance(record, Mapping):
                self._has_seen_a_record = True
                self._absent = {name for name in self._absent if key_of(record, name) is None}
                if not self._absent:
                    return
                if len(self._there) <= MOST_SHOWN:
                    self._there.update(dict.fromkeys(map(_shown, record)))
                    self._has_a_number = self._has_a_number or any(map(is_number, record))

    def refuse(self) -> None:
        """
        Refuse the list if no record has a field that the task asks for.

        :raises InvalidRequestError: It names the fields that are missing and those that the records have.
        """
        if not self:
            return
        absent = [_escaped(name) for name in self._wanted if name in self._absent]
        if "" in self._there:  # if one name is a person's data, the others may be, too
            shown = "names that look like data, which are not shown"
            if self._has_a_number:
                shown += ". One is a number, not a header; add a first line with the names of the columns"
        else:
            there = list(self._there)[:MOST_SHOWN]
            shown = ", ".join(there + ["…"] * (len(there) < len(self._there))) or "no field"
        problem = (
            f"contacts: no record has the field{'s' if len(absent) > 1 else ''} {', '.join(absent)}; "
            f"they have: {shown}"
        )
        if self._wanted == ("to_phone_number",):
            problem += ". For flat records set phone_field"
        raise InvalidRequestError([problem])


def _shown(name: Any) -> str:
    """Return a name as an error may show it; empty if it may be somebody's data, such as a number."""
    if not isinstance(name, str) or len(name) > _LONGEST_SHOWN:
        return ""
    name = composed(name)
    is_data = "@" in name or len(re.findall(r"\d", name)) > 4 or not _escaped(name).isprintable()
    return "" if is_data else _escaped(name)


def _escaped(name: str) -> str:
    """Return a name without what UTF-8 can't hold: half surrogate pairs."""
    return name.encode("utf-8", "backslashreplace").decode()
