"""Campaigns come and go. Every generation has these routes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from revox_sandbox.api import schemas
from revox_sandbox.api.routes.answers import ABSENT, Body, described, found, json_answer, parse

if TYPE_CHECKING:
    from pydantic import BaseModel

    from revox_sandbox.api.bodies import NewCampaign
    from revox_sandbox.api.contract import Wire
    from revox_sandbox.play.store import Store


def add_campaigns(
    api: FastAPI,
    store: Store,
    wire: Wire,
    create: type[NewCampaign],
    *,
    one: type[BaseModel],
    many: type[BaseModel],
) -> None:
    """
    Add the routes.

    :param api: What to add them to.
    :param store: The campaigns.
    :param wire: Writes answers.
    :param create: The shape of a campaign to create.
    :param one: The shape of an answer with one campaign.
    :param many: The shape of an answer with campaigns.
    """

    @api.post(
        "/campaigns",
        operation_id="create_campaign",
        response_model=one,
        openapi_extra=described(create),
    )
    def create_campaign(body: Body) -> Response:
        """Create a campaign, and launch it where that is a part of creating it."""
        return json_answer(store.create(parse(create, body, "campaign"), wire.one_campaign))

    @api.get("/campaigns", operation_id="list_campaigns", response_model=many)
    def list_all() -> Response:
        """List every campaign, finished ones too, the newest first."""
        return json_answer(wire.all_campaigns(store.read_all(wire.campaign_json)))

    @api.get(
        "/campaigns/{id}",
        operation_id="get_campaign",
        response_model=one,
        responses=ABSENT,
    )
    def get(id: str) -> Response:  # noqa: A002 - the page's name
        """Show one campaign."""
        return json_answer(found(store.read(id, wire.one_campaign)))

    @api.delete(
        "/campaigns/{id}", operation_id="delete_campaign", response_model=schemas.Success, responses=ABSENT
    )
    def delete(id: str) -> Response:  # noqa: A002
        """Delete a campaign for good. It dials nobody any more."""
        found(store.delete(id) or None)
        return JSONResponse({"success": True})

    @api.post(
        "/campaigns/{id}/cancel",
        operation_id="cancel_campaign",
        response_model=schemas.Success,
        responses=ABSENT,
    )
    def cancel(id: str) -> Response:  # noqa: A002
        """Abort pending and queued calls; calls in progress finish."""
        return JSONResponse({"success": found(store.read(id, lambda one: one.simulation.cancel()))})

    @api.get(
        "/campaigns/{id}/export", operation_id="export_rows", response_model=schemas.Export, responses=ABSENT
    )
    def export(id: str) -> Response:  # noqa: A002
        """Export every row of a campaign as a CSV file."""
        return json_answer(found(store.read(id, wire.export)))
