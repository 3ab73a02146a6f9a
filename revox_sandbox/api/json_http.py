"""Read and write JSON strictly and fast."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from pydantic_core import from_json

from revox_sandbox.api.refusals import Refused


class _StrictRequest(Request):
    async def json(self) -> Any:
        # Unlike Python's own parser, this one refuses halves of characters, which no answer could show.
        try:
            return from_json(await self.body())
        except ValueError:
            raise Refused(400, "The body is not JSON") from None


class StrictRoute(APIRoute):
    """Reads the body of a request as UTF-8 and nothing else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, with a request that is read strictly."""
        handle = super().get_route_handler()

        async def handle_strictly(request: Request) -> Response:
            return await handle(_StrictRequest(request.scope, request.receive))

        return handle_strictly


def json_answer(content: bytes) -> Response:
    """Return an answer whose content is JSON already."""
    return Response(content, media_type="application/json")
