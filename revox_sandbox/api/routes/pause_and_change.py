"""Campaigns are paused, resumed and changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from revox_sandbox.api import schemas
from revox_sandbox.api.routes.answers import (
    ABSENT,
    Body,
    Refused,
    described,
    found,
    json_answer,
    parse,
)

if TYPE_CHECKING:
    from pydantic import BaseModel

    from revox_sandbox.api.bodies import CampaignUpdate
    from revox_sandbox.api.later import LiveWire
    from revox_sandbox.play.store import Campaign, Store


def add_steering(
    api: FastAPI, store: Store, wire: LiveWire, update: type[CampaignUpdate], shape: type[BaseModel]
) -> None:
    """
    Add the routes.

    :param api: What to add them to.
    :param store: The campaigns.
    :param wire: Writes answers.
    :param update: The shape of a change.
    :param shape: The shape of an answer with one campaign.
    """

    @api.post(
        "/campaigns/{id}/pause",
        operation_id="pause_campaign",
        response_model=schemas.Success,
        responses=ABSENT,
    )
    def pause(id: str) -> Response:  # noqa: A002
        """Hold pending and scheduled calls; calls in progress finish."""

        def stop(campaign: Campaign) -> bool:
            return wire.status(campaign) != "draft" and campaign.simulation.pause()

        return JSONResponse({"success": found(store.read(id, stop))})

    @api.post(
        "/campaigns/{id}/resume",
        operation_id="resume_campaign",
        response_model=schemas.Success,
        responses=ABSENT,
    )
    def resume(id: str) -> Response:  # noqa: A002
        """Make the calls that were held."""

        def go_on(campaign: Campaign) -> bool:
            return wire.status(campaign) != "draft" and campaign.simulation.resume()

        return JSONResponse({"success": found(store.read(id, go_on))})

    @api.patch(
        "/campaigns/{id}",
        operation_id="update_campaign",
        response_model=shape,
        responses=ABSENT,
        openapi_extra=described(update),
    )
    def update_campaign(id: str, body: Body) -> Response:  # noqa: A002
        """Change a campaign; calls that are not completed follow."""
        request = parse(update, body, "change")

        def change(campaign: Campaign) -> bytes:
            late = request.DRAFT_ONLY & request.changes.keys()
            if late and wire.status(campaign) != "draft":
                issues = [f"{name}: can be changed in a draft only" for name in sorted(late)]
                raise Refused(400, "The change is not valid", issues)
            store.update(campaign, request.changes)
            return wire.one_campaign(campaign)

        return json_answer(found(store.read(id, change)))
