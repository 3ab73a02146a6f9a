"""
Search all that a run of every operator leaves behind, whatever the server says, and however it is written.

Tasks ask through a proxy, over https. The server repeats what it was sent, in every way it can write it.
"""

from __future__ import annotations

import base64
import html
import json
import logging
import os
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from revox_sandbox import Fault, SandboxSettings
from tests.relay import Relay, server_context, write_certificate

KEY = "rx-key-Xylophone-90817"
PEOPLE = [
    {"phone": "+33698214573", "who": 'Éloïse "Zuzu" O\'Quigley', "plan": "Obsidian-Tariff"},
    {"phone": "06 98 21 45 74", "who": "Wolfram Vandersloot", "plan": "Obsidian-Tariff"},
]
WORDS = ["Éloïse", "O'Quigley", "Wolfram", "Vandersloot", "Obsidian", "Tariff"]
NUMBERS = ["698214573", "698214574"]
PASSES = """
import json
from pathlib import Path
from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.operators.revox import *

create = dict(assistant_id="a1", phone_field="phone", variable_fields=["who", "plan"], default_region="FR")
people, folder = {people!r}, {folder!r}
created = CreateCampaignOperator(
    task_id="create", name="one", contacts=people, report_path=folder + "/report.csv",
    skip_do_not_contact=True, wait_for_completion=True, deferrable=True, poll_interval=0.05, **create)
sensed = CampaignSensor(task_id="sense", campaign_id=created.output, poke_interval=0.05)
results = CampaignResultsOperator(
    task_id="results", campaign_id=created.output, path=folder + "/results.csv", variable_columns=["who"])
relaunch = RelaunchCampaignOperator(
    task_id="relaunch", name="again", assistant_id="a1", campaign_id=created.output)
paused = CreateCampaignOperator(task_id="second", name="two", contacts=people, launch_key="k2", **create)
pause = PauseCampaignOperator(task_id="pause", campaign_id=paused.output)
resume = ResumeCampaignOperator(task_id="resume", campaign_id=paused.output)
numbers = dict(contacts=people, phone_field="phone", default_region="FR")
take_out = CancelCallsOperator(task_id="take_out", campaign_ids=[paused.output], **numbers)
cancel = CancelCampaignOperator(task_id="cancel", campaign_id=paused.output)
later = CreateCampaignOperator(
    task_id="later", name="three", contacts=people, launch_key="k3", launch=False, **create)
launch = LaunchCampaignOperator(
    task_id="launch", campaign_id=later.output, up_to=1, suppress=["+33612345678"], wait_for_completion=True,
    deferrable=True, poll_interval=0.05)

@task
def change(campaign_id):
    person = json.loads(Path(people).read_text().splitlines()[0])  # Airflow stores the text of this DAG
    RevoxHook().update_campaign(campaign_id, name="two, changed", from_phone_number=person["phone"])

changed = change(paused.output)
created >> sensed >> results >> paused >> pause >> take_out >> changed >> resume >> cancel >> relaunch
relaunch >> later

@task.revox_campaign(name="decorated", **create)
def decorated():
    return people

@task
def batches():
    return contact_batches(people, to=folder + "/batches", batch_size=1, key="k",
        **{{key: value for key, value in create.items() if key != "assistant_id"}})

[decorated(), batches()]
"""
FAILS = """
import json
from pathlib import Path
from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.hooks.revox import RevoxHook
from airflow_provider_revox.operators.revox import *

create = dict(assistant_id="a1", phone_field="phone", variable_fields=["who", "plan"], default_region="FR")
people, folder = {people!r}, {folder!r}
one = dict(campaign_id="c-1")
CreateCampaignOperator(task_id="create", name="one", contacts=people, reconcile_timeout=1, **create)
CreateCampaignOperator(task_id="refused", name="two", contacts=people, launch_key=None, **create)
CampaignSensor(task_id="sense", poke_interval=0.05, outage_budget=0, **one)
CampaignSensor(task_id="sense_deferred", deferrable=True, poke_interval=0.05, outage_budget=0, **one)
CampaignResultsOperator(task_id="results", path=folder + "/results.csv", **one)
RelaunchCampaignOperator(task_id="relaunch", name="again", assistant_id="a1", **one)
LaunchCampaignOperator(task_id="launch", suppress=folder[:-3] + "people.jsonl", phone_field="phone",
                       default_region="FR", up_to=0.5, **one)
PauseCampaignOperator(task_id="pause", **one)
ResumeCampaignOperator(task_id="resume", **one)
CancelCampaignOperator(task_id="cancel", **one)
CancelCallsOperator(
    task_id="take_out", campaign_ids="c-1", contacts=people, phone_field="phone", default_region="FR")

@task.revox_campaign(name="decorated", reconcile_timeout=1, **create)
def decorated():
    return people

@task
def batches():
    return contact_batches(people, to=folder + "/batches", phone_field="who", key="k")

@task
def change():
    person = json.loads(Path(people).read_text().splitlines()[0])
    RevoxHook().update_campaign("c-1", name=person["who"], from_phone_number=person["phone"])

[decorated(), batches(), change()]
"""
WAYS = [
    str,
    str.upper,
    lambda text: json.dumps(text)[1:-1],
    html.escape,
    quote,
    lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: text.encode().hex(),
    lambda text: "\u200b".join(text),
    lambda text: text[: len(text) - 2],
]


