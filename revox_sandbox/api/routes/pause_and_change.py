"""Pause, resume and change a campaign. The later generations have these routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from revox_sandbox.api.json_http import json_answer
from revox_sandbox.api.refusals import Refused, found

if TYPE_CHECKING:
    from revox_sandbox.api.bodies import CampaignUpdate
    from revox_sandbox.api.later import LaterAnswers
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.store import Store


def change(store: Store, answers: LaterAnswers, campaign_id: str, changes: CampaignUpdate) -> Response:
    """
    Change a campaign. All calls that are not completed follow the change.

    :raises Refused: There is no such campaign, or a field can change in a draft only.
    """
    sent = changes.sent()

    def update(campaign: Campaign) -> bytes:
        too_late = changes.DRAFT_ONLY & sent.keys()
        if too_late and answers.status(campaign) != "draft":
            issues = [f"{name}: can be changed in a draft only" for name in sorted(too_late)]
            raise Refused(400, "The change is not valid", issues)
        store.update(campaign, sent)
        return answers.one_campaign(campaign)

    return json_answer(found(store.read(campaign_id, update)))


def add_pause(api: FastAPI, store: Store, answers: LaterAnswers) -> None:
    """Add the routes that pause and resume a campaign."""

    @api.post("/campaigns/{id}/pause")
    async def pause_campaign(id: str) -> Response:  # noqa: A002
        """Hold all calls that are not in progress."""

        def pause(campaign: Campaign) -> bool:
            return answers.status(campaign) != "draft" and campaign.simulation.pause()

        return JSONResponse({"success": found(store.read(id, pause))})

    @api.post("/campaigns/{id}/resume")
    async def resume_campaign(id: str) -> Response:  # noqa: A002
        """Make the calls that the pause held."""

        def resume(campaign: Campaign) -> bool:
            return answers.status(campaign) != "draft" and campaign.simulation.resume()

        return JSONResponse({"success": found(store.read(id, resume))})
