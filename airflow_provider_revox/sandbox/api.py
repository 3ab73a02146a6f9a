"""The API page's routes."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Annotated, Any, Literal, TypeAlias, TypeVar, get_args

from fastapi import Depends, FastAPI, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import ValidationError
from starlette.exceptions import HTTPException

from airflow_provider_revox.client.models import CampaignCreate
from airflow_provider_revox.client.validation import describe_invalid
from airflow_provider_revox.sandbox import schemas, wire
from airflow_provider_revox.sandbox.simulation import CallResult, CallStatus, Row
from airflow_provider_revox.sandbox.store import Campaign, Store

MAX_PAGE_SIZE = 1000
_SCHEMA = "#/components/schemas/{model}"

T = TypeVar("T")

_key = HTTPBearer(auto_error=False)
Key = Annotated[HTTPAuthorizationCredentials | None, Depends(_key)]
ResultFilter: TypeAlias = CallResult | Literal["all", "none"]


class _Refused(Exception):  # noqa: N818 - nothing is wrong with the sandbox
    def __init__(self, status: int, message: str, issues: list[str] | None = None) -> None:
        self.status = status
        self.content = {"message": message} if issues is None else {"message": message, "issues": issues}


async def _read_body(request: Request) -> bytes:
    return await request.body()


Body = Annotated[bytes, Depends(_read_body)]
Page = Annotated[int, Query(ge=1)]
PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)]
Statuses = Annotated[str | None, Query(description="Statuses of calls, with commas between them")]


def create_api(store: Store, api_key: str) -> FastAPI:
    """
    Make the API. It reads no clock and keeps nothing: all of that is the store's.

    :param store: The campaigns.
    :param api_key: The key to accept.
    """

    def check_key(key: Key) -> None:
        if key is None or not secrets.compare_digest(key.credentials.encode(), api_key.encode()):
            raise _Refused(401, "Unauthorized")

    problem: dict[str, Any] = {"model": schemas.Problem}
    api = FastAPI(
        title="Revox sandbox",
        version="0.1.1",
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(check_key)],
        responses={400: problem, 401: problem},
    )
    api.add_exception_handler(_Refused, _show_refused)
    api.add_exception_handler(HTTPException, _show_http_error)
    api.add_exception_handler(RequestValidationError, _show_invalid_query)
    api.openapi = lambda: _describe(api)  # type: ignore[method-assign]
    _add_routes(api, store)
    return api


def _add_routes(api: FastAPI, store: Store) -> None:
    absent: dict[int | str, dict[str, Any]] = {404: {"model": schemas.Problem}}

    @api.post(
        "/campaigns",
        operation_id="create_campaign",
        response_model=schemas.OneCampaign,
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {"application/json": {"schema": {"$ref": _SCHEMA.format(model="CampaignCreate")}}},
            }
        },
    )
    def create(body: Body) -> Response:
        """Create a campaign and launch it at once, or when it is scheduled."""
        try:
            request = CampaignCreate.model_validate_json(body)
        except ValidationError as error:
            raise _Refused(400, "The campaign is not valid", describe_invalid(error)) from None
        return _json(store.create(request, wire.one_campaign))

    @api.get("/campaigns", operation_id="list_campaigns", response_model=schemas.AllCampaigns)
    def list_all() -> Response:
        """List every campaign, finished ones too, the newest first."""
        return _json(wire.all_campaigns(store.read_all(wire.campaign_json)))

    @api.get(
        "/campaigns/{id}", operation_id="get_campaign", response_model=schemas.OneCampaign, responses=absent
    )
    def get(id: str) -> Response:  # noqa: A002 - the page's name
        """Show one campaign."""
        return _json(_found(store.read(id, wire.one_campaign)))

    @api.delete(
        "/campaigns/{id}", operation_id="delete_campaign", response_model=schemas.Success, responses=absent
    )
    def delete(id: str) -> Response:  # noqa: A002
        """Delete a campaign for good. It dials nobody any more."""
        _found(store.delete(id) or None)
        return JSONResponse({"success": True})

    @api.post(
        "/campaigns/{id}/cancel",
        operation_id="cancel_campaign",
        response_model=schemas.Success,
        responses=absent,
    )
    def cancel(id: str) -> Response:  # noqa: A002
        """Abort pending and queued calls; calls in progress finish."""
        return JSONResponse({"success": _found(store.read(id, lambda found: found.simulation.cancel()))})

    @api.get(
        "/campaigns/{id}/rows", operation_id="get_rows", response_model=schemas.RowsShape, responses=absent
    )
    def rows(
        id: str,  # noqa: A002
        page: Page,
        page_size: PageSize,
        query: str | None = None,
        result: ResultFilter | None = None,
        statuses: Statuses = None,
    ) -> Response:
        """Show one page of a campaign's rows."""
        wanted = _parse_statuses(statuses)

        def show(campaign: Campaign) -> str:
            matches = None
            if query or wanted or result not in (None, "all"):
                matches = _row_filter(campaign, query, result, wanted)
            return wire.rows_page(campaign, page, page_size, matches)

        return _json(_found(store.read(id, show)))

    @api.get(
        "/campaigns/{id}/export", operation_id="export_rows", response_model=schemas.Export, responses=absent
    )
    def export(id: str) -> Response:  # noqa: A002
        """Export every row of a campaign as a CSV file."""
        return _json(_found(store.read(id, wire.export)))


def _json(text: str) -> Response:
    return Response(text, media_type="application/json")


def _found(answer: T | None) -> T:
    if answer is None:
        raise _Refused(404, "Campaign not found")
    return answer


def _parse_statuses(text: str | None) -> set[str]:
    statuses = set(text.split(",")) if text else set()
    if not statuses <= set(get_args(CallStatus)):
        raise _Refused(400, "The query is not valid", ["statuses: has an unknown status"])
    return statuses


def _row_filter(
    campaign: Campaign, query: str | None, result: str | None, statuses: set[str]
) -> Callable[[Row], bool]:
    simulation = campaign.simulation
    text = (query or "").casefold()

    def matches(row: Row) -> bool:
        if statuses and simulation.call_status(row) not in statuses:
            return False
        if result not in (None, "all"):
            ended = [attempt for attempt in row.attempts if attempt.ended_at <= simulation.now]
            if (ended[-1].result if ended else None) != (None if result == "none" else result):
                return False
        contact = row.contact
        values = (contact.to_phone_number, *contact.prompt_variables.values())
        return any(text in value.casefold() for value in values)

    return matches


def _describe(api: FastAPI) -> dict[str, Any]:
    if api.openapi_schema is None:
        described = get_openapi(
            title=api.title, version=api.version, routes=api.routes, servers=[{"url": "/api"}]
        )
        body = CampaignCreate.model_json_schema(ref_template=_SCHEMA)
        parts = body.pop("$defs")
        described["components"]["schemas"].update(parts, CampaignCreate=body)
        # What FastAPI says of refused queries; here they are 400, as everything that is not valid.
        for path in described["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            described["components"]["schemas"].pop(name, None)
        api.openapi_schema = described
    return api.openapi_schema


async def _show_refused(_request: Request, refused: Exception) -> Response:
    assert isinstance(refused, _Refused)  # noqa: S101 - tells the type checker what FastAPI guarantees
    return JSONResponse(refused.content, refused.status)


async def _show_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return JSONResponse({"message": error.detail}, error.status_code)


async def _show_invalid_query(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    issues = [f"{problem['loc'][-1]}: {problem['msg']}" for problem in error.errors()]
    return JSONResponse({"message": "The query is not valid", "issues": issues}, 400)
