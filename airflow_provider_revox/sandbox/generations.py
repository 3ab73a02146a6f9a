"""What each generation of the API has. All that differs between them is here, or named here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from fastapi import FastAPI
from pydantic import BaseModel

from airflow_provider_revox.sandbox import requests, schemas, schemas_live, schemas_reports
from airflow_provider_revox.sandbox.reports import Statistics
from airflow_provider_revox.sandbox.routes.campaigns import add_campaigns
from airflow_provider_revox.sandbox.routes.insight import add_insight
from airflow_provider_revox.sandbox.routes.launching import add_draft_launch, add_launch_calls
from airflow_provider_revox.sandbox.routes.rows import add_all_rows, add_paged_rows
from airflow_provider_revox.sandbox.routes.steering import add_steering
from airflow_provider_revox.sandbox.settings import GenerationName
from airflow_provider_revox.sandbox.store import Store
from airflow_provider_revox.sandbox.wire import Wire
from airflow_provider_revox.sandbox.wire_live import DraftsWire, LaunchCallsWire


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
    add_campaigns(api, store, _CONTRACT, requests.CampaignCreate, one=one, many=many)
    add_paged_rows(api, store, _CONTRACT)


def _drafts(api: FastAPI, store: Store) -> None:
    one, many = schemas_live.OneDraftsCampaign, schemas_live.AllDraftsCampaigns
    report = Statistics("hot", "warm")
    add_campaigns(api, store, _DRAFTS, requests.DraftsCampaignCreate, one=one, many=many)
    add_all_rows(api, store, _DRAFTS, schemas_live.DraftsRows)
    add_draft_launch(api, store, _DRAFTS, one)
    add_steering(api, store, _DRAFTS, requests.DraftsCampaignUpdate, one)
    add_insight(api, store, _DRAFTS, report, schemas_reports.DraftsStatistics)


def _launch_calls(api: FastAPI, store: Store) -> None:
    one, many = schemas_live.OneLaunchCallsCampaign, schemas_live.AllLaunchCallsCampaigns
    nobody_joined = {
        "joined_calls": 0,
        "median_conversation_seconds": None,
        "median_time_to_join_seconds": None,
    }
    report = Statistics("interested", "callback_requested", jump_in=nobody_joined)
    add_campaigns(api, store, _LAUNCH_CALLS, requests.LaunchCallsCampaignCreate, one=one, many=many)
    add_all_rows(api, store, _LAUNCH_CALLS, schemas_live.LaunchCallsRows)
    add_launch_calls(api, store, _LAUNCH_CALLS)
    add_steering(api, store, _LAUNCH_CALLS, requests.LaunchCallsCampaignUpdate, one)
    add_insight(api, store, _LAUNCH_CALLS, report, schemas_reports.LaunchCallsStatistics)


GENERATIONS: Mapping[GenerationName, Generation] = MappingProxyType(
    {
        "contract": Generation(
            client="0.1.1", wire=_CONTRACT, bodies=(requests.CampaignCreate,), add_routes=_contract
        ),
        "drafts": Generation(
            client="0.3.0",
            wire=_DRAFTS,
            bodies=(requests.DraftsCampaignCreate, requests.DraftsCampaignUpdate),
            add_routes=_drafts,
        ),
        "launch-calls": Generation(
            client="0.5.0",
            wire=_LAUNCH_CALLS,
            bodies=(
                requests.LaunchCallsCampaignCreate,
                requests.LaunchCallsCampaignUpdate,
                requests.LaunchCalls,
            ),
            add_routes=_launch_calls,
        ),
    }
)
