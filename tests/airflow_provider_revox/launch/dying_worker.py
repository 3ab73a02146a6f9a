"""
A worker that dies: run as a program, it forks a launch for every line it reads, and the fork kills itself.

Forking is much faster than starting Python, and the death is as real: SIGKILL, nothing is cleaned up.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys

from airflow_provider_revox.client import ClientConfig, RevoxClient, retry
from airflow_provider_revox.client.errors import RevoxError
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from airflow_provider_revox.launch import decide, look_until
from airflow_provider_revox.launch.carry_out import run
from airflow_provider_revox.launch.identity import LaunchIdentity
from airflow_provider_revox.launch.launch_existing import LaunchOrder, launch_existing
from airflow_provider_revox.launch.racing_tries import Rules
from airflow_provider_revox.launch.tag import LaunchTag


def dying(steps, die_at, die_when, taken, after_first_step):
    """The same steps, and death right before or right after one of them is carried out."""
    result = error = None
    while True:
        try:
            step = steps.throw(error) if error else steps.send(result)
        except StopIteration as end:
            return end.value
        number = len(taken)
        taken.append(type(step).__name__)
        if (number, "before") == (die_at, die_when):
            os.kill(os.getpid(), signal.SIGKILL)
        result = error = None
        try:
            result = yield step
        except RevoxError as failure:
            error = failure
        if (number, "after") == (die_at, die_when):
            os.kill(os.getpid(), signal.SIGKILL)
        if number == 0:
            after_first_step()


def work(order):
    """Launch as ordered; return the steps that were taken and the campaign's id."""
    config = ClientConfig(
        api_key=order["api_key"], base_url=order["base_url"], read_timeout=order["read_timeout"], retries=0
    )
    tag = LaunchTag(*order["tag"])
    body = CampaignCreate.build(
        assistant_id="a",
        name=tag.name("Renewals", 1),
        contacts=[{"to_phone_number": number, "prompt_variables": {}} for number in order["people"]],
        scheduled_at=order["starts"],
    )
    taken = []
    with RevoxClient(config) as client:

        def rival():
            if order["rival"]:
                client.create_campaign(body)

        launch = decide.launch(
            Rules(
                identity=LaunchIdentity(tag),
                has_own_name=lambda campaign: tag.is_exactly(campaign.name, "Renewals"),
            )
        )
        steps = dying(launch, order["die_at"], order["die_when"], taken, rival)
        log = logging.getLogger("worker")
        launched = run(steps, client=client, prepare=lambda _: body, tag=tag, numbers=body.numbers, log=log)
    return taken, launched.campaign.id


def work_on_a_campaign_that_exists(order):
    """Launch the campaign; return the steps that were taken and its id."""
    config = ClientConfig(api_key=order["api_key"], base_url=order["base_url"], read_timeout=10.0, retries=0)
    taken = []
    with RevoxClient(config) as client:
        launch = launch_existing(client.get_campaign(order["campaign_id"]), LaunchOrder(up_to=order["up_to"]))
        steps = dying(launch, order["die_at"], order["die_when"], taken, bool)
        log = logging.getLogger("worker")
        launched = run(steps, client=client, prepare=lambda _: LaunchCalls(), tag=None, log=log)
    return taken, launched.campaign.id


def main():
    look_until.FIRST_LOOK_AFTER = retry.FIRST_BACKOFF = 0.001
    logging.disable(logging.CRITICAL)
    for line in sys.stdin:
        reads, writes = os.pipe()
        if (pid := os.fork()) == 0:
            os.close(reads)
            order = json.loads(line)
            launches = work_on_a_campaign_that_exists if "campaign_id" in order else work
            taken, campaign_id = launches(order)
            airflow = "airflow" in sys.modules
            os.write(
                writes, json.dumps({"steps": taken, "campaign": campaign_id, "airflow": airflow}).encode()
            )
            os._exit(0)
        os.close(writes)
        tell({"pid": pid})
        with os.fdopen(reads) as told:
            said = told.read()
        _, status = os.waitpid(pid, 0)
        died = os.WIFSIGNALED(status)
        ended = {"signal": os.WTERMSIG(status)} if died else {"code": os.WEXITSTATUS(status)}
        tell({**ended, **json.loads(said or "{}")})


def tell(what):
    """Say it to whoever has started this program."""
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
