"""Who may use the sandbox's remote control."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from revox_sandbox import SandboxSettings
from revox_sandbox.serve.remote_control import create_control
from revox_sandbox.serve.state import SandboxState
from tests.revox_sandbox.other_sites import HEADERS_OF_OTHERS


async def test_other_machines_have_no_control():
    transport = httpx.ASGITransport(
        create_control(SandboxState(SandboxSettings())), client=("192.0.2.1", 4711)
    )
    client = httpx.AsyncClient(transport=transport, base_url="http://sandbox")
    for method, path in [
        ("GET", "/health"),
        ("PUT", "/faults"),
        ("POST", "/reset"),
        ("GET", "/calls-per-person"),
    ]:
        assert (await client.request(method, path)).status_code == 403


@pytest.mark.parametrize("headers", HEADERS_OF_OTHERS, ids=str)
@pytest.mark.parametrize(("method", "path"), [("GET", "/calls-per-person"), ("POST", "/reset")])
def test_a_page_of_another_site_has_no_control(control, launch, http, headers, method, path):
    launch()
    answer = control.request(method, path, headers=headers)
    assert (answer.status_code, "1415" in answer.text) == (403, False)
    assert len(http.get("/campaigns").json()["campaigns"]) == 1


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]", "127.0.0.9"])
def test_a_page_of_the_sandbox_itself_has_control(control, revox_sandbox, host):
    own = f"{host}:{revox_sandbox.url.rpartition(':')[2]}"
    headers = {"Host": own, "Origin": f"http://{own}", "Sec-Fetch-Site": "same-origin"}
    assert control.get("/health", headers=headers).status_code == 200
    assert control.get("/health", headers={"Host": host}).status_code == 200


def test_a_name_that_the_sandbox_listens_on_is_its_own():
    transport = httpx.ASGITransport(create_control(SandboxState(SandboxSettings(host="sandbox"))))
    with_name = [
        asyncio.run(httpx.AsyncClient(transport=transport, base_url=f"http://{name}").get("/health"))
        for name in ("sandbox:8765", "sandbox.evil.example:8765")
    ]
    assert [answer.status_code for answer in with_name] == [200, 403]
