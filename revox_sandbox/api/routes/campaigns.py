"""Create, show, cancel and delete campaigns. Every generation has these routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from revox_sandbox.api.export import export
from revox_sandbox.api.json_http import json_answer
from revox_sandbox.api.refusals import found

if TYPE_CHECKING:
    from revox_sandbox.api.bodies import NewCampaign
    from revox_sandbox.api.contract import ContractAnswers
    from revox_sandbox.play.store import Store


def create(store: Store, answers: ContractAnswers, campaign: NewCampaign) -> Response:
    """Create a campaign, and launch it if the user asks for that."""
    return json_answer(store.create(campaign.as_request(), answers.one_campaign))


def add_campaigns(api: FastAPI, store: Store, answers: ContractAnswers) -> None:
    """Add the routes that all generations have."""

    @api.get("/campaigns")
    async def list_campaigns() -> Response:
        """List all campaigns, the newest first. Completed ones are there, too."""
        return json_answer(answers.all_campaigns(store.read_all(answers.campaign_json)))

    @api.get("/campaigns/{id}")
    async def get_campaign(id: str) -> Response:  # noqa: A002 - the name on the API page
        """Show one campaign."""
        return json_answer(found(store.read(id, answers.one_campaign)))

    @api.delete("/campaigns/{id}")
    async def delete_campaign(id: str) -> Response:  # noqa: A002
        """Delete a campaign for good. It dials nobody from now on."""
        found(store.delete(id) or None)
        return JSONResponse({"success": True})

    @api.post("/campaigns/{id}/cancel")
    async def cancel_campaign(id: str) -> Response:  # noqa: A002
        """Abort all calls that are not in progress."""
        return JSONResponse({"success": found(store.read(id, lambda one: one.simulation.cancel()))})

    @api.get("/campaigns/{id}/export")
    async def export_rows(id: str) -> Response:  # noqa: A002
        """Export all rows of a campaign as a CSV file."""
        return json_answer(found(store.read(id, export)))
