"""Every snippet of docs/in-production.md works, and every name in it exists."""

from __future__ import annotations

import builtins
import inspect
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from airflow.configuration import conf
from airflow.providers.common.compat.sdk import BaseOperator, BaseSensorOperator
from airflow.providers.common.compat.version_compat import AIRFLOW_V_3_0_PLUS
from airflow.providers_manager import ProvidersManager

from airflow_provider_revox import exceptions
from airflow_provider_revox.batches import contact_batches
from airflow_provider_revox.contacts.prepare import REPORT_KEY
from airflow_provider_revox.get_provider_info import CONN_FIELDS
from airflow_provider_revox.operators import revox as operators
from airflow_provider_revox.sensors.revox import CampaignSensor
from dev.showroom import EXAMPLES

airflow_3 = pytest.mark.skipif(not AIRFLOW_V_3_0_PLUS, reason="the page shows Airflow 3")
airflow_2 = pytest.mark.skipif(AIRFLOW_V_3_0_PLUS, reason="these are the names in Airflow 2")

PAGE = Path(__file__).parents[2] / "docs/in-production.md"
TEXT = PAGE.read_text()
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, re.M | re.S)
PROSE = re.sub(r"^```.*?^```$", "", TEXT, flags=re.M | re.S)
INLINE = set(re.findall(r"(?<!\})`([^`\n]+)`", PROSE))

# Before Airflow 3.2 the options of providers are read when they are needed.
ProvidersManager().initialize_providers_configuration()
OPTIONS = {
    (section, option)
    for section, found in conf.configuration_description.items()
    for option in found["options"]
}
ENVIRONMENT = {f"AIRFLOW__{section.replace('.', '_')}__{option}".upper() for section, option in OPTIONS}

OPTIONS_OF_AIRFLOW_2 = {("triggerer", "default_capacity"), ("scheduler", "scheduler_zombie_task_threshold")}

CHART = {"executor", "airflowVersion", "images", "secret", "env", "triggerer", "volumes", "volumeMounts"}
"""Values of the official Helm chart."""
TRIGGER_RULES = {"all_success", "none_failed", "none_failed_min_one_success"}
OF_AIRFLOW = {"dag", "task", "on_failure_callback", "poke", "reschedule"}
OF_THE_XCOM_LAUNCH = {"not_in_campaign"}
CONNECTION_TYPES = {"aws", "wasb", "google_cloud_platform"}


def parameters(kind: type) -> set[str]:
    """Return the arguments of a class and of its bases."""
    functions = [vars(base)["__init__"] for base in kind.__mro__ if "__init__" in vars(base)]
    return {name for one in functions for name in inspect.signature(inspect.unwrap(one)).parameters}


CLASSES = (
    *(operators.CreateCampaignOperator, operators.CampaignResultsOperator, CampaignSensor),
    *(BaseOperator, BaseSensorOperator),
)
ARGUMENTS = {name for kind in CLASSES for name in parameters(kind)}
ARGUMENTS |= set(inspect.signature(contact_batches).parameters)


def blocks(language: str) -> list[str]:
    found = [text for name, text in BLOCKS if name == language]
    assert found, language
    return found


@airflow_3
def test_every_setting_of_airflow_exists():
    names = set(re.findall(r"AIRFLOW__\w+", TEXT))
    assert len(names) >= 5
    assert names - ENVIRONMENT == set()
    options = set(re.findall(r"`\[([\w.]+)\] (\w+)`", TEXT))
    assert len(options) >= 4
    assert options - OPTIONS == OPTIONS_OF_AIRFLOW_2


@airflow_2
def test_every_setting_of_airflow_2_exists():
    assert OPTIONS_OF_AIRFLOW_2 <= OPTIONS


@airflow_3
def test_every_plain_word_in_code_is_a_name_that_exists():
    known = {option for _, option in OPTIONS | OPTIONS_OF_AIRFLOW_2}
    known |= ARGUMENTS | set(CONN_FIELDS) | CHART | CONNECTION_TYPES
    known |= TRIGGER_RULES | OF_AIRFLOW | OF_THE_XCOM_LAUNCH | {REPORT_KEY, "launch"}
    known |= {file.stem for file in EXAMPLES.glob("*.py")} | {"parquet"}  # the extra
    words = {word for word in INLINE if re.fullmatch(r"[a-z_]+", word)}
    assert len(words) > 20
    assert words - known == set()


