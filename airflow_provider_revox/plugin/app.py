"""The routes of the campaigns page. Each asks for the user, also those that show no data."""

from __future__ import annotations

from typing import Annotated, Any

from airflow.api_fastapi.core_api.security import GetUserDep
from fastapi import FastAPI, HTTPException, Query, Request
from fastapi.responses import FileResponse, JSONResponse, Response

from airflow_provider_revox.client.control import CONTROLS
from airflow_provider_revox.plugin import pages
from airflow_provider_revox.plugin.actions import ActionError, carry_out, check_origin
from airflow_provider_revox.plugin.live import LiveView
from airflow_provider_revox.plugin.view import AmbiguousError, CampaignView, Filters

LARGEST_PAGE = 100
LONGEST_TEXT = 200


def create_app() -> FastAPI:
    """Return the app that Airflow mounts under ``/revox``."""
    app = FastAPI(title="Revox campaigns", docs_url=None, redoc_url=None, openapi_url=None)
    live = LiveView()

    @app.get("/")
    def show_list(user: GetUserDep) -> FileResponse:
        return pages.list_page()

    @app.get("/campaigns/{campaign_id}")
    def show_campaign(campaign_id: str, user: GetUserDep) -> FileResponse:
        return pages.campaign_page()

    @app.get("/static/{name}")
    def show_file(name: str, user: GetUserDep) -> FileResponse:
        if (found := pages.static_file(name)) is None:
            raise HTTPException(404, "There is no such file.")
        return found

    @app.get("/api/campaigns")
    async def list_campaigns(
        user: GetUserDep,
        dag_id: Annotated[str, Query(max_length=LONGEST_TEXT)] = "",
        state: Annotated[str, Query(max_length=LONGEST_TEXT)] = "",
        text: Annotated[str, Query(max_length=LONGEST_TEXT)] = "",
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        page_size: Annotated[int, Query(ge=1, le=LARGEST_PAGE)] = 25,
    ) -> JSONResponse:
        view = CampaignView(user, live)
        return _json(await view.listed(Filters(dag_id, state, text), page, page_size))

    @app.get("/api/campaigns/{campaign_id}")
    async def get_campaign(campaign_id: str, user: GetUserDep) -> JSONResponse:
        found = await CampaignView(user, live).one(campaign_id)
        if found is None:
            raise _no_campaign()
        return _json(found)

    @app.post("/api/campaigns/{campaign_id}/{verb}")
    async def change_campaign(
        campaign_id: str, verb: str, request: Request, user: GetUserDep
    ) -> JSONResponse:
        check_origin(request)
        control = CONTROLS.get(verb)
        view = CampaignView(user, live)
        access = await view.access(campaign_id)
        if control is None or access is None:
            raise _no_campaign()
        if not access.may_change:
            raise HTTPException(
                403,
                f"You may {verb} a campaign only if a task of this Airflow launched it and you may edit the "
                "runs of every DAG that did.",
            )
        await carry_out(live, access.campaign, control, user)
        return _json(await view.shortly(campaign_id))

    @app.exception_handler(ActionError)
    def refuse_action(_: Request, error: ActionError) -> JSONResponse:
        return _json({"detail": error.detail}, error.status)

    @app.exception_handler(AmbiguousError)
    def refuse_ambiguous(_: Request, error: AmbiguousError) -> JSONResponse:
        return _json({"detail": AMBIGUOUS}, 409)

    @app.exception_handler(HTTPException)
    def refuse(request: Request, error: HTTPException) -> Response:
        is_login_missing = error.status_code == 401 or error.detail == INVALID_TOKEN
        if not is_login_missing:
            return _json({"detail": error.detail}, error.status_code)
        if request.url.path.startswith(f"{request.scope.get('root_path', '')}/api/"):
            return _json({"detail": "Your login has ended. Log in to Airflow again."}, 401)
        return pages.login_redirect(request)

    return app


AMBIGUOUS = (
    "Tasks name this campaign with different connections, so the page does not know which one to use. Clear "
    "the tasks with the wrong revox_conn_id."
)
INVALID_TOKEN = "Invalid JWT token"  # noqa: S105
"""What Airflow answers, with status 403, if a login has ended."""


def _json(content: Any, status: int = 200) -> JSONResponse:
    return JSONResponse(content, status, headers={**pages.HEADERS, **pages.NO_STORE})


def _no_campaign() -> HTTPException:
    return HTTPException(
        404, "There is no campaign with this id in a DAG that you may read. Its task may have been cleared."
    )
