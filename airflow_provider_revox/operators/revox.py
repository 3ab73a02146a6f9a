"""Every operator of the provider, under one import path."""

from __future__ import annotations

from airflow_provider_revox.links.revox import CampaignLink, CampaignPageLink
from airflow_provider_revox.operators.cancel_calls import CancelCallsOperator
from airflow_provider_revox.operators.control import (
    CancelCampaignOperator,
    PauseCampaignOperator,
    ResumeCampaignOperator,
)
from airflow_provider_revox.operators.create import CreateCampaignOperator
from airflow_provider_revox.operators.launch import LaunchCampaignOperator
from airflow_provider_revox.operators.relaunch import RelaunchCampaignOperator
from airflow_provider_revox.operators.results import CampaignResultsOperator

__all__ = [
    "CampaignLink",
    "CampaignPageLink",
    "CampaignResultsOperator",
    "CancelCallsOperator",
    "CancelCampaignOperator",
    "CreateCampaignOperator",
    "LaunchCampaignOperator",
    "PauseCampaignOperator",
    "RelaunchCampaignOperator",
    "ResumeCampaignOperator",
]
