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

The lists, claims and results have people's numbers. They are in the machine's temporary folder, unless the
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
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pendulum

# On Airflow 3 alone the last four are in airflow.sdk.
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
from airflow_provider_revox.phone_numbers.problems import NumberError
from airflow_provider_revox.phone_numbers.reader import NumberReader
from airflow_provider_revox.sensors.revox import CampaignSensor

POKE_INTERVAL = float(os.environ.get("REVOX_EXAMPLE_POKE_INTERVAL", "60"))
FOLDER = os.environ.get("REVOX_EXAMPLE_RESULTS", tempfile.gettempdir())
# A retry calls nobody again: it goes on with the campaign that is there.
RETRIES = {"retries": 3, "retry_delay": timedelta(minutes=2)}
# A run that is later than this calls nobody. And each run looks back this far from the end of its
# data interval, because intervals pass without a run while Airflow is down or the DAG is paused.
LATEST = timedelta(days=2)
INDEX_DELAY = timedelta(minutes=10)  # a change is in HubSpot's search some moments later, not at once
REGION = "US"  # of numbers without a country code
ZONE = "America/New_York"
HOURS = {"calling_window_start_time": "09:00", "calling_window_end_time": "6pm", "retry_delay_seconds": 7200}
OPTIONS: dict[str, Any] = {
    "batch_size": 1_000_000,
    "phone_field": "phone",
    "variable_fields": {"hubspot_ids": "ids", "first_name": "first_name"},
    "variable_default": "there",
    "default_region": REGION,
    "on_invalid": "skip",
}
PROPERTIES = ["phone", "firstname", "revox_call_requested", "revox_do_not_call", "revox_run"]
RUN = "{{ ti.dag_id }} {{ data_interval_end | ts }}"  # what a run notes in revox_run

Properties = dict[str, str | None]
Contacts = dict[str, Properties]  # by id


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


def find_contacts(since: datetime) -> Iterator[Properties]:
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
            known = properties_of(contact)
            if wants_call(known):
                yield {"id": contact["id"], "phone": known["phone"], "first_name": known["firstname"]}
        last_id = page[-1]["id"]
        time.sleep(0.25)  # HubSpot allows an account five searches a second


def properties_of(contact: dict[str, Any]) -> Properties:
    """Return what a contact has in each of ``PROPERTIES``."""
    known: Properties = contact["properties"]
    # HubSpot leaves out a property that does not exist. Without it, an opt-out would not be seen.
    if missing := sorted(set(PROPERTIES) - set(known)):
        raise AirflowFailException(f"HubSpot's contacts have no {', '.join(missing)}. Make these properties.")
    return known


def wants_call(contact: Properties) -> bool:
    """Return whether somebody asked for a call, and the person did not opt out."""
    return contact["revox_call_requested"] == "true" and contact["revox_do_not_call"] in (None, "", "false")


def one_per_number(contacts: Iterable[Properties]) -> Iterator[Properties]:
    """Yield one contact for each number, with the ids of all contacts who have this number."""
    # All of them are claimed. Otherwise the next run would call the number again, for the second contact.
    # They are read as contact_batches reads them: another reader may see one number where it sees two.
    reader = NumberReader(REGION)
    same: dict[str, list[Properties]] = {}
    for contact in contacts:
        number = contact["phone"] or ""
        with suppress(NumberError):  # contact_batches reports such a number
            number = reader.read(number)
        same.setdefault(number, []).append(contact)
    for group in same.values():
        yield {**group[0], "ids": " ".join(str(contact["id"]) for contact in group)}


def read_contacts(ids: list[str]) -> Contacts:
    """Return the contacts as they are at this moment, which the search may not know yet."""
    found: Contacts = {}
    for start in range(0, len(ids), 100):  # HubSpot takes 100 contacts in a request
        body = {"inputs": [{"id": id_} for id_ in ids[start : start + 100]], "properties": PROPERTIES}
        answer = ask_hubspot("batch/read", body)
        # A contact may be deleted by now. Any other error means that HubSpot shows too few.
        if any(error.get("category") != "OBJECT_NOT_FOUND" for error in answer.get("errors", [])):
            raise AirflowException("HubSpot did not show all contacts; the next try asks again")
        found.update((one["id"], properties_of(one)) for one in answer["results"])
    # Somebody may have merged a contact into another one, which then has another id.
    return {id_: found[id_] for id_ in ids if id_ in found}


def update_contacts(changes: Contacts, applies: Callable[[Properties], bool]) -> Contacts:
    """Change the contacts to which this still applies. Return them as they were before."""
    changed: Contacts = {}
    ids = list(changes)
    for start in range(0, len(ids), 100):
        due = {id_: had for id_, had in read_contacts(ids[start : start + 100]).items() if applies(had)}
        if due:
            inputs = [{"id": id_, "properties": changes[id_]} for id_ in due]
            answer = ask_hubspot("batch/update", {"inputs": inputs})
            if due.keys() - {one["id"] for one in answer["results"]}:
                raise AirflowException("HubSpot did not change all contacts; the next try does")
        changed.update(due)
    return changed


def read_lines(files: list[str]) -> list[dict[str, Any]]:
    """Return the contacts in the files that ``contact_batches`` has written."""
    rows: list[dict[str, Any]] = []
    for file in files:
        with ObjectStoragePath(file).open("rb") as packed, gzip.open(packed, "rt", encoding="utf-8") as lines:
            rows += map(json.loads, lines)
    return rows


