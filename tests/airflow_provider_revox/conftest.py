from __future__ import annotations

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from airflow_provider_revox.client import ClientConfig, RevoxClient


@pytest.fixture
def memory(monkeypatch):
    """An object store: ``memory://``, and ``s3://`` with a connection, on one file system in memory."""
    try:
        from airflow.sdk.io.store import _STORE_CACHE, attach
    except ImportError:
        from airflow.io.store import _STORE_CACHE, attach
    monkeypatch.setenv("AIRFLOW_CONN_CRM", "{}")
    fs = MemoryFileSystem()
    before = dict(_STORE_CACHE)
    attach("memory", fs=fs)
    attach("s3", conn_id="crm", fs=fs)
    attach("sftp", fs=fs)
    yield fs
    _STORE_CACHE.clear()
    _STORE_CACHE.update(before)
    fs.store.clear()
    fs.pseudo_dirs[:] = [""]


@pytest.fixture
def read_timeout(request):
    """
    Return how long a client waits for an answer: short only where a parameter of the test names a fault that
    keeps it back, so that a slow machine is not taken for one.
    """
    spec = getattr(request.node, "callspec", None)
    return 0.5 if spec and {"hang", "delay"} & set(spec.id.split("-")) else 30.0


@pytest.fixture
def short_pauses(monkeypatch):
    """Let a client send a request again soon."""
    monkeypatch.setattr("airflow_provider_revox.client.retry.FIRST_BACKOFF", 0.001)


@pytest.fixture
def client(revox_sandbox):
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url)
    with RevoxClient(config) as client:
        yield client


@pytest.fixture
def file(tmp_path):
    def write(content: bytes | str, name: str = "due.csv") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return str(path)

    return write


@pytest.fixture
def pa():
    return pytest.importorskip("pyarrow")
