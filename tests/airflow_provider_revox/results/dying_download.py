"""
Downloads that die: a program that forks for every order that it reads, so that all is imported only once.

Each fork kills itself as soon as it has got as far as its order says. The program writes its exit code.
"""

from __future__ import annotations

import json
import logging
import os
import signal
import sys
import traceback

import pyarrow.parquet  # noqa: F401 - imported once, for all forks
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.results.columns import Layout
from airflow_provider_revox.results.download import read_all
from airflow_provider_revox.results.spool import Spool
from airflow_provider_revox.results.write import write_results

try:
    from airflow.sdk.io.store import attach
except ImportError:
    from airflow.io.store import attach


def dies_at(count, records):
    for number, record in enumerate(records):
        if number == count:
            os.kill(os.getpid(), signal.SIGKILL)
        yield record


class DyingSpool(Spool):
    def __init__(self, count):
        super().__init__()
        self.left = count

    def add(self, records):
        if not self.left:
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= 1
        super().add(records)


def download(order):
    if order["storage"]:
        os.environ["AIRFLOW_CONN_CRM"] = "{}"
        # Paths of an object store, kept where the test can look.
        attach("s3", conn_id="crm", fs=DirFileSystem(path=order["storage"], fs=LocalFileSystem()))
    with RevoxClient(ClientConfig(api_key=order["api_key"], base_url=order["base_url"])) as client:
        campaign = client.get_campaign(order["campaign_id"])
        spool = DyingSpool(order["rows"] if order["when"] == "reading" else -1)
        with spool:
            read_all(client, campaign, Layout(), spool, logging.getLogger())
            results = dies_at(order["rows"] if order["when"] == "writing" else -1, spool)
            write_results(order["path"], results, Layout())


def main():
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # Airflow 2 logs to the standard output
    for line in sys.stdin:
        if (pid := os.fork()) == 0:
            code = 1
            try:
                download(json.loads(line))
                code = 0
            except Exception:
                traceback.print_exc()
            finally:
                os._exit(code)
        _, status = os.waitpid(pid, 0)
        answers.write(f"{os.waitstatus_to_exitcode(status)}\n")
        answers.flush()


if __name__ == "__main__":
    main()
