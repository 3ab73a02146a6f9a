"""Say what a user may see and do. Airflow's auth manager decides, as on Airflow's own pages."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING, Any

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.models.dag import DagModel

if TYPE_CHECKING:
    from airflow_provider_revox.plugin.campaigns import Campaign, Task


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

    :param campaign: With all its tasks, also those that the user may not read.
    :param known: The answers for DAGs that were asked about before.
    """
    for dag_id in deciding_dag_ids(campaign.tasks):
        if dag_id not in known:
            known[dag_id] = may_edit_runs(user, dag_id)
        if known[dag_id]:
            return True
    return False


def deciding_dag_ids(tasks: Iterable[Task]) -> Collection[str]:
    """Return the DAGs that decide: those that launched the campaign; without one, those that wait for it."""
    tasks = list(tasks)
    launches = {task.dag_id for task in tasks if task.role == "launch"}
    return sorted(launches or {task.dag_id for task in tasks})
