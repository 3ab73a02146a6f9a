"""The storages of the tests: a disk, and three object storages, each with an Airflow connection."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from airflow_provider_revox.files.storage import storage_path
from tests.storage.emulators import ACCOUNT_KEY, AZURITE, EMULATORS, running

# gcsfs would ask Google over gRPC what kind of bucket it is, which the emulator does not know.
os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"
# The emulator serves one connection after the other, and gcsfs would read through four at once.
os.environ["DEFAULT_GCSFS_CONCURRENCY"] = "1"

WRITE = """
import sys
from airflow_provider_revox.files.atomic_write import replaced
with replaced(sys.argv[1], "x") as file:
    file.write(sys.argv[2].encode())
"""


@pytest.fixture(scope="session", params=["disk", *EMULATORS])
def storage(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The path or URL of an empty place; with a bucket, if it is an object storage."""
    folder = tmp_path_factory.mktemp(request.param)
    if request.param == "disk":
        yield str(folder)
        return
    if not AZURITE.exists():
        reason = "The emulators are not in this environment: make test-storage"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    emulator = EMULATORS[request.param]
    conn_id = f"of_{request.param.lower()}"
    with running(emulator, folder / "log") as connection, pytest.MonkeyPatch.context() as patch:
        patch.setenv(f"AIRFLOW_CONN_{conn_id.upper()}", connection)
        url = f"{emulator.scheme}://{conn_id}@bucket"
        if request.param != "Google":  # its emulator has made the bucket
            storage_path(f"{url}/x", "x").fs.mkdir("bucket")
        yield url


@pytest.fixture
def place(storage: str) -> str:
    """A folder of its own for each test."""
    return f"{storage}/{uuid4().hex}"


@pytest.fixture
def is_disk(storage: str) -> bool:
    return Path(storage).is_absolute()


@pytest.fixture
def other_process() -> Callable[[str, bytes], None]:
    """Write a file from another process, of which the file systems of this one know nothing."""

    def write(path: str, content: bytes) -> None:
        subprocess.run([sys.executable, "-c", WRITE, path, content.decode()], check=True, capture_output=True)

    return write


@pytest.fixture
def forbidden(storage: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """A place that this task may not read. Only azurite checks a key."""
    if not storage.startswith("abfs:"):
        pytest.skip("the emulators of S3 and Google let everybody in, and root may read every file of a disk")
    connection = os.environ["AIRFLOW_CONN_OF_AZURE"]
    wrong_key = base64.b64encode(b"another key").decode()
    monkeypatch.setenv("AIRFLOW_CONN_WITHOUT_RIGHTS", connection.replace(ACCOUNT_KEY, wrong_key))
    return "abfs://without_rights@bucket"
