"""Report on campaigns and on numbers. The later generations have these routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from revox_sandbox.api.json_http import json_answer
from revox_sandbox.api.refusals import found
from revox_sandbox.api.reports import phone_history, statistics

if TYPE_CHECKING:
    from revox_sandbox.api.later import LaterAnswers
    from revox_sandbox.play.store import Store


def add_reports(api: FastAPI, store: Store, answers: LaterAnswers) -> None:
    """Add the routes of the reports, and the one that checks the key."""

    @api.get("/campaigns/{id}/statistics")
    async def get_statistics(id: str) -> Response:  # noqa: A002
        """Report on one campaign."""
        return json_answer(found(store.read(id, lambda campaign: statistics(answers, campaign))))

    @api.get("/auth-status")
    async def get_auth_status() -> Response:
        """Say that the key is right. A request with a wrong key is refused before."""
        return JSONResponse({"authenticated": True})

    @api.get("/calls/phone-history")
    async def get_phone_history() -> Response:
        """Report on every number that was called or is marked do-not-contact."""
        return json_answer(store.read_history(phone_history))
