"""What Airflow stores and shows of the arguments of a function under ``@task.revox_campaign``."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import DAG, AirflowException, task

from airflow_provider_revox.decorators.revox import revox_campaign_task

ADA = "+33612345678"


@task
def due():
    return []


@revox_campaign_task(assistant_id="a1", name="Due")
def call(people, extra=None):
    return []


@pytest.fixture
def dag():
    return DAG("d", schedule=None, start_date=datetime(2026, 1, 1, tzinfo=UTC))


def stored(dag):
    try:
        from airflow.serialization.serialized_objects import DagSerialization
    except ImportError:
        from airflow.serialization.serialized_objects import SerializedDAG as DagSerialization
    return json.dumps(DagSerialization.to_dict(dag), default=str)


def test_the_stored_dag_has_no_literal_arguments(dag):
    with dag:
        call([ADA], extra={"who": "Zoltan"})
        call(due(), extra=[ADA, {"who": "Zoltan"}])
    text = stored(dag)
    assert text.count('"arguments"') == 4
    assert "12345678" not in text
    assert "Zoltan" not in text


def test_literals_of_mapped_tasks_are_stored_as_the_page_about_privacy_says(dag):
    with dag:
        call.partial(extra="Zoltan").expand(people=[ADA])
    assert "Zoltan" in stored(dag)


def test_the_tasks_whose_output_is_an_argument_come_first(dag):
    with dag:
        first, second = due(), due()
        call(first, extra={"deep": [second]})
    assert dag.get_task("call").upstream_task_ids == {"due", "due__1"}


@pytest.mark.parametrize(
    "extra", ["Zoltan {{ 1 / 0 }}", ["Zoltan", "{{ x.y.z }}"], {"Zoltan": "{{ 'Zoltan' + 1 }}"}]
)
def test_arguments_that_can_not_be_rendered_are_shown_nowhere(dag, caplog, capfd, extra):
    caplog.set_level(logging.DEBUG)
    with dag:
        operator = call([ADA], extra=extra).operator
    with pytest.raises(AirflowException, match="arguments of the function can't be rendered: ") as caught:
        operator.render_template_fields({"ti": SimpleNamespace(map_index=-1)})
    assert caught.value.__context__ is None
    captured = capfd.readouterr()
    shown = f"{caught.value!r}{caplog.text}{captured.out}{captured.err}"
    assert "Template: arguments" in shown
    for secret in ("Zoltan", "12345678"):
        assert secret not in shown
