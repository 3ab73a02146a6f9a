from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from revox_sandbox import Sandbox, SandboxSettings


@pytest.fixture
def revox_sandbox_settings() -> SandboxSettings:
    return SandboxSettings(speed=0)


@pytest.fixture
def http(revox_sandbox: Sandbox) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {revox_sandbox.api_key}"}
    # A client that verifies certificates loads them first, which takes longer than most tests.
    options = {"headers": headers, "timeout": 30, "trust_env": False, "verify": False}
    with httpx.Client(base_url=revox_sandbox.base_url, **options) as client:
        yield client


@pytest.fixture
def body(revox_sandbox: Sandbox) -> Callable[..., dict[str, Any]]:
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
    def launch(people: int = 2, **options: Any) -> str:
        answer = http.post("/campaigns", json=body(people, **options)).raise_for_status()
        return str(answer.json()["campaign"]["id"])

    return launch


@pytest.fixture
def campaign(http: httpx.Client) -> Callable[[str], dict[str, Any]]:
    def get(campaign_id: str) -> dict[str, Any]:
        answer: dict[str, Any] = http.get(f"/campaigns/{campaign_id}").raise_for_status().json()
        return answer["campaign"]

    return get
