"""A task that splits a list, and what it has written."""

from __future__ import annotations

from types import SimpleNamespace

from airflow_provider_revox.batches import split
from airflow_provider_revox.files.records import read_records

ADA, BOB, CLEO, DAN = "+33612345678", "+14155550100", "+447400123456", "+33612345679"
OWN = [{"to_phone_number": number, "prompt_variables": {"who": number[-2:]}} for number in (ADA, BOB, CLEO)]


class Task:
    """A task that runs: what contact_batches asks Airflow for."""

    def __init__(self, monkeypatch, run_id="run", task_id="batches", map_index=-1):
        self.xcoms = {}
        ti = SimpleNamespace(
            dag_id="dag", run_id=run_id, task_id=task_id, map_index=map_index, xcom_push=self._push
        )
        self.context = {"ti": ti}
        self._patch = monkeypatch
        self.enter()

    def enter(self):
        self._patch.setattr(split, "get_current_context", lambda: self.context)

    def _push(self, key, value):
        self.xcoms[key] = value


def contents(urls):
    return [[record["to_phone_number"] for record in read_records(url)] for url in urls]


def files(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())
