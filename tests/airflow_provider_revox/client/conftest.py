from __future__ import annotations

from pathlib import Path

import pytest

from airflow_provider_revox.client import ClientConfig
from tests.relay import write_certificate


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_certificate(tmp_path_factory.mktemp("tls") / "server.pem")


@pytest.fixture
def config(revox_sandbox, read_timeout):
    return ClientConfig(
        api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url, read_timeout=read_timeout
    )
