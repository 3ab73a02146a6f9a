"""Requests of a launch, as the tests name them and send them."""

from __future__ import annotations

from airflow_provider_revox.client.messages import Endpoint, Request
from airflow_provider_revox.client.models import RowsPage

CREATE = {"method": "POST", "path": "/campaigns"}
LOOK = {"method": "GET", "path": "/campaigns"}
LAUNCH_CALLS = {"method": "POST", "path": "/campaigns/{id}/launch-calls"}


def all_rows(campaign_id: str) -> Endpoint[RowsPage]:
    """Return the rows of the newest generation, which are not paged."""
    request = Request("GET", f"/campaigns/{campaign_id}/rows")
    return Endpoint.of(request, lambda answer: RowsPage.model_validate_json(answer.body))
