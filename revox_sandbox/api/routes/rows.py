"""Show the rows of a campaign: in pages in the contract, all at once in the later generations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal, TypeAlias, get_args

from fastapi import FastAPI, Query, Response

from revox_sandbox.api.bodies import MAX_PAGE_SIZE
from revox_sandbox.api.json_http import json_answer
from revox_sandbox.api.refusals import Refused, found
from revox_sandbox.api.selection import matching
from revox_sandbox.play.people import CallResult

if TYPE_CHECKING:
    from revox_sandbox.api.contract import ContractAnswers
    from revox_sandbox.api.later import LaterAnswers
    from revox_sandbox.play.campaign import Campaign
    from revox_sandbox.play.store import Store

StatusFilter: TypeAlias = Literal[
    "initializing", "queued_for_calling", "calling", "scheduled", "completed", "cancelled", "errored"
]
ResultFilter: TypeAlias = Literal[CallResult, "all", "none"]
Page = Annotated[int, Query(ge=1)]
PageSize = Annotated[int, Query(ge=1, le=MAX_PAGE_SIZE)]
Statuses = Annotated[str | None, Query(description="Statuses of calls, with commas between them")]


def add_paged_rows(api: FastAPI, store: Store, answers: ContractAnswers) -> None:
    """Add the route of the contract."""

    @api.get("/campaigns/{id}/rows")
    async def get_rows(
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
            return answers.rows_page(campaign, fitting, page, page_size)

        return json_answer(found(store.read(id, show)))


def add_all_rows(api: FastAPI, store: Store, answers: LaterAnswers) -> None:
    """Add the route of the later generations."""

    @api.get("/campaigns/{id}/rows")
    async def get_rows(id: str) -> Response:  # noqa: A002
        """Show all rows of a campaign."""
        return json_answer(found(store.read(id, answers.all_rows)))


def _parse_statuses(text: str | None) -> set[str]:
    statuses = set(text.split(",")) if text else set()
    if not statuses <= set(get_args(StatusFilter)):
        raise Refused(400, "The query is not valid", ["statuses: has an unknown status"])
    return statuses
