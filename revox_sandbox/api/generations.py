"""What each generation of the API has. All that differs between them is here, or named here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fastapi import FastAPI
from pydantic import BaseModel

from revox_sandbox.api import bodies, schemas, schemas_live, schemas_reports
from revox_sandbox.api.contract import Wire
from revox_sandbox.api.later import DraftsWire, LaunchCallsWire
from revox_sandbox.api.reports import Statistics
from revox_sandbox.api.routes.campaigns import add_campaigns
from revox_sandbox.api.routes.launching import add_draft_launch, add_launch_calls
from revox_sandbox.api.routes.pause_and_change import add_steering
from revox_sandbox.api.routes.reports import add_insight
from revox_sandbox.api.routes.rows import add_all_rows, add_paged_rows
from revox_sandbox.play.store import Store
from revox_sandbox.settings import GenerationName


@dataclass(frozen=True, kw_only=True)
class Generation:
    """
    A generation of the API.

    :param client: The version of the official client that speaks it.
    :param wire: Writes its answers.
    :param bodies: What can be sent to it.
    :param add_routes: Adds what can be asked for.
    """

    client: str
    wire: Wire
    bodies: tuple[type[BaseModel], ...]
    add_routes: Callable[[FastAPI, Store], None]


_CONTRACT = Wire()
_DRAFTS = DraftsWire()
_LAUNCH_CALLS = LaunchCallsWire()


def _contract(api: FastAPI, store: Store) -> None:
    one, many = schemas.OneCampaign, schemas.AllCampaigns
    add_campaigns(api, store, _CONTRACT, bodies.CampaignCreate, one=one, many=many)
    add_paged_rows(api, store, _CONTRACT)


def _drafts(api: FastAPI, store: Store) -> None:
    one, many = schemas_live.OneDraftsCampaign, schemas_live.AllDraftsCampaigns
    report = Statistics("hot", "warm")
    add_campaigns(api, store, _DRAFTS, bodies.DraftsCampaignCreate, one=one, many=many)
    add_all_rows(api, store, _DRAFTS, schemas_live.DraftsRows)
    add_draft_launch(api, store, _DRAFTS, one)
    add_steering(api, store, _DRAFTS, bodies.DraftsCampaignUpdate, one)
    add_insight(api, store, _DRAFTS, report, schemas_reports.DraftsStatistics)


def _launch_calls(api: FastAPI, store: Store) -> None:
    one, many = schemas_live.OneLaunchCallsCampaign, schemas_live.AllLaunchCallsCampaigns
    nobody_joined = {
        "joined_calls": 0,
        "median_conversation_seconds": None,
        "median_time_to_join_seconds": None,
    }
    report = Statistics("interested", "callback_requested", jump_in=nobody_joined)
    add_campaigns(api, store, _LAUNCH_CALLS, bodies.LaunchCallsCampaignCreate, one=one, many=many)
    add_all_rows(api, store, _LAUNCH_CALLS, schemas_live.LaunchCallsRows)
    add_launch_calls(api, store, _LAUNCH_CALLS)
    add_steering(api, store, _LAUNCH_CALLS, bodies.LaunchCallsCampaignUpdate, one)
    add_insight(api, store, _LAUNCH_CALLS, report, schemas_reports.LaunchCallsStatistics)


GENERATIONS: Mapping[GenerationName, Generation] = MappingProxyType(
    {
        "contract": Generation(
            client="0.1.1", wire=_CONTRACT, bodies=(bodies.CampaignCreate,), add_routes=_contract
        ),
        "drafts": Generation(
            client="0.3.0",
            wire=_DRAFTS,
            bodies=(bodies.DraftsCampaignCreate, bodies.DraftsCampaignUpdate),
            add_routes=_drafts,
        ),
        "launch-calls": Generation(
            client="0.5.0",
            wire=_LAUNCH_CALLS,
            bodies=(
                bodies.LaunchCallsCampaignCreate,
                bodies.LaunchCallsCampaignUpdate,
                bodies.LaunchCalls,
            ),
            add_routes=_launch_calls,
        ),
    }
)
