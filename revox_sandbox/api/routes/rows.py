"""The rows of a campaign: in pages at first, all at once later."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, get_args

from fastapi import FastAPI, Query, Response

from revox_sandbox.api import schemas
from revox_sandbox.api.routes.answers import ABSENT, Refused, found, json_answer
from revox_sandbox.api.selection import matching
from revox_sandbox.play.people import CallResult

if TYPE_CHECKING:
    from pydantic import BaseModel

    from revox_sandbox.api.contract import Wire
    from revox_sandbox.api.later import LiveWire
    from revox_sandbox.play.store import Campaign, Store

MAX_PAGE_SIZE = 1000

ResultFilter: TypeAlias = CallResult | Literal["all", "none"]
Page = Annotated[int, Query(ge=1)]
PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)]
Statuses = Annotated[str | None, Query(description="Statuses of calls, with commas between them")]


def add_paged_rows(api: FastAPI, store: Store, wire: Wire) -> None:
    """
    Add the contract's route.

    :param api: What to add it to.
    :param store: The campaigns.
    :param wire: Writes answers.
    """

    @api.get(
        "/campaigns/{id}/rows", operation_id="get_rows", response_model=schemas.RowsShape, responses=ABSENT
    )
    def rows(
        id: str,  # noqa: A002
        page: Page,
        page_size: PageSize,
        query: str | None = None,
        result: ResultFilter | None = None,
        statuses: Statuses = None,
    ) -> Response:
        """Show one page of a campaign's rows."""
        wanted = _parse_statuses(statuses)
        results = () if result in (None, "all") else (result,)

        def show(campaign: Campaign) -> bytes:
            fitting = matching(campaign, query=query or "", results=results, statuses=wanted)
            return wire.rows_page(campaign, fitting, page, page_size)

        return json_answer(found(store.read(id, show)))


def add_all_rows(api: FastAPI, store: Store, wire: LiveWire, shape: type[BaseModel]) -> None:
    """
    Add the later generations' route.

    :param api: What to add it to.
    :param store: The campaigns.
    :param wire: Writes answers.
    :param shape: The shape of the answer.
    """

    @api.get(
        "/campaigns/{id}/rows",
        operation_id="get_rows",
        response_model=shape,
        responses=ABSENT,
    )
    def rows(id: str) -> Response:  # noqa: A002
        """Show all rows of a campaign."""
        return json_answer(found(store.read(id, wire.rows)))


def _parse_statuses(text: str | None) -> set[str]:
    statuses = set(text.split(",")) if text else set()
    if not statuses <= set(get_args(schemas.CallStatus)):
        raise Refused(400, "The query is not valid", ["statuses: has an unknown status"])
    return statuses
