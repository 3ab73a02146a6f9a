"""Campaigns that were created and not launched are launched."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response

from revox_sandbox.api import bodies, schemas_live
from revox_sandbox.api.routes.answers import (
    ABSENT,
    Body,
    Refused,
    described,
    found,
    json_answer,
    parse,
)
from revox_sandbox.api.selection import selected

if TYPE_CHECKING:
    from pydantic import BaseModel

    from revox_sandbox.api.later import LaunchCallsWire, LiveWire
    from revox_sandbox.play.store import Campaign, Store


def add_draft_launch(api: FastAPI, store: Store, wire: LiveWire, shape: type[BaseModel]) -> None:
    """
    Add the route that launches a draft.

    :param api: What to add it to.
    :param store: The campaigns.
    :param wire: Writes answers.
    :param shape: The shape of the answer.
    """

    @api.post(
        "/campaigns/{id}/launch",
        operation_id="launch_campaign",
        response_model=shape,
        responses=ABSENT,
    )
    def launch(id: str) -> Response:  # noqa: A002
        """Launch a draft: its calls start at once, or when it is scheduled."""

        def start(campaign: Campaign) -> bytes:
            if wire.status(campaign) != "draft":
                raise Refused(400, "The campaign is not a draft")
            starts_at = campaign.request.starts_at
            campaign.simulation.launch(campaign.simulation.rows, starts_at.timestamp() if starts_at else None)
            return wire.one_campaign(campaign)

        return json_answer(found(store.read(id, start)))


def add_launch_calls(api: FastAPI, store: Store, wire: LaunchCallsWire) -> None:
    """
    Add the route that launches calls.

    :param api: What to add it to.
    :param store: The campaigns.
    :param wire: Writes answers.
    """

    @api.post(
        "/campaigns/{id}/launch-calls",
        operation_id="launch_calls",
        response_model=schemas_live.LaunchedShape,
        responses=ABSENT,
        openapi_extra=described(bodies.LaunchCalls),
    )
    def launch_calls(id: str, body: Body) -> Response:  # noqa: A002
        """Launch the calls that are selected, except those in progress and those that had all attempts."""
        request = parse(bodies.LaunchCalls, body, "launch")
        starts_at = request.scheduled_at.timestamp() if request.scheduled_at else None

        def start(campaign: Campaign) -> bytes:
            launched = campaign.simulation.launch(selected(campaign, request.selection), starts_at)
            return wire.launched(campaign, launched, speed_dial=request.mode == "speed_dial")

        return json_answer(found(store.read(id, start)))
