"""What came of it all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse

from revox_sandbox.api import schemas_live, schemas_reports
from revox_sandbox.api.reports import phone_history
from revox_sandbox.api.routes.answers import ABSENT, found, json_answer

if TYPE_CHECKING:
    from pydantic import BaseModel

    from revox_sandbox.api.later import LiveWire
    from revox_sandbox.api.reports import Statistics
    from revox_sandbox.play.store import Store


def add_insight(
    api: FastAPI, store: Store, wire: LiveWire, statistics: Statistics, shape: type[BaseModel]
) -> None:
    """
    Add the routes.

    :param api: What to add them to.
    :param store: The campaigns.
    :param wire: Writes answers.
    :param statistics: Makes the report on a campaign.
    :param shape: The report's shape.
    """

    @api.get(
        "/campaigns/{id}/statistics",
        operation_id="get_statistics",
        response_model=shape,
        responses=ABSENT,
    )
    def get_statistics(id: str) -> Response:  # noqa: A002
        """Report on a campaign."""
        return json_answer(found(store.read(id, lambda campaign: statistics(wire, campaign))))

    @api.get("/auth-status", operation_id="get_auth_status", response_model=schemas_live.AuthStatus)
    def get_auth_status() -> Response:
        """Tell whether the key is good; with another one nobody comes here."""
        return JSONResponse({"authenticated": True})

    @api.get(
        "/calls/phone-history",
        operation_id="get_phone_history",
        response_model=schemas_reports.PhoneHistory,
    )
    def get_phone_history() -> Response:
        """Tell of every number that was called, or must not be."""
        return json_answer(store.read_history(phone_history))
