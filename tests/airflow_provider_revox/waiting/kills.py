"""Operators that are killed, and the Airflow that they ask."""

from __future__ import annotations

from types import SimpleNamespace

from airflow_provider_revox.client import RevoxClient
from airflow_provider_revox.operators import _waiting_operator
from airflow_provider_revox.operators.revox import CreateCampaignOperator

ADA = "+33612345678"
BY_A_PERSON = ["failed", "success", "restarting"]


class Airflow:
    """Answers what the task asks."""

    def __init__(self):
        self.says = "failed"
        self.asked_for = []
        self.ended = []
        self.questions = []

    def state(self, ti):
        self.asked_for.append(ti)
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def states(self, dag_id, task_id, run_ids):
        """Answer a triggerer, which asks for a task as a whole."""
        self.questions.append((dag_id, task_id, run_ids))
        if isinstance(self.says, Exception):
            raise self.says
        return {run_id: {"task": self.says, "task_3": self.says} for run_id in run_ids}


class Instance:
    """As much of a task instance as a launch asks for."""

    dag_id, task_id, run_id, map_index, try_number = "dag", "task", "run", -1, 1
    start_date = None

    def xcom_push(self, key, value):
        pass


def operator(number=ADA, **options):
    contacts = [{"to_phone_number": number, "prompt_variables": {}}]
    return CreateCampaignOperator(
        task_id="t", assistant_id="a", name="x", contacts=contacts, launch_key="key", **options
    )


def kill_at(operator, monkeypatch, method, path, *, skip=0):
    """Call on_kill, as a signal handler does, right when a request is about to be sent; then go on."""
    left = iter(range(skip + 1))
    from airflow_provider_revox.client import sync_client as module

    send = module.RevoxClient._transmit

    def transmit(client, request, sink):
        if not operator.is_killed and request.method == method and request.path.endswith(path):
            if next(left) < skip:
                return send(client, request, sink)
            operator.on_kill()
        return send(client, request, sink)

    monkeypatch.setattr(module.RevoxClient, "_transmit", transmit)


def is_cancelled(config, campaign_id):
    with RevoxClient(config) as client:
        return client.get_campaign(campaign_id).is_cancelled


def posts(revox_sandbox):
    return [(request.method, request.path) for request in revox_sandbox.requests()].count(
        ("POST", "/campaigns")
    )


def waiting_operator(**options):
    return operator(wait_for_completion=True, **options)


def kill_in_sleep(operator, monkeypatch, then=None):
    """Call on_kill, as a signal handler does, while the operator sleeps between two polls."""

    def sleep(seconds):
        operator.on_kill()
        raise AssertionError("the kill did not end the wait")

    monkeypatch.setattr(_waiting_operator, "time", SimpleNamespace(sleep=sleep))


def only_campaign(config):
    with RevoxClient(config) as client:
        (campaign,) = client.list_campaigns()
        return campaign
