from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from revox_sandbox import Sandbox, SandboxSettings


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


@pytest.fixture(scope="session")
def certificates() -> ssl.SSLContext:
    """Read the certificates of the machine once. Otherwise each client reads them, for 0.1 s."""
    return httpx.create_ssl_context(trust_env=False)


@pytest.fixture(scope="session")
def anonymous(certificates: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Return a client without a key and without a base URL."""
    with httpx.Client(verify=certificates, trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def http(revox_sandbox: Sandbox, certificates: ssl.SSLContext) -> Iterator[httpx.Client]:
    """Return a client of the sandbox's API."""
    headers = {"Authorization": f"Bearer {revox_sandbox.api_key}"}
    with httpx.Client(
        base_url=revox_sandbox.base_url, headers=headers, verify=certificates, trust_env=False, timeout=30
    ) as client:
        yield client


@pytest.fixture
def body(revox_sandbox: Sandbox) -> Callable[..., dict[str, Any]]:
    """Return a function that makes the body of a new campaign."""
    needed = {"launch": True, "type": "regular"} if revox_sandbox.settings.generation == "drafts" else {}

    def make(people: int = 2, **options: Any) -> dict[str, Any]:
        contacts = [
            {"to_phone_number": f"+1415555{index:04}", "prompt_variables": {"first_name": f"Person {index}"}}
            for index in range(people)
        ]
        return {"assistant_id": "assistant", "name": "Reminders", "contacts": contacts, **needed, **options}

    return make


@pytest.fixture
def launch(http: httpx.Client, body: Callable[..., dict[str, Any]]) -> Callable[..., str]:
    """Return a function that creates a campaign and returns its id."""

    def launch(people: int = 2, **options: Any) -> str:
        answer = http.post("/campaigns", json=body(people, **options)).raise_for_status()
        return str(answer.json()["campaign"]["id"])

    return launch


@pytest.fixture
def campaign(http: httpx.Client) -> Callable[[str], dict[str, Any]]:
    """Return a function that shows a campaign."""

    def get(campaign_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = http.get(f"/campaigns/{campaign_id}").raise_for_status().json()
        return answer["campaign"]

    return get
