"""Launch campaigns that exist already. Each later generation has its own route."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response

from revox_sandbox.api.bodies import LaunchCalls
from revox_sandbox.api.json_http import json_answer
from revox_sandbox.api.refusals import Refused, found
from revox_sandbox.api.selection import selected

if TYPE_CHECKING:
    from revox_sandbox.api.drafts import DraftsAnswers
    from revox_sandbox.api.launch_calls import LaunchCallsAnswers
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.store import Store


def add_draft_launch(api: FastAPI, store: Store, answers: DraftsAnswers) -> None:
    """Add the route that launches a draft."""

    @api.post("/campaigns/{id}/launch")
    async def launch_campaign(id: str) -> Response:  # noqa: A002
        """Launch a draft. Its calls start at once, or when it is scheduled."""

        def launch(campaign: Campaign) -> bytes:
            if answers.status(campaign) != "draft":
                raise Refused(400, "The campaign is not a draft")
            starts_at = campaign.request.scheduled_at
            campaign.simulation.launch(campaign.simulation.rows, starts_at.timestamp() if starts_at else None)
            return answers.one_campaign(campaign)

        return json_answer(found(store.read(id, launch)))


def add_launch_calls(api: FastAPI, store: Store, answers: LaunchCallsAnswers) -> None:
    """Add the route that launches calls."""

    @api.post("/campaigns/{id}/launch-calls")
    async def launch_calls(id: str, order: LaunchCalls) -> Response:  # noqa: A002
        """Launch the selected calls, except those in progress and those that had all their attempts."""
        starts_at = order.scheduled_at.timestamp() if order.scheduled_at else None

        def launch(campaign: Campaign) -> bytes:
            launched = campaign.simulation.launch(selected(campaign, order.selection), starts_at)
            return answers.launched(campaign, launched, speed_dial=order.mode == "speed_dial")

        return json_answer(found(store.read(id, launch)))
