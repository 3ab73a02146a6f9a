"""Airflow's own app with the plugin in it, and users with different rights."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("airflow.api_fastapi.core_api.security", reason="Airflow 2 has no such app")

USERS = {"ann": "viewer", "ben": "user", "cleo": "op", "dora": "admin"}


@pytest.fixture(scope="session")
def airflow_app(airflow_db):
    """The app of the api-server, made once: it takes seconds."""
    os.environ.update(
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_ALL_ADMINS="False",
        AIRFLOW__CORE__SIMPLE_AUTH_MANAGER_USERS=",".join(f"{name}:{role}" for name, role in USERS.items()),
        AIRFLOW__API_AUTH__JWT_SECRET="x" * 64,
    )
    from airflow.api_fastapi.app import create_app
    from starlette.routing import Mount

    from airflow_provider_revox.plugin.airflow_plugin import LazyApp

    app = create_app("core")
    # As Airflow mounts it, if the installation under test has the entry point or not.
    app.router.routes = [route for route in app.routes if getattr(route, "path", "") != "/revox"]
    app.router.routes.insert(0, Mount("/revox", LazyApp()))
    return app


@pytest.fixture
def rows(airflow_db):
    from tests.airflow_provider_revox.plugin import rows

    rows.forget_all()
    yield rows
    rows.forget_all()


@pytest.fixture
def anybody(airflow_app):
    """A client without a login."""
    from fastapi.testclient import TestClient

    from airflow_provider_revox.plugin.app import create_app

    mount = airflow_app.router.routes[0]
    mount.app = create_app()  # what it knows of Revox is of one test
    with TestClient(airflow_app, follow_redirects=False) as client:
        yield client


@pytest.fixture
def login(anybody):
    """Return a function that logs a user in."""

    def log_in(name: str):
        from airflow.api_fastapi.app import get_auth_manager
        from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser

        user = SimpleAuthManagerUser(username=name, role=USERS[name])
        anybody.headers["Authorization"] = f"Bearer {get_auth_manager().generate_jwt(user)}"
        return anybody

    return log_in
