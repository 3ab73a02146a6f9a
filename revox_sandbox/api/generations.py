"""Say what each generation of the API has: its bodies, its answers and its routes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fastapi import FastAPI, Response

from revox_sandbox.api import bodies
from revox_sandbox.api.contract import ContractAnswers
from revox_sandbox.api.drafts import DraftsAnswers
from revox_sandbox.api.launch_calls import LaunchCallsAnswers
from revox_sandbox.api.routes.calls import add_calls, search
from revox_sandbox.api.routes.campaigns import add_campaigns, create
from revox_sandbox.api.routes.launching import add_draft_launch, add_launch_calls
from revox_sandbox.api.routes.organization import add_assistants, add_phone_numbers
from revox_sandbox.api.routes.pause_and_change import add_pause, change
from revox_sandbox.api.routes.reports import add_reports
from revox_sandbox.api.routes.rows import add_all_rows, add_paged_rows
from revox_sandbox.play.store import Store
from revox_sandbox.settings import GenerationName


@dataclass(frozen=True, kw_only=True)
class Generation:
    """
    A generation of the API.

    :param official_client: The version of the official client that speaks it.
    :param answers: Writes the answers.
    :param add_routes: Adds the routes to an API.
    """

    official_client: str
    answers: ContractAnswers
    add_routes: Callable[[FastAPI, Store], None]


_CONTRACT = ContractAnswers()
_DRAFTS = DraftsAnswers()
_LAUNCH_CALLS = LaunchCallsAnswers()


def _add_contract(api: FastAPI, store: Store) -> None:
    @api.post("/campaigns")
    async def create_campaign(campaign: bodies.CampaignCreate) -> Response:
        """Create a campaign and launch it."""
        return create(store, _CONTRACT, campaign)

    add_campaigns(api, store, _CONTRACT)
    add_assistants(api, store, _CONTRACT)
    add_paged_rows(api, store, _CONTRACT)


def _add_drafts(api: FastAPI, store: Store) -> None:
    @api.post("/campaigns")
    async def create_campaign(campaign: bodies.DraftsCampaignCreate) -> Response:
        """Create a campaign. Launch it, or save it as a draft."""
        return create(store, _DRAFTS, campaign)

    @api.patch("/campaigns/{id}")
    async def update_campaign(id: str, changes: bodies.DraftsCampaignUpdate) -> Response:  # noqa: A002
        """Change a campaign. A draft can change in every way."""
        return change(store, _DRAFTS, id, changes)

    @api.post("/call/search")
    async def search_calls(wanted: bodies.DraftsCallSearch) -> Response:
        """Find calls over all campaigns."""
        return search(store, _DRAFTS, wanted)

    add_campaigns(api, store, _DRAFTS)
    add_assistants(api, store, _DRAFTS)
    add_all_rows(api, store, _DRAFTS)
    add_draft_launch(api, store, _DRAFTS)
    add_pause(api, store, _DRAFTS)
    add_reports(api, store, _DRAFTS)
    add_calls(api, store, _DRAFTS)
    add_phone_numbers(api, store, _DRAFTS)


def _add_launch_calls(api: FastAPI, store: Store) -> None:
    @api.post("/campaigns")
    async def create_campaign(campaign: bodies.LaunchCallsCampaignCreate) -> Response:
        """Create a campaign. It dials nobody before its calls are launched."""
        return create(store, _LAUNCH_CALLS, campaign)

    @api.patch("/campaigns/{id}")
    async def update_campaign(id: str, changes: bodies.LaunchCallsCampaignUpdate) -> Response:  # noqa: A002
        """Change a campaign."""
        return change(store, _LAUNCH_CALLS, id, changes)

    @api.post("/call/search")
    async def search_calls(wanted: bodies.LaunchCallsCallSearch) -> Response:
        """Find calls over all campaigns."""
        return search(store, _LAUNCH_CALLS, wanted)

    add_campaigns(api, store, _LAUNCH_CALLS)
    add_assistants(api, store, _LAUNCH_CALLS)
    add_all_rows(api, store, _LAUNCH_CALLS)
    add_launch_calls(api, store, _LAUNCH_CALLS)
    add_pause(api, store, _LAUNCH_CALLS)
    add_reports(api, store, _LAUNCH_CALLS)
    add_calls(api, store, _LAUNCH_CALLS)
    add_phone_numbers(api, store, _LAUNCH_CALLS)


GENERATIONS: Mapping[GenerationName, Generation] = MappingProxyType(
    {
        "contract": Generation(official_client="0.1.1", answers=_CONTRACT, add_routes=_add_contract),
        "drafts": Generation(official_client="0.3.0", answers=_DRAFTS, add_routes=_add_drafts),
        "launch-calls": Generation(
            official_client="0.5.0", answers=_LAUNCH_CALLS, add_routes=_add_launch_calls
        ),
    }
)
