"""The API of one generation."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

from fastapi import Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from fastapi.responses import JSONResponse
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from starlette.exceptions import HTTPException

from revox_sandbox.api import schemas
from revox_sandbox.api.generations import Generation
from revox_sandbox.api.routes.answers import SCHEMA, Refused
from revox_sandbox.play.store import Store

_key = HTTPBearer(auto_error=False)
Key = Annotated[HTTPAuthorizationCredentials | None, Depends(_key)]


def create_api(store: Store, api_key: str, generation: Generation) -> FastAPI:
    """
    Make the API. It reads no clock and keeps nothing: all of that is the store's.

    :param store: The campaigns.
    :param api_key: The key to accept.
    :param generation: What the API has.
    """

    def check_key(key: Key) -> None:
        if key is None or not secrets.compare_digest(key.credentials.encode(), api_key.encode()):
            raise Refused(401, "Unauthorized")

    problem: dict[str, Any] = {"model": schemas.Problem}
    api = FastAPI(
        title="Revox sandbox",
        version=generation.client,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(check_key)],
        responses={400: problem, 401: problem},
    )
    api.add_exception_handler(Refused, _show_refused)
    api.add_exception_handler(HTTPException, _show_http_error)
    api.add_exception_handler(RequestValidationError, _show_invalid_query)
    api.openapi = lambda: _describe(api, generation)  # type: ignore[method-assign]
    generation.add_routes(api, store)
    return api


def _describe(api: FastAPI, generation: Generation) -> dict[str, Any]:
    if api.openapi_schema is None:
        described = get_openapi(
            title=api.title, version=api.version, routes=api.routes, servers=[{"url": "/api"}]
        )
        models = described["components"]["schemas"]
        for body in generation.bodies:
            schema = body.model_json_schema(ref_template=SCHEMA)
            models.update(schema.pop("$defs", {}))
            models[body.__name__] = schema
        # What FastAPI says of refused queries; here they are 400, as everything that is not valid.
        for path in described["paths"].values():
            for operation in path.values():
                operation["responses"].pop("422", None)
        for name in ("HTTPValidationError", "ValidationError"):
            models.pop(name, None)
        api.openapi_schema = described
    return api.openapi_schema


async def _show_refused(_request: Request, refused: Exception) -> Response:
    assert isinstance(refused, Refused)  # noqa: S101 - tells the type checker what FastAPI guarantees
    return JSONResponse(refused.content, refused.status)


async def _show_http_error(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)  # noqa: S101
    return JSONResponse({"message": error.detail}, error.status_code)


async def _show_invalid_query(_request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)  # noqa: S101
    issues = [f"{problem['loc'][-1]}: {problem['msg']}" for problem in error.errors()]
    return JSONResponse({"message": "The query is not valid", "issues": issues}, 400)