def test_every_argument_with_a_value_exists():
    given = set(re.findall(r"`(\w+)=", PROSE))
    assert given >= {"deferrable", "wait_for_completion", "trigger_rule", "mode"}
    assert given - ARGUMENTS == set()


@airflow_3
def test_every_class_exists():
    from airflow_provider_revox.triggers import watcher

    names = {word for word in INLINE if re.fullmatch(r"(?:[A-Z][a-z]+){2,}", word)} - {"ObjectStoragePath"}
    assert names >= {"RevoxRefusedError", "CampaignCompletedTrigger"}
    for name in names:
        assert any(hasattr(module, name) for module in (exceptions, watcher, operators, builtins)), name


@airflow_3
def test_the_values_of_the_helm_chart_are_values():
    for text in blocks("yaml"):
        values = yaml.safe_load(text)
        assert set(values) <= CHART
        assert values["airflowVersion"] in values["images"]["airflow"]["tag"]
        assert values["executor"] in ("CeleryExecutor", "KubernetesExecutor")
        assert all(set(secret) == {"envName", "secretName", "secretKey"} for secret in values["secret"])
        names = {entry["name"] for entry in values["env"]} | {
            secret["envName"] for secret in values["secret"]
        }
        assert names - ENVIRONMENT == {"AIRFLOW_CONN_REVOX_DEFAULT"}
        assert all(isinstance(entry["value"], str) for entry in values["env"])


def test_the_connection_is_one_that_the_hook_reads():
    for text in blocks("json"):
        connection = json.loads(text)
        assert connection["conn_type"] == "revox"
        assert set(connection["extra"]) <= set(CONN_FIELDS)


@airflow_3
def test_the_values_in_the_environment_are_shell_and_json():
    for text in blocks("bash"):
        for line in text.splitlines():
            name, _, value = line.partition("=")
            assert name in ENVIRONMENT
            if name.endswith("_KWARGS"):
                assert json.loads(value.strip("'"))["connections_path"]
            elif name.endswith("XCOM_BACKEND"):
                module, _, attribute = value.rpartition(".")
                assert hasattr(__import__(module, fromlist=[attribute]), attribute)


@airflow_3
@pytest.mark.parametrize("text", blocks("python"))
def test_the_dag_is_a_dag(text):
    namespace: dict[str, Any] = {"__name__": "in_production"}
    exec(compile(text, str(PAGE), "exec"), namespace)
    dag = namespace["renewals"]()
    tasks = {task.task_id: task for task in dag.tasks}
    assert set(tasks) == {"lists_of_today", "call", "wait"}
    assert (tasks["call"].pool, tasks["call"].max_active_tis_per_dag) == ("revox", 4)
    assert tasks["wait"].trigger_rule == "none_failed"
    assert all(task.retries == 3 for task in dag.tasks)


def test_the_image_is_of_a_version_with_pins():
    (dockerfile,) = blocks("dockerfile")
    airflow, python = re.search(r"^FROM apache/airflow:([\d.]+)-python([\d.]+)$", dockerfile, re.M).groups()
    pins = f"constraints/airflow-{airflow}-python-{python}.txt"
    assert (PAGE.parents[1] / pins).exists()
    assert pins in PROSE


def test_the_image_gets_nothing_that_git_ignores():
    root = PAGE.parents[1]
    ignored, left_out = (
        {line.strip("/").removeprefix("**/") for line in (root / name).read_text().splitlines()}
        for name in (".gitignore", ".dockerignore")
    )
    assert {line for line in ignored if not line.startswith("#")} < left_out
    assert ".git" in left_out


def test_a_triggerer_carries_as_many_waits_as_the_page_says():
    waits, cpu, memory = re.search(
        r"carries ([\d,]+) waits\.\*\*.*?less than (\d+)% of one core and less than (\d+) MB",
        TEXT,
        re.S,
    ).groups()
    (table,) = re.findall(r"^```\{include\} (.*/waiting\.md)$", TEXT, re.M)
    (row,) = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in (PAGE.parent / table).read_text().splitlines()
        if line.startswith(f"| {waits} | `CampaignTrigger`")
    ]
    assert float(row[3].removesuffix("%")) < float(cpu)
    assert float(row[7].removesuffix(" MB")) < float(memory)


def test_every_file_that_the_page_includes_is_there():
    files = re.findall(r"^```\{include\} (.*)$", TEXT, re.M)
    assert files
    assert all((PAGE.parent / file).exists() for file in files)
