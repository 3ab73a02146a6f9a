"""
Every day, the contacts who want a call are called, and the outcome goes back to HubSpot.

Reads the contacts that changed in HubSpot and for whom somebody asked for a call, launches a campaign, waits
for it without holding a worker slot, and writes the outcome of each call into the contact. Each task can be
tried again, and a run that is late calls nobody.

To set up: the connection ``revox_default``, your assistant's id as the default of the DAG's param, and the
connection ``hubspot`` of type ``http``, with the host ``https://api.hubapi.com`` and the extra
``{"Authorization": "Bearer your-access-token"}``. Contacts need five properties of your own in HubSpot, with
these internal names:

- ``revox_call_requested`` (checkbox): somebody, or a workflow, asks for a call
- ``revox_do_not_call`` (checkbox): the person wants no calls. HubSpot has no such property of its own.
- ``revox_run`` (text): the run that calls the contact. Empty it to have the contact called again.
- ``revox_outcome`` (text) and ``revox_ended_at`` (date and time): what came of the call

The lists and the results have people's numbers. They are in the machine's temporary folder, unless the
environment variable ``REVOX_EXAMPLE_RESULTS`` names another folder or URL, such as
``s3://aws_default@bucket/calls``: one that all workers reach, and nobody else. Let the storage delete its
files after a week.
"""

from __future__ import annotations

import gzip
import json
import logging
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum

# On Airflow 3 alone: from airflow.sdk import ObjectStoragePath, Param, dag, task
from airflow.providers.common.compat.sdk import (
    AirflowException,
    AirflowFailException,
    AirflowSkipException,
    ObjectStoragePath,
    Param,
    dag,
    task,
)
from airflow.providers.http.hooks.http import HttpHook
from airflow.timetables.interval import CronDataIntervalTimetable
from requests.adapters import HTTPAdapter
from urllib3 import Retry

from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.operators.revox import CampaignResultsOperator
from airflow_provider_revox.sensors.revox import CampaignSensor

POKE_INTERVAL = float(os.environ.get("REVOX_EXAMPLE_POKE_INTERVAL", "60"))
FOLDER = os.environ.get("REVOX_EXAMPLE_RESULTS", tempfile.gettempdir())
# A retry calls nobody again: it goes on with the campaign that is there.
RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=2)}
LATEST = timedelta(days=2)  # after the end of the data interval: a later run calls nobody
INDEX_DELAY = timedelta(minutes=10)  # a change is in HubSpot's search some moments later, not at once
ZONE = "America/New_York"
OFFICE_HOURS = {
    "calling_window_start_time": "09:00",
    "calling_window_end_time": "6pm",
    "retry_delay_seconds": 7200,
}
PROPERTIES = ["phone", "firstname", "revox_call_requested", "revox_do_not_call", "revox_run"]

Properties = dict[str, str | None]


def ask_hubspot(path: str, body: dict[str, Any]) -> dict[str, Any]:
    """Send a request. Each may be sent again: it only reads, or it sets the same values once more."""
    # HubSpot limits the rate of requests: 429. This waits as long as Retry-After says.
    again = Retry(total=6, backoff_factor=1, status_forcelist=[429, 500, 502, 503, 504], allowed_methods=None)
    hook = HttpHook("POST", http_conn_id="hubspot", adapter=HTTPAdapter(max_retries=again))
    # With its own check, the hook would log HubSpot's answer, which may quote a person's data.
    options = {"check_response": False, "timeout": 30}
    answer = hook.run(f"/crm/v3/objects/contacts/{path}", json=body, extra_options=options)
    answer.raise_for_status()
    return dict(answer.json())


def find_contacts(since: datetime) -> Iterator[dict[str, str | None]]:
    """Yield the contacts that changed since then and want a call that no run has claimed."""
    # No upper bound: a contact that changes again before this run reads it would drop out of the interval,
    # and if a nightly job changes all contacts, it would do so every night.
    changed = [
        {"propertyName": "lastmodifieddate", "operator": "GTE", "value": f"{since.timestamp() * 1000:.0f}"},
        {"propertyName": "revox_call_requested", "operator": "EQ", "value": "true"},
        {"propertyName": "revox_run", "operator": "NOT_HAS_PROPERTY"},
    ]
    last_id = "0"
    while True:
        # Pages by id, because a search has 10,000 results at most, and because contacts that change meanwhile
        # would move others from page to page ("after").
        unread = {"propertyName": "hs_object_id", "operator": "GT", "value": last_id}
        search = {
            "filterGroups": [{"filters": [*changed, unread]}],
            "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
            "properties": PROPERTIES,
            "limit": 200,
        }
        page = ask_hubspot("search", search)["results"]
        if not page:
            return
        for contact in page:
            known = contact["properties"]
            if wants_call(known):
                yield {"id": contact["id"], "phone": known["phone"], "first_name": known["firstname"]}
        last_id = page[-1]["id"]
        time.sleep(0.25)  # HubSpot allows an account five searches a second


def wants_call(contact: Properties) -> bool:
    """Return whether somebody asked for a call, and the person did not opt out."""
    opted_out = contact.get("revox_do_not_call") not in (None, "", "false")
    return contact.get("revox_call_requested") == "true" and not opted_out


