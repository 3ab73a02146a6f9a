"""
Describe the endpoints of single calls.

The API page does not have them: such a Revox answers 404, which is a
:exc:`~airflow_provider_revox.client.errors.NotFoundError`.
"""

from __future__ import annotations

from functools import partial

from airflow_provider_revox.client.answers import succeeded
from airflow_provider_revox.client.ids import call_path
from airflow_provider_revox.client.messages import Endpoint, Request


def cancel_call(call_id: str) -> Endpoint[bool]:
    """
    ``POST /call/{id}/cancel``: cancel a call that runs or waits. An attempt in progress may go on.

    Repeatable: a call that is cancelled stays cancelled. But the answer to the second request may say that
    it had no success, so look at the call itself.
    """
    return _success(f"{call_path(call_id)}/cancel")


def pause_call(call_id: str) -> Endpoint[bool]:
    """``POST /call/{id}/pause``: start no other attempt. An attempt in progress goes on. Repeatable."""
    return _success(f"{call_path(call_id)}/pause")


def resume_call(call_id: str) -> Endpoint[bool]:
    """``POST /call/{id}/resume``: go on with a call that was paused. Repeatable."""
    return _success(f"{call_path(call_id)}/resume")


def _success(path: str) -> Endpoint[bool]:
    request = Request("POST", path)
    return Endpoint.of(request, partial(succeeded, request))
