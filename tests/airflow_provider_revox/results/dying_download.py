"""
Downloads that die: a program that forks for every order that it reads, so that all is imported only once.

Each fork kills itself as soon as it has got as far as its order says. The program writes its exit code.
"""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sys
import traceback
from contextlib import contextmanager

import pyarrow.parquet  # noqa: F401 - imported once, for all forks
from fsspec.implementations.dirfs import DirFileSystem
from fsspec.implementations.local import LocalFileSystem

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.files import draft, parquet_draft
from airflow_provider_revox.files.atomic_write import replaced
from airflow_provider_revox.results.columns import Layout
from airflow_provider_revox.results.download import read_all
from airflow_provider_revox.results.write import Results

try:
    from airflow.sdk.io.store import attach
except ImportError:
    from airflow.io.store import attach


class DyingResults(Results):
    """Die before the records of some rows are added."""

    left = -1

    def add(self, rows):
        rows = [*rows]
        if 0 <= self.left <= len(rows):
            os.kill(os.getpid(), signal.SIGKILL)
        self.left -= len(rows)
        super().add(rows)


class DyingFile(io.BufferedIOBase):
    """Die when a part of the file is written."""

    def __init__(self, file):
        self.file = file

    def writable(self):
        return True

    def write(self, content):
        self.file.write(content[: len(content) // 2])
        self.file.flush()
        os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def dies(path, name):
    with replaced(path, name) as file:
        yield DyingFile(file)


def download(order):
    if order["storage"]:
        os.environ["AIRFLOW_CONN_CRM"] = "{}"
        # Paths of an object store, kept where the test can look.
        attach("s3", conn_id="crm", fs=DirFileSystem(path=order["storage"], fs=LocalFileSystem()))
    with RevoxClient(ClientConfig(api_key=order["api_key"], base_url=order["base_url"])) as client:
        campaign = client.get_campaign(order["campaign_id"])
        if order["when"] == "writing":
            draft.replaced = parquet_draft.replaced = dies
        with DyingResults(order["path"], Layout()) as results:
            results.left = order["rows"] if order["when"] == "reading" else -1
            read_all(client, campaign, Layout(), results, logging.getLogger())
            results.publish()


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
