"""
A stand-in for Airflow's SalesforceHook and for the client of simple-salesforce behind it.

The real ones need pandas and zeep, and are not among the packages of the tests.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import pytest

QUERY = re.compile(r"SELECT ([\w, ]+) FROM Contact WHERE (.+)")
CHANGED = re.compile(r"SystemModstamp >= (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)")
ONE_OF = re.compile(r"Id IN \(('\w+'(?:, '\w+')*)\)")
IS = re.compile(r"(\w+) = (true|false|null)")
EMPTY = {
    "FirstName": None,
    "Call_Requested__c": False,
    "DoNotCall": False,
    "Revox_Run__c": None,
    "Revox_Outcome__c": None,
    "Revox_Ended_At__c": None,
}


class SalesforceStandIn:
    """
    Keep contacts, and answer the queries and the one request of the guide.

    :param contacts: The contacts. Fields that are missing are empty.
    """

    def __init__(self, contacts: list[dict[str, Any]]) -> None:
        now = datetime.now(UTC)
        self.contacts: list[dict[str, Any]] = [{**EMPTY, "SystemModstamp": now, **one} for one in contacts]
        self.changes: list[tuple[str, str]] = []
        """The id and the field of each value that changed."""

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Let the guide import this instead of the real hook."""
        module = ModuleType("airflow.providers.salesforce.hooks.salesforce")
        module.SalesforceHook = lambda conn_id: self  # type: ignore[attr-defined]
        name = ""
        for part in module.__name__.split("."):
            name = f"{name}.{part}".lstrip(".")
            if name not in sys.modules:
                monkeypatch.setitem(sys.modules, name, ModuleType(name))
        monkeypatch.setitem(sys.modules, module.__name__, module)

    def get_conn(self) -> SalesforceStandIn:
        return self

    def query_all_iter(self, query: str) -> Iterator[dict[str, Any]]:
        found = QUERY.fullmatch(query)
        assert found, query
        fields, conditions = found[1].split(", "), found[2].split(" AND ")
        for contact in self.contacts:
            if all(self._holds(contact, condition) for condition in conditions):
                yield {"attributes": {"type": "Contact"}, **{name: contact[name] for name in fields}}

    def restful(self, path: str, *, method: str, json: dict[str, Any]) -> list[dict[str, Any]]:
        assert (path, method, json["allOrNone"]) == ("composite/sobjects", "PATCH", False)
        assert 0 < len(json["records"]) <= 200
        return [self._change(dict(record)) for record in json["records"]]

    def _change(self, record: dict[str, Any]) -> dict[str, Any]:
        assert record.pop("attributes") == {"type": "Contact"}
        id_ = record.pop("id")
        (contact,) = (one for one in self.contacts if one["Id"] == id_)
        assert set(record) <= set(EMPTY)
        self.changes += [(id_, name) for name, value in record.items() if contact[name] != value]
        contact.update(record, SystemModstamp=datetime.now(UTC))
        return {"id": id_, "success": True, "errors": []}

    @staticmethod
    def _holds(contact: dict[str, Any], condition: str) -> bool:
        if found := CHANGED.fullmatch(condition):
            return bool(contact["SystemModstamp"] >= datetime.fromisoformat(found[1]))
        if found := ONE_OF.fullmatch(condition):
            return f"'{contact['Id']}'" in found[1].split(", ")
        found = IS.fullmatch(condition)
        assert found, condition
        return contact[found[1]] is {"true": True, "false": False, "null": None}[found[2]]
