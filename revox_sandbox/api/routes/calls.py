"""Cancel, pause, resume and find single calls. The later generations have these routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from revox_sandbox.api.json_http import json_answer
from revox_sandbox.api.refusals import found
from revox_sandbox.api.search import found_calls

if TYPE_CHECKING:
    from collections.abc import Callable

    from revox_sandbox.api.bodies import CallSearch
    from revox_sandbox.api.later import LaterAnswers
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.people import Row
    from revox_sandbox.play.simulation import Simulation
    from revox_sandbox.play.store import Store


def search(store: Store, answers: LaterAnswers, wanted: CallSearch) -> Response:
    """Show one page of the calls of all campaigns that fit."""
    return json_answer(store.read_up_to_date(lambda campaigns: found_calls(answers, campaigns, wanted)))


def add_calls(api: FastAPI, store: Store, answers: LaterAnswers) -> None:
    """Add the routes that change one call."""

    def change(call_id: str, change_call: Callable[[Simulation, Row], bool]) -> Response:
        def show(campaign: Campaign, row: Row) -> bool | None:
            return change_call(campaign.simulation, row) if answers.has_calls(campaign) else None

        return JSONResponse({"success": found(store.read_call(call_id, show), "Call not found")})

    @api.post("/call/{id}/cancel")
    async def cancel_call(id: str) -> Response:  # noqa: A002 - the name in the vendor's description
        """Cancel a call. An attempt in progress goes on."""
        return change(id, lambda simulation, row: simulation.cancel_call(row))

    @api.post("/call/{id}/pause")
    async def pause_call(id: str) -> Response:  # noqa: A002
        """Hold a call. An attempt in progress goes on."""
        return change(id, lambda simulation, row: simulation.pause_call(row))

    @api.post("/call/{id}/resume")
    async def resume_call(id: str) -> Response:  # noqa: A002
        """Make a call that was held."""
        return change(id, lambda simulation, row: simulation.resume_call(row))
