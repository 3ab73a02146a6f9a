"""A download that dies: run as a program, it kills itself as soon as it has got that far."""

from __future__ import annotations

import json
import logging
import os
import signal
import sys

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.results.columns import Layout
from airflow_provider_revox.results.download import read_all
from airflow_provider_revox.results.spool import Spool
from airflow_provider_revox.results.write import write_results


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


def main():
    order = json.loads(sys.stdin.read())
    if order["storage"]:
        from fsspec.implementations.dirfs import DirFileSystem
        from fsspec.implementations.local import LocalFileSystem

        try:
            from airflow.sdk.io.store import attach
        except ImportError:
            from airflow.io.store import attach
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


if __name__ == "__main__":
    main()
