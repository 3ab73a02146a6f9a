"""All that a run leaves behind is searched for numbers, values and the key, however its contacts came."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import pytest

from airflow_provider_revox.triggers.revox import CampaignTrigger
from revox_sandbox import SandboxSettings

KEY = "rx-key-Quetzal-4711"
# Each is called, suppressed, or refused: for its number, for a value, or because it can't be told.
PEOPLE = [
    {"phone": "+33612345678", "who": "Zoltan Quimby", "plan": "Platinum-Zeta"},
    {"phone": "06 98 76 54 32", "who": "Yseult Vandermolen", "plan": "Platinum-Zeta"},
    {"phone": "0698765432", "who": "Yseult again", "plan": "Platinum-Zeta"},
    {"phone": "+447400123456", "who": "Xenia Suppressed", "plan": "Platinum-Zeta"},
]
REFUSED = [
    {"phone": "ask Wenzeslaus 0777888999", "who": "Wenzeslaus Ostrander", "plan": "Platinum-Zeta"},
    {"phone": "+14155550100", "who": "", "plan": "Platinum-Zeta"},
]
SECRETS = re.compile(
    "|".join(
        [
            KEY,
            r"\+[1-9]\d{7,14}",  # and each number below without its plus, or as it came
            "12345678|98 ?76 ?54 ?32|7400123456|0777888999|4155550100",
            "Zoltan|Quimby|Yseult|Xenia|Wenzeslaus|Platinum",
        ]
    )
)
FLAT = 'phone_field="phone", variable_fields=["who", "plan"], default_region="FR"'


def own_shape(person):
    variables = {"who": person["who"] or None, "plan": person["plan"]}
    number = "+33698765432" if person["phone"].startswith("06") else person["phone"]
    return {"to_phone_number": number, "prompt_variables": variables}


def csv(people, path):
    rows = "".join(f"{person['phone']},{person['who']},{person['plan']}\n" for person in people)
    path.with_suffix(".csv").write_text(f"phone,who,plan\n{rows}")
    return str(path.with_suffix(".csv"))


def jsonl(people, path):
    path.with_suffix(".jsonl").write_text("".join(json.dumps(person) + "\n" for person in people))
    return str(path.with_suffix(".jsonl"))


def parquet(people, path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    parquet.write_table(pa.Table.from_pylist(people), path.with_suffix(".parquet"))
    return str(path.with_suffix(".parquet"))


def upstream(value, task_id):
    return f"task(task_id={task_id!r}, show_return_value_in_logs=False)(lambda: {value!r})()"


# How people come in, and what else the task needs: an expression each.
KINDS = {
    "literal": (lambda people, path: repr(people), FLAT),
    "xcom": (lambda people, path: upstream(people, f"upstream_{path.name}"), FLAT),
    "text": (lambda people, path: repr(json.dumps(people)), FLAT),
    "own_shape": (lambda people, path: repr([own_shape(person) for person in people]), ""),
    "csv": (lambda people, path: repr(csv(people, path)), FLAT),
    "jsonl": (lambda people, path: repr(jsonl(people, path)), FLAT),
    "parquet": (lambda people, path: repr(parquet(people, path)), FLAT),
}
SUPPRESS = {
    "list": lambda path: repr(["+44 7400 123456"]),
    "xcom": lambda path: upstream(["+44 7400 123456"], "upstream_suppress"),
    "file": lambda path: repr(csv(PEOPLE[3:], path / "suppress")),
}

OPERATORS = """
common = dict(assistant_id="a1", suppress={suppress}, retries=0{options})
CreateCampaignOperator(
    task_id="passes", name="passes", contacts={everybody}, on_invalid="skip",
    report_path="{folder}/report.csv", wait_for_completion=True, deferrable=True,
    poll_interval=0.05, **common)
CreateCampaignOperator(
    task_id="fails", name="fails", contacts={everybody}, report_path="{folder}/report.jsonl", **common)
CreateCampaignOperator(
    task_id="refuses_suppress", name="x", contacts={everybody},
    **{{**common, "suppress": ["+44 7400 123456", "ask Wenzeslaus 0777888999"]}})
skips = dict(name="x", contacts={everybody}, on_invalid="skip", **common)
CreateCampaignOperator(task_id="too_many", max_contacts=0, **skips)
CreateCampaignOperator(task_id="dry", dry_run=True, **skips)
"""

BATCHES = """
from airflow_provider_revox.batches import contact_batches

unreadable = ["ask Wenzeslaus 0777888999"]  # a traceback shows the line that calls
common = dict(to="{folder}/batches", suppress=["+44 7400 123456"], batch_size=1, key="k"{options})

