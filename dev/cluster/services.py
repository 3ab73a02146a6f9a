"""Describe the parts that Airflow needs: PostgreSQL, Redis, and a server that speaks S3."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

from dev.cluster.packages import REDIS
from dev.cluster.part import Part
from dev.local_airflow import inherited
from dev.local_postgres import LocalPostgres
from dev.ports import free_port

BUCKET = "revox"


def postgres_part(postgres: LocalPostgres) -> Part:
    """Return PostgreSQL; its data folder was made."""
    return Part(
        name="postgres",
        command=[*postgres.server, "-c", "max_connections=200"],
        env=inherited(),
        cwd=postgres.home,
        user=postgres.user,
        # Ends connections instead of waiting for them.
        stop_signal=signal.SIGINT,
    )


class Redis:
    """
    The broker between the scheduler and the workers. It keeps the queue on disk.

    :param home: A folder for it, which is there.
    """

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        options = {"port": self.port, "bind": "127.0.0.1", "dir": home, "appendonly": "yes", "save": ""}
        arguments = [text for name, value in options.items() for text in (f"--{name}", str(value))]
        self.part = Part(name="redis", command=[REDIS, *arguments], env=inherited(), cwd=home)


class S3:
    """
    Object storage. It forgets everything when it ends.

    :param home: A folder to run in.
    """

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        server = str(Path(sys.executable).parent / "moto_server")
        command = [server, "--host", "127.0.0.1", "--port", str(self.port)]
        self.part = Part(name="s3", command=command, env=inherited(), cwd=home)

    def conn_json(self) -> str:
        """Return an Airflow connection to it as JSON, for ``AIRFLOW_CONN_AWS_DEFAULT``."""
        extra = {"endpoint_url": self.url, "region_name": "eu-west-1"}
        return json.dumps({"conn_type": "aws", "login": "key", "password": "secret", "extra": extra})

    def client(self) -> Any:
        """Return boto's client for it."""
        # The machine's own settings must not lead to a real bucket.
        os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
        import boto3  # only the cluster's environment has it

        return boto3.client(
            "s3",
            endpoint_url=self.url,
            region_name="eu-west-1",
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )

    def make_bucket(self) -> None:
        """Make the bucket that examples and tests use."""
        place = {"LocationConstraint": "eu-west-1"}
        self.client().create_bucket(Bucket=BUCKET, CreateBucketConfiguration=place)
