"""An Airflow with users of different rights, and campaigns of real DAG runs."""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path

from playwright.sync_api import StorageState

from dev.airflow_api import wait_until
from dev.local_airflow import LocalAirflow
from dev.showroom import EXAMPLES

OWN_DAGS = Path(__file__).parent / "dags"
EXAMPLE, CONTROLLED = "crm_csv_to_campaign", "controlled"
USERS = ("admin", "viewer")
"""Name, role and password of a user are the same."""


class AirflowWithUsers(LocalAirflow):
    """
    Lets nobody in without a login.

    :param home: The folder for configuration, database, logs and DAG files.
    :param env: More environment variables.
    """

    def __init__(self, home: Path, env: Mapping[str, str]) -> None:
        dags = home / "dags"
        (dags / "data").mkdir(parents=True)
        shutil.copy(EXAMPLES / f"{EXAMPLE}.py", dags)
        shutil.copy(EXAMPLES / "data" / "hubspot_contacts.csv", dags / "data")
        shutil.copytree(OWN_DAGS, dags, dirs_exist_ok=True)
        passwords = home / "passwords.json"
        passwords.write_text(json.dumps({name: name for name in USERS}))
        users = {
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS": "False",
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{name}" for name in USERS),
            "AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(passwords),
        }
        super().__init__(home, dags, env={**env, **users})

    def log_in(self) -> None:
        """Become the admin."""
        self._api.headers["Authorization"] = f"Bearer {self.token('admin')}"

    def token(self, user: str) -> str:
        """Return what lets a user in."""
        answer = self._api.post("/auth/token", json={"username": user, "password": user})
        answer.raise_for_status()
        return str(answer.json()["access_token"])

    def wait_until_deferred(self, dag_id: str, run_id: str, task_id: str) -> None:
        """Wait until a task waits in the triggerer, or is about to."""
        wait_until(
            lambda: self.states(dag_id, run_id)[task_id] in ("deferring", "deferred"),
            200,
            f"{task_id} of {dag_id} was not deferred",
        )

    def login(self, user: str) -> StorageState:
        """Return the cookie that a browser has after the login."""
        cookie = {"name": "_token", "value": self.token(user), "domain": "127.0.0.1", "path": "/"}
        rest = {"expires": -1, "httpOnly": False, "secure": False, "sameSite": "Lax"}
        return StorageState(cookies=[{**cookie, **rest}], origins=[])