@task
def passing():
    return contact_batches({everybody}, on_invalid="skip", report_path="{folder}/report.csv", **common)

@task
def fails():
    return contact_batches({everybody}, report_path="{folder}/report.jsonl", **common)

@task
def refuses_suppress():
    return contact_batches({everybody}, **{{**common, "suppress": unreadable}})

@task
def too_many():
    return contact_batches({everybody}, max_contacts=0, on_invalid="skip", **common)

[fails(), refuses_suppress(), too_many()]
CreateCampaignOperator.partial(
    task_id="passes", name="passes", assistant_id="a1", wait_for_completion=True, deferrable=True,
    poll_interval=0.05).expand(contacts=passing())
"""


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0, api_key=KEY)


@pytest.fixture
def triggers(monkeypatch, revox_sandbox):
    """What is stored of triggers. Time passes when a trigger is made, so each task that waits makes one."""
    stored, init = [], CampaignTrigger.__init__

    def kept(self, *arguments, **options):
        init(self, *arguments, **options)
        stored.append(self.serialize())
        revox_sandbox.advance(7 * 24 * 3600)

    monkeypatch.setattr(CampaignTrigger, "__init__", kept)
    return stored


def left_behind(result, triggers, folder):
    """Everything, by where it is. What upstream tasks return is the user's."""
    xcoms = {key: value for key, value in result.xcoms.items() if not key[0].startswith("upstream")}
    logs = Path(os.environ["AIRFLOW__LOGGING__BASE_LOG_FOLDER"]).rglob("*.log")
    return {
        "output": result.output,
        "logs": "".join(path.read_text(errors="replace") for path in logs),
        "xcoms": str(xcoms),
        "rendered": str(result.rendered),
        "triggers": str(triggers),
        "reports": "".join(path.read_text() for path in sorted(folder.glob("report.*"))),
        "manifests": "".join(path.read_text() for path in folder.glob("batches/*/*.json")),
        "names": " ".join(str(path) for path in folder.rglob("*")),
    }


def check(result, triggers, folder, passes, fails, skips=()):
    states = {name.partition("[")[0]: state for name, state in result.tasks.items()}
    assert {name: states[name] for name in passes} == dict.fromkeys(passes, "success")
    assert {name: states[name] for name in fails} == dict.fromkeys(fails, "failed")
    assert {name: states[name] for name in skips} == dict.fromkeys(skips, "skipped")
    left = left_behind(result, triggers, folder)
    # It has been there to be searched: the errors, the reports, the triggers.
    assert "contacts[4]." in left["output"]
    assert "suppress[" in left["output"]
    assert "max_contacts is 0" in left["output"]
    assert left["reports"].count("write it in digits") == 2
    assert "campaign_id" in left["triggers"]
    assert "contacts" in left["rendered"] + left["manifests"]
    shown = {where: SECRETS.findall(text) for where, text in left.items()}
    assert shown == {where: [] for where in left}


@pytest.mark.parametrize("kind", KINDS)
def test_operators_show_nothing_personal(run_dag, revox_sandbox, triggers, tmp_path, kind):
    written, options = KINDS[kind]
    suppress = list(SUPPRESS.values())[list(KINDS).index(kind) % len(SUPPRESS)]
    everybody = PEOPLE + REFUSED
    body = OPERATORS.format(
        everybody="everybody",
        suppress=suppress(tmp_path),
        folder=tmp_path,
        options=f", {options}" if options else "",
    )
    result = run_dag(f"everybody = {written(everybody, tmp_path / 'all')}\n{body}")
    check(
        result,
        triggers,
        tmp_path,
        passes=("passes",),
        fails=("fails", "refuses_suppress", "too_many"),
        skips=("dry",),
    )
    revox_sandbox.advance(7 * 24 * 3600)
    called = {"+33612345678", "+33698765432"}
    assert set(revox_sandbox.calls_per_person()) == called


@pytest.mark.parametrize("kind", ["literal", "csv", "own_shape"])
def test_batches_show_nothing_personal(run_dag, revox_sandbox, triggers, tmp_path, kind):
    written, options = KINDS[kind]
    everybody = written(PEOPLE + REFUSED, tmp_path / "all")
    body = BATCHES.format(everybody="everybody", folder=tmp_path, options=f", {options}" if options else "")
    result = run_dag(f"everybody = {everybody}\n{body}")
    check(
        result,
        triggers,
        tmp_path,
        passes=("passing", "passes"),
        fails=("fails", "refuses_suppress", "too_many"),
    )
    revox_sandbox.advance(7 * 24 * 3600)
    assert revox_sandbox.calls_per_person() == {"+33612345678": 1, "+33698765432": 1}
