"""Object storages on this machine: moto (S3), azurite (Azure), gcp-storage-emulator (Google)."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dev.ports import free_port

SCRIPTS = Path(sys.executable).parent
AZURITE = Path(sys.prefix) / "node" / "node_modules" / ".bin" / "azurite-blob"
ACCOUNT, ACCOUNT_KEY = "revoxtests", base64.b64encode(b"a key of nobody").decode()
"""The account of azurite, and its key."""


@dataclass(frozen=True)
class Emulator:
    """
    An object storage that can be started.

    :param scheme: How its URLs begin.
    :param command: The program, for a port.
    :param connection: The Airflow connection, for a port.
    """

    scheme: str
    command: Callable[[int], list[Any]]
    connection: Callable[[int], dict[str, Any]]


EMULATORS = {
    "S3": Emulator(
        "s3",
        lambda port: [SCRIPTS / "moto_server", "-H", "127.0.0.1", "-p", port],
        lambda port: {
            "conn_type": "aws",
            "login": "any-key-id",
            "password": "any-secret-key",
            "extra": {"endpoint_url": f"http://127.0.0.1:{port}", "region_name": "us-east-1"},
        },
    ),
    "Azure": Emulator(
        "abfs",
        lambda port: [
            *(AZURITE, "--blobHost", "127.0.0.1", "--blobPort", port),
            *("--inMemoryPersistence", "--skipApiVersionCheck", "--silent", "--disableTelemetry"),
        ],
        lambda port: {
            "conn_type": "wasb",
            "extra": {
                "connection_string": (
                    f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={ACCOUNT_KEY};"
                    f"BlobEndpoint=http://127.0.0.1:{port}/{ACCOUNT};"
                )
            },
        },
    ),
    "Google": Emulator(
        "gs",
        lambda port: [
            *(SCRIPTS / "gcp-storage-emulator", "start", "--host", "127.0.0.1", "--port", port),
            *("--in-memory", "--quiet", "--default-bucket", "bucket"),
        ],
        lambda port: {
            "conn_type": "google_cloud_platform",
            "extra": {
                "is_anonymous": True,
                "project": "any-project",
                "gcs.endpoint": f"http://127.0.0.1:{port}",
            },
        },
    ),
}


@contextmanager
def running(emulator: Emulator, log: Path) -> Iterator[str]:
    """
    Run an emulator. Return its connection, as an environment variable of Airflow's has it.

    :param log: Where the emulator writes.
    """
    port = free_port()
    with log.open("wb") as file:
        process = subprocess.Popen(
            [str(part) for part in emulator.command(port)],
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=log.parent,
            env={**_without_proxies(), "AZURITE_ACCOUNTS": f"{ACCOUNT}:{ACCOUNT_KEY}"},
        )
    try:
        _wait_until_it_answers(port, process, log)
        yield json.dumps(emulator.connection(port))
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _without_proxies() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}


def _wait_until_it_answers(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 120
    while time.monotonic() < end and process.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10).close()
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise RuntimeError(f"the emulator does not answer:\n{log.read_text(errors='replace')[-2000:]}")
