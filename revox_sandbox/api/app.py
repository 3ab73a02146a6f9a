"""Make the API of one generation."""

from __future__ import annotations

import secrets
from typing import Annotated

from fastapi import Depends, FastAPI
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from revox_sandbox.api.generations import Generation
from revox_sandbox.api.json_http import StrictRoute
from revox_sandbox.api.refusals import Refused, add_refusals
from revox_sandbox.play.store import Store

_bearer = HTTPBearer(auto_error=False)
Key = Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]


def create_api(store: Store, api_key: str, generation: Generation) -> FastAPI:
    """
    Make the API. It has no state of its own: the store has it.

    Its routes are coroutines, although they wait for nothing. FastAPI would run plain functions in threads,
    which takes as long as most answers do.

    :param store: The campaigns.
    :param api_key: The key to accept.
    :param generation: The generation of the API.
    """

    async def check_key(key: Key) -> None:
        if key is None or not secrets.compare_digest(key.credentials.encode(), api_key.encode()):
            raise Refused(401, "Unauthorized")

    api = FastAPI(
        title="Revox sandbox",
        version=generation.official_client,
        docs_url=None,
        redoc_url=None,
        dependencies=[Depends(check_key)],
        responses={"4XX": {"description": "The request is refused"}},
        strict_content_type=False,
    )
    api.router.route_class = StrictRoute
    add_refusals(api)
    generation.add_routes(api, store)
    return api