def update_contacts(changes: dict[str, Properties], applies: Callable[[Properties], bool]) -> set[str]:
    """Change the contacts to which this still applies. Return their ids: some may be deleted by now."""
    changed: set[str] = set()
    ids = list(changes)
    for start in range(0, len(ids), 100):  # HubSpot takes 100 contacts in a request
        inputs = [{"id": id_} for id_ in ids[start : start + 100]]
        # Unlike the search, this shows each contact as it is at this moment.
        found = ask_hubspot("batch/read", {"inputs": inputs, "properties": PROPERTIES})["results"]
        # Somebody may have merged a contact into another one, which then has another id.
        still_due = [one["id"] for one in found if one["id"] in changes and applies(one["properties"])]
        due = [{"id": id_, "properties": changes[id_]} for id_ in still_due]
        if due and ask_hubspot("batch/update", {"inputs": due}).get("numErrors"):
            raise AirflowException("HubSpot did not change all contacts; the next try does")
        changed.update(still_due)
    return changed


def is_late(interval_end: datetime | None) -> bool:
    """Return whether a run must not call anybody any more, because what it knows is old."""
    # A catch-up run, a backfill, an old run that is cleared, and a run without a data interval
    return interval_end is None or datetime.now(UTC) - interval_end > LATEST


@dag(
    description="Call the contacts who want a call, and write the outcome back to HubSpot.",
    # "@daily" alone makes runs without a data interval in Airflow 3.
    schedule=CronDataIntervalTimetable("0 9 * * *", timezone=ZONE),
    start_date=pendulum.datetime(2026, 1, 1, tz=ZONE),
    catchup=False,
    max_active_runs=1,  # two runs at once could claim the same contact
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
    params={"assistant_id": Param("your-assistant-id", type="string", minLength=1)},
)
def hubspot_sync() -> None:
    """List, call, wait, get the results, write them back."""

    # The contacts go into a file, and only its path into XCom. The first list of an interval stands: another
    # try, or another run for this interval, gets the same file, whatever HubSpot has by then.
    @task
    def list_contacts(data_interval_start: Any = None, data_interval_end: Any = None) -> str:
        if is_late(data_interval_end):
            raise AirflowSkipException("This run is late, so it calls nobody.")
        files = contact_batches(
            find_contacts(data_interval_start - INDEX_DELAY),
            to=f"{FOLDER}/hubspot_lists",
            key=data_interval_end.isoformat(),
            batch_size=1_000_000,
            phone_field="phone",
            variable_fields={"hubspot_id": "id", "first_name": "first_name"},
            variable_default="there",
            default_region="US",
            on_invalid="skip",
        )
        if not files:
            raise AirflowSkipException("No contact wants a call.")
        return files[0]

    # Claims the contacts in HubSpot before it calls them. So no other run finds them, even if this one fails
    # and each of them changes again.
    @task.revox_campaign(
        assistant_id="{{ params.assistant_id }}",
        name="HubSpot {{ data_interval_end | ds }}",
        # One campaign an interval: another run for it finds this one's campaign and calls nobody again.
        launch_key="{{ data_interval_end | ts }}",
        call_retry_config={"calling_windows": [OFFICE_HOURS], "max_retry_attempts": 3, "timezone": ZONE},
    )
    def call(file: str, data_interval_end: Any = None) -> list[dict[str, Any]]:
        if is_late(data_interval_end):
            raise AirflowFailException("This list is too old to call the contacts in it.")
        with ObjectStoragePath(file).open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
            contacts = {row["prompt_variables"]["hubspot_id"]: row for row in map(json.loads, lines)}
        run = data_interval_end.isoformat()
        claimed = update_contacts(
            {id_: {"revox_run": run} for id_ in contacts},
            lambda contact: wants_call(contact) and contact.get("revox_run") in (None, "", run),
        )
        if left := len(contacts) - len(claimed):
            logging.getLogger("airflow.task").info("%s contacts do not want this call any more", left)
        return [row for id_, row in contacts.items() if id_ in claimed]

    called = call(list_contacts())

    wait = CampaignSensor(task_id="wait", campaign_id=called, deferrable=True, poke_interval=POKE_INTERVAL)

    path = FOLDER + "/hubspot_{{ data_interval_end | ts_nodash }}.jsonl"
    results = CampaignResultsOperator(
        task_id="results", campaign_id=called, path=path, variable_columns=["hubspot_id"]
    )

    # Sets properties, so that a second try changes nothing. A note would be there twice.
    @task
    def write_back(path: str, data_interval_end: Any = None) -> dict[str, int]:
        with ObjectStoragePath(path).open(encoding="utf-8") as file:
            rows = list(map(json.loads, iter(file.readline, "")))  # Airflow 2's files are no iterables
        outcomes: dict[str, Properties] = {
            row["hubspot_id"]: {
                "revox_outcome": row["outcome"] or row["result"] or row["status"],
                "revox_ended_at": row["ended_at"] or "",
            }
            for row in rows
        }
        run = data_interval_end.isoformat()
        # A contact of a newer run keeps the newer outcome.
        written = update_contacts(outcomes, lambda contact: contact.get("revox_run") == run)
        return {"written": len(written), "deleted_or_called_again": len(outcomes) - len(written)}

    wait >> results >> write_back(path)


hubspot_sync()
