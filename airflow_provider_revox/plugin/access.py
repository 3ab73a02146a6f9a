"""Say what a user may see and do. Airflow's auth manager decides, as on Airflow's own pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.models.dag import DagModel

if TYPE_CHECKING:
    from airflow_provider_revox.plugin.campaigns import Campaign


def readable_dag_ids(user: Any) -> set[str]:
    """Return the DAGs that the user may read. It asks the database, so call it in a thread."""
    found: set[str] = get_auth_manager().get_authorized_dag_ids(user=user)
    return found


def may_edit_runs(user: Any, dag_id: str) -> bool:
    """Return whether the user may edit the runs of a DAG. It may ask the database."""
    details: dict[str, Any] = {"id": dag_id}
    if hasattr(DagModel, "get_team_name"):  # since Airflow 3.2
        details["team_name"] = DagModel.get_team_name(dag_id)
    return bool(
        get_auth_manager().is_authorized_dag(
            method="PUT", access_entity=DagAccessEntity.RUN, details=DagDetails(**details), user=user
        )
    )


def may_change(user: Any, campaign: Campaign, known: dict[str, bool]) -> bool:
    """
    Return whether the user may pause, resume and cancel a campaign.

    Tasks say themselves that they launched it. So one DAG that the user may edit is not enough: its task may
    name a campaign of another DAG. The user must be allowed to edit every DAG that says so.

    :param known: The answers for DAGs that were asked about before.
    """
    for dag_id in campaign.launching_dag_ids:
        if dag_id not in known:
            known[dag_id] = may_edit_runs(user, dag_id)
    return bool(campaign.launching_dag_ids) and all(known[dag_id] for dag_id in campaign.launching_dag_ids)
