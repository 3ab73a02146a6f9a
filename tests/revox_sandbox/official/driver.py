"""
Judge a sandbox with one release of the official client: run every check of some modules, each after a reset.

It runs in a process of its own, because a process can import one release only.
"""

from __future__ import annotations

import importlib
import json
import sys
import traceback
from typing import Any

import httpx
import revox
from pydantic import BaseModel

CONTACTS = [
    {"to_phone_number": f"+1415555{index:04}", "prompt_variables": {"first_name": "Ada", "n": str(index)}}
    for index in range(6)
]
RETRY_CONFIG = {
    "allowed_days": ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"],
    "call_twice_in_a_row": True,
    "calling_windows": [
        {"calling_window_start_time": "12am", "calling_window_end_time": "12am", "retry_delay_seconds": 60}
    ],
    "max_retry_attempts": 2,
    "timezone": "Europe/Paris",
}
A_WEEK = 7 * 86400
CERTIFICATES = httpx.create_ssl_context(trust_env=False)
"""Read once. Otherwise each client reads them, for 0.1 s."""


class Judge:
    """A strict client, and the remote control of the sandbox."""

    def __init__(self, url: str, api_key: str) -> None:
        self.base_url, self.api_key = f"{url}/api", api_key
        self.control = httpx.Client(base_url=f"{url}/_sandbox", trust_env=False, verify=CERTIFICATES)
        self.client: Any = self.make(revox.Revox)

    def make(self, kind: Any, **options: Any) -> Any:
        http = httpx.AsyncClient if kind is revox.AsyncRevox else httpx.Client
        options = {
            "api_key": self.api_key,
            "max_retries": 0,
            "http_client": http(verify=CERTIFICATES),
            **options,
        }
        return kind(base_url=self.base_url, _strict_response_validation=True, **options)

    def advance(self, seconds: float = A_WEEK) -> None:
        self.control.post("/advance", json={"seconds": seconds}).raise_for_status()

    def fault(self, **fault: Any) -> None:
        self.control.post("/faults", json=[fault]).raise_for_status()

    def do_not_contact(self, *numbers: str) -> None:
        self.control.post("/do-not-contact", json={"phone_numbers": numbers}).raise_for_status()

    def define_assistants(self, *assistants: dict[str, str]) -> None:
        self.control.post("/assistants", json=assistants).raise_for_status()

    def dialed(self) -> dict[str, int]:
        return self.control.get("/calls-per-person").json()

    def dialed_again(self) -> dict[str, int]:
        return self.control.get("/calls-after-an-answer").json()

    def dialed_indices(self) -> list[int]:
        return sorted(int(number[-4:]) for number in self.dialed())


def exact(answer: Any, where: str = "answer") -> Any:
    """Check that the answer has every field that the client knows, and no other field."""
    if isinstance(answer, BaseModel):
        assert not answer.model_extra, f"{where} has more than the client knows: {sorted(answer.model_extra)}"
        missing = set(type(answer).model_fields) - answer.model_fields_set
        assert not missing, f"{where} lacks {sorted(missing)}"
        for name in type(answer).model_fields:
            exact(getattr(answer, name), f"{where}.{name}")
    elif isinstance(answer, list):
        for item in answer:
            exact(item, f"{where}[]")
    elif isinstance(answer, dict):
        for item in answer.values():
            exact(item, f"{where}{{}}")
    return answer


def strictly(raw: Any) -> Any:
    """Return a raw answer as the client's own types describe it, without any conversion."""
    return exact(type(raw.parse()).model_validate_json(raw.http_response.text, strict=True))


def refused(kind: Any, ask: Any, *arguments: Any, **options: Any) -> None:
    try:
        ask(*arguments, **options)
    except kind:
        return
    raise AssertionError(f"not refused with {kind.__name__}")


def main(url: str, api_key: str, *modules: str) -> None:
    revox._base_client.INITIAL_RETRY_DELAY = 0.001
    verdicts = {}
    for module in modules:
        for name, check in vars(importlib.import_module(module)).items():
            if name.startswith("check_"):
                judge = Judge(url, api_key)
                judge.control.post("/reset").raise_for_status()
                try:
                    check(judge)
                    verdicts[f"{module}.{name}"] = None
                except Exception:
                    verdicts[f"{module}.{name}"] = traceback.format_exc()
    json.dump({"version": revox.__version__, "verdicts": verdicts}, sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