def patterns() -> Iterator[str]:
    for word in [*WORDS, KEY, KEY[7:16], KEY[-5:]]:
        for way in WAYS[:-1]:
            yield re.escape(way(word))
        for prefix in ("", "x", "xy"):  # the three places that a text may have in base64
            encoded = base64.b64encode(f"{prefix}{word}".encode()).decode().rstrip("=")
            yield re.escape(encoded[len(prefix) + 1 if prefix else 0 : -2])
    for number in NUMBERS:
        yield r"[\W_]{0,3}".join(number[:7])
        yield re.escape(base64.b64encode(number.encode()).decode()[:8])


# What is shorter than six characters stands somewhere in every encrypted stream.
SECRETS = re.compile(
    "|".join(sorted({each for each in patterns() if len(each) > 5}, key=len, reverse=True)), re.IGNORECASE
)


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(
        speed=1_000_000, api_key=KEY, generation="launch-calls", call_ends={"no_answer": 1}
    )


@pytest.fixture
def proxy(revox_sandbox, tmp_path, monkeypatch) -> Iterator[Relay]:
    """The connection asks over https, through a proxy."""
    certificate = write_certificate(tmp_path / "server.pem")
    port = int(revox_sandbox.url.rpartition(":")[2])
    with (
        Relay(port, tls=server_context(certificate)) as front,
        Relay(front.port, is_proxy=True) as proxy,
    ):
        extra = {"proxy": f"http://127.0.0.1:{proxy.port}", "ca_bundle": str(certificate), "retries": 1}
        connection = {"conn_type": "revox", "host": "https://revox.test/api", "password": KEY, "extra": extra}
        monkeypatch.setenv("AIRFLOW_CONN_REVOX_DEFAULT", json.dumps(connection))
        yield proxy


@pytest.fixture
def run(run_dag, proxy, caplog, tmp_path, monkeypatch):
    """Run a DAG with everything logged; return its result and all that it leaves behind, by where it is."""
    monkeypatch.setattr("airflow_provider_revox.client.retry.FIRST_BACKOFF", 0.001)
    for name in (
        "",
        "httpx",
        "httpcore",
        "aiohttp",
        "asyncio",
        "airflow",
        "airflow_provider_revox",
        "fsspec",
    ):
        caplog.set_level(logging.DEBUG, logger=name)
    people = tmp_path / "people.jsonl"
    people.write_text("".join(json.dumps(person) + "\n" for person in PEOPLE))
    folder = tmp_path / "out"
    folder.mkdir()

    def run(body: str):
        result = run_dag(body.format(people=str(people), folder=str(folder)))
        records = "".join(repr(vars(record)) for record in caplog.records)
        home = Path(os.environ["AIRFLOW_HOME"])
        logs = Path(os.environ["AIRFLOW__LOGGING__BASE_LOG_FOLDER"])
        databases = {str(path): path.read_bytes() for path in home.glob("*.db*")}
        assert any(b"revox_default" in content for content in databases.values())
        files = {path for path in folder.rglob("*") if path.is_file()}
        # These hold people, as their pages say.
        meant = {path for path in files if path.name.startswith("results") or path.suffix == ".jsonl"}
        left = {
            "output": result.output,
            "records": records,
            "logs": "".join(path.read_text(errors="replace") for path in logs.rglob("*") if path.is_file()),
            "files": "".join(path.read_text(errors="replace") for path in files - meant),
            "names": " ".join(str(path) for path in files),
            "wire": proxy.seen.decode("latin-1"),
            **{name: content.decode("utf-8", "replace") for name, content in databases.items()},
        }
        return result, {where: sorted(set(SECRETS.findall(text))) for where, text in left.items()}

    return run


def test_of_a_run_in_which_everything_passes(run, revox_sandbox, proxy):
    result, found = run(PASSES)
    assert len(result.tasks) == 14
    assert set(result.tasks.values()) == {"success"}
    assert {where: secrets for where, secrets in found.items() if secrets} == {}
    assert b"CONNECT revox.test:443" in proxy.seen
    assert "PATCH" in {request.method for request in revox_sandbox.requests()}
    assert set(revox_sandbox.calls_per_person()) == {"+33698214573", "+33698214574"}


def echo() -> str:
    texts = [*(person[field] for person in PEOPLE for field in person), "+33698214574", KEY, f"Bearer {KEY}"]
    return " ; ".join(way(text) for text in texts for way in WAYS)


@pytest.mark.parametrize("status", [422, 503])
def test_of_a_run_in_which_everything_fails(run, revox_sandbox, status):
    known = {"message": f"{echo()}", "contacts": PEOPLE}
    taken = {"message": f"the name {PEOPLE[0]['who']} is taken"}
    unknown = {"message": f"no {' ; '.join(way(text) for text in (*NUMBERS, KEY) for way in WAYS)}"}
    revox_sandbox.faults.add(
        *(
            Fault(kind="status", method="POST", path="/campaigns", status=status, body=body, times=times)
            for body, times in ((json.dumps(known), 1), (known, None))
        ),
        Fault(kind="status", method="PATCH", path="/campaigns/{id}", status=status, body=taken, times=None),
        Fault(kind="status", path="/campaigns/{id}", status=status, body=unknown, times=None),
        Fault(kind="status", path="/campaigns/{id}/rows", status=status, body=unknown, times=None),
    )
    result, found = run(FAILS)
    assert set(result.tasks.values()) == {"failed"}
    assert f"Revox answered {status}" in result.output
    assert f"PATCH /campaigns/c-1: Revox answered {status}" in result.output
    assert {where: secrets for where, secrets in found.items() if secrets} == {}


def test_the_search_finds_every_way():
    for text in (*WORDS, KEY):
        for way in WAYS:
            assert SECRETS.search(f"so {way(text)} it is") or way is WAYS[-1]
    assert SECRETS.search("06-98.21 45 73")
