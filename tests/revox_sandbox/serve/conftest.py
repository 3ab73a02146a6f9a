from __future__ import annotations

import httpx
import pytest


@pytest.fixture
def control(revox_sandbox, certificates):
    url = f"{revox_sandbox.url}/_sandbox"
    with httpx.Client(base_url=url, verify=certificates, trust_env=False) as client:
        yield client