def ids_of(row: dict[str, Any]) -> set[str]:
    """Return the ids of the contacts for whom this number is called."""
    return set(row["prompt_variables"]["hubspot_ids"].split())


def is_late(interval_end: datetime | None) -> bool:
    """Return whether a run must not call anybody any more. A run without a data interval must not, either."""
    return interval_end is None or datetime.now(UTC) - interval_end > LATEST


@dag(
    description="Call the contacts who want a call, and write the outcome back to HubSpot.",
    # "@daily" alone makes runs without a data interval in Airflow 3.
    schedule=CronDataIntervalTimetable("0 9 * * *", timezone=ZONE),
    start_date=pendulum.datetime(2026, 1, 1, tz=ZONE),
    catchup=False,
    max_active_runs=1,  # of the scheduled runs: a backfill counts its own
    tags=["revox", "example"],
    doc_md=__doc__,
    default_args=RETRIES,
    params={"assistant_id": Param("your-assistant-id", type="string", minLength=1)},
)
def hubspot_sync() -> None:
    """List, call, wait, get the results, write them back."""

    # The contacts go into files, and only the paths into XCom. The first list of an interval stands: another
    # try, or another run for this interval, gets the same files, whatever HubSpot has by then.
    @task
    def list_contacts(data_interval_end: Any = None) -> list[str]:
        if is_late(data_interval_end):
            raise AirflowSkipException("This run is late, so it calls nobody.")
        found = one_per_number(find_contacts(data_interval_end - LATEST - INDEX_DELAY))
        key = data_interval_end.isoformat()
        files = contact_batches(found, to=f"{FOLDER}/hubspot_lists", key=key, **OPTIONS)
        if not files:
            raise AirflowSkipException("No contact wants a call.")
        return files

    # Claims the contacts in HubSpot before it calls them. So no other run finds them, even if this one fails
    # and each of them changes again. The first complete claims of an interval stand, as the list does.
    @task.revox_campaign(
        assistant_id="{{ params.assistant_id }}",
        name="HubSpot {{ data_interval_end | ds }}",
        # One campaign an interval: another run for it finds this one's campaign and calls nobody again.
        launch_key="{{ data_interval_end | ts }}",
        call_retry_config={"calling_windows": [HOURS], "max_retry_attempts": 3, "timezone": ZONE},
        # Two at once, of a scheduled run and of a backfill, could claim the same contact.
        max_active_tis_per_dag=1,
    )
    def call(files: list[str], run: str, data_interval_end: Any = None) -> list[dict[str, Any]]:
        if is_late(data_interval_end):
            raise AirflowFailException("This list is too old to call the contacts in it.")
        listed = [id_ for row in read_lines(files) for id_ in ids_of(row)]

        def claim() -> Iterator[Properties]:
            claimed = update_contacts(
                {id_: {"revox_run": run} for id_ in listed},
                lambda contact: wants_call(contact) and contact["revox_run"] in (None, "", run),
            )
            # With the number and the name of this moment: somebody may have corrected them.
            for id_, contact in claimed.items():
                yield {"id": id_, "phone": contact["phone"], "first_name": contact["firstname"]}

        files = contact_batches(one_per_number(claim()), to=f"{FOLDER}/hubspot_claims", key=run, **OPTIONS)
        rows = read_lines(files)
        claimed = [id_ for row in rows for id_ in ids_of(row)]
        # A number may have become wrong since the list was made. Such a contact is left to the next run.
        others: Contacts = {id_: {"revox_run": ""} for id_ in set(listed) - set(claimed)}
        update_contacts(others, lambda contact: contact["revox_run"] == run)
        # An earlier try may have made the claims. People may have opted out since.
        now = read_contacts(claimed)
        due = {id_ for id_, contact in now.items() if wants_call(contact) and contact["revox_run"] == run}
        left = len(listed) - len(due)
        logging.getLogger("airflow.task").info("Contacts on the list that this run leaves out: %s", left)
        return [row for row in rows if ids_of(row) & due and not ids_of(row) & (now.keys() - due)]

    called = call(list_contacts(), RUN)

    wait = CampaignSensor(task_id="wait", campaign_id=called, deferrable=True, poke_interval=POKE_INTERVAL)

    path = FOLDER + "/{{ ti.dag_id }}_{{ data_interval_end | ts_nodash }}.jsonl"
    results = CampaignResultsOperator(
        task_id="results", campaign_id=called, path=path, variable_columns=["hubspot_ids"]
    )

    # Sets properties, so that a second try changes nothing. A note would be there twice.
    @task
    def write_back(path: str, run: str) -> dict[str, int]:
        with ObjectStoragePath(path).open(encoding="utf-8") as file:
            rows = list(map(json.loads, iter(file.readline, "")))  # Airflow 2's files are no iterables
        outcomes: dict[str, Properties] = {
            id_: {
                "revox_outcome": row["outcome"] or row["result"] or row["status"] or "not_called",
                "revox_ended_at": row["ended_at"] or "",
            }
            for row in rows
            for id_ in row["hubspot_ids"].split()
        }
        # A contact of a newer run keeps the newer outcome.
        written = update_contacts(outcomes, lambda contact: contact["revox_run"] == run)
        return {"written": len(written), "deleted_or_called_again": len(outcomes) - len(written)}

    wait >> results >> write_back(path, RUN)


hubspot_sync()
