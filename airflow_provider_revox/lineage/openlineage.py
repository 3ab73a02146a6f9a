"""Say the facts of a task in OpenLineage's words. Only the OpenLineage provider loads this module."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from airflow.providers.common.compat.openlineage.facet import Dataset, RunFacet
from airflow.providers.openlineage.extractors import OperatorLineage
from attr import define

from airflow_provider_revox.files.lineage import FilesUsed

FACET = "revox_campaign"


@define
class CampaignRunFacet(RunFacet):
    """
    What became of the campaign of a task: ids, words and counts, and nobody's data. ``None``: not known.

    :param campaign_id: The campaign.
    :param name: Its name, as the user gave it.
    :param outcome: What the task did: ``created``, ``adopted``, ``cancelled``, ``calls_cancelled`` and so on.
    :param wait: How the wait for the campaign ended: ``succeeded``, ``failed``, ``timed_out`` and so on.
    :param status: The state of the campaign when the task read its results, or changed it.
    :param is_cancelled: Whether it is cancelled.
    :param contacts: The contact report: how many records came in, and what became of them, by reason.
    :param row_stats: How many contacts of the campaign are in which state.
    :param results: How many results were written, by status, result and outcome.
    """

    campaign_id: str | None = None
    name: str | None = None
    outcome: str | None = None
    wait: str | None = None
    status: str | None = None
    is_cancelled: bool | None = None
    contacts: dict[str, Any] | None = None
    row_stats: dict[str, Any] | None = None
    results: dict[str, Any] | None = None


def operator_lineage(files: FilesUsed, campaign: Mapping[str, Any]) -> OperatorLineage[Any, Any]:
    """
    Return the files and the campaign of a task as OpenLineage takes them.

    :param campaign: The fields of :class:`CampaignRunFacet` that are known.
    """
    return OperatorLineage(
        inputs=[_dataset(uri) for uri in files.inputs],
        outputs=[_dataset(uri) for uri in files.outputs],
        run_facets={FACET: CampaignRunFacet(**campaign)} if campaign else {},
    )


def _dataset(uri: str) -> Dataset:
    """Return a file as OpenLineage names it: the storage is its namespace."""
    scheme, _, rest = uri.partition("://")
    if scheme == "file":
        return Dataset(namespace="file", name=rest)
    host, _, key = rest.partition("/")
    return Dataset(namespace=f"{scheme}://{host}", name=key)
