"""Refuse long bodies while they come, before anything is known of the client."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_API_BODY = 100_000_000
"""Bytes. 100,000 contacts with 1 kB of variables each."""
MAX_BODY = 1_000_000
"""Bytes of the body of any other request."""


class _TooLongError(HTTPException):
    def __init__(self) -> None:
        super().__init__(413, "The body is too long", headers={"Connection": "close"})


class BodyLimit:
    """
    Limits the body of every request.

    :param app: Everything that the sandbox serves.
    :param api_path: Where the API begins.
    """

    def __init__(self, app: ASGIApp, api_path: str) -> None:
        self._app = app
        self._api_path = api_path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let the app answer, unless the body is too long."""
        is_api = str(scope.get("path", "")).startswith(self._api_path)
        limit, taken = MAX_API_BODY if is_api else MAX_BODY, 0

        async def receive_within_limit() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken > limit:
                raise _TooLongError
            return message

        declared = dict(scope.get("headers", ())).get(b"content-length", b"0")
        try:
            if declared.isdigit() and int(declared[:18]) > limit:
                raise _TooLongError
            await self._app(scope, receive_within_limit, send)
        except _TooLongError as error:
            await send(
                {
                    "type": "http.response.start",
                    "status": error.status_code,
                    "headers": [(b"connection", b"close")],
                }
            )
            await send({"type": "http.response.body", "body": b""})
