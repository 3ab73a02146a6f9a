"""The Test button of the connection form, through the REST API with the body that the UI posts."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import airflow
import pytest

pytestmark = [
    pytest.mark.airflow,
    pytest.mark.skipif(airflow.__version__.startswith("2."), reason="Airflow 2 has another REST API"),
]


@pytest.fixture(scope="module")
def rest(airflow_db: None) -> Iterator[Any]:
    """A client of Airflow's REST API in this process, as an admin."""
    from starlette.testclient import TestClient

    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AIRFLOW__CORE__TEST_CONNECTION", "Enabled")
        environment.setenv("AIRFLOW__API_AUTH__JWT_SECRET", secrets.token_hex(32))
        environment.setenv("AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS", "True")
        from airflow.api_fastapi.app import create_app

        with TestClient(create_app(apps="all"), base_url="http://127.0.0.1") as client:
            token = client.get("/auth/token").json()["access_token"]
            client.headers["Authorization"] = f"Bearer {token}"
            yield client


def press_test(rest: Any, conn_id: str) -> Any:
    """Post what the UI posts for a connection of its list."""
    stored = rest.get(f"/api/v2/connections/{conn_id}").json()
    body = {
        "conn_type": stored["conn_type"],
        "connection_id": conn_id,
        "description": stored["description"] or "",
        "extra": stored["extra"] or "{}",
        "host": stored["host"] or "",
        "login": stored["login"] or "",
        "password": stored["password"] or "",
        "port": int(stored["port"] or 0),
        "schema": stored["schema"] or "",
    }
    return rest.post("/api/v2/connections/test", json=body)


def save(rest: Any, conn_id: str, sandbox: Any, **fields: Any) -> None:
    """Save a connection, as the form does."""
    body = {"connection_id": conn_id, "conn_type": "revox", "host": sandbox.base_url, **fields}
    rest.post("/api/v2/connections", json={"password": sandbox.api_key, **body}).raise_for_status()


def test_the_button_works_with_port_0(rest, revox_sandbox):
    save(rest, "with_port_0", revox_sandbox, port=0)
    answer = press_test(rest, "with_port_0")
    assert answer.status_code == 200, answer.text
    assert answer.json() == {
        "status": True,
        "message": f"Connected to {revox_sandbox.base_url}: the API key is accepted.",
    }
    assert [record.path for record in revox_sandbox.requests()] == ["/campaigns"]


def test_the_button_says_what_is_wrong(rest, revox_sandbox):
    save(rest, "wrong_key", revox_sandbox, port=0, password="hunter2-wrong")
    answer = press_test(rest, "wrong_key").json()
    assert (answer["status"], "check the API key" in answer["message"]) == (False, True)
    save(rest, "wrong_path", revox_sandbox, port=0, host=f"{revox_sandbox.url}/nowhere")
    answer = press_test(rest, "wrong_path").json()
    assert (answer["status"], "check the base URL" in answer["message"]) == (False, True)


def test_the_form_shows_the_port_that_the_button_needs(rest):
    answer = rest.get("/ui/connections/hook_meta")
    forms = {form["connection_type"]: form for form in answer.raise_for_status().json()}
    port = forms["revox"]["standard_fields"]["port"]
    assert (port["hidden"], port["placeholder"]) == (False, "0")
