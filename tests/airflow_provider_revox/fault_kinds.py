"""The kinds of faults that the matrices plan, and which of them say something new at a request."""

from __future__ import annotations

from typing import Any

from tests.airflow_provider_revox.launch.patience import LATE

STATUSES = (400, 401, 403, 404, 408, 409, 422, 429, 500, 502, 503, 504)
REFUSALS = {400, 401, 403, 404, 422}
KINDS: dict[str, dict[str, Any]] = {
    **{kind: {"kind": kind} for kind in ("hang", "reset", "close", "truncate", "broken_json")},
    "delay": {"kind": "delay", "seconds": 0.01},
    "late": {"kind": "delay", "seconds": LATE},
    **{f"status_{status}": {"kind": "status", "status": status} for status in STATUSES},
    "retry_after_0": {"kind": "status", "status": 429, "retry_after": 0},
    "retry_after_600": {"kind": "status", "status": 429, "retry_after": 600},
}
WHEN = ("before", "after")
HALF_AN_ANSWER = ("truncate", "broken_json")
AT_READS = (
    *("hang", "reset", "close", *HALF_AN_ANSWER, "late"),
    *("status_400", "status_404", "status_429", "status_503", "retry_after_600"),
)
"""One status of each class of errors that the code tells apart: the tests of the client try the others."""


def says_something_new(kind: str, when: str, *, acts: bool) -> bool:
    """
    Return whether a fault at a request is tried.

    A request that changes nothing leaves nothing behind, so there a fault after it is the same as one before
    it, unless the client gets a half of the answer. No server carries a request out and answers that it
    refuses it.

    :param kind: One of :data:`KINDS`.
    :param when: Whether the fault strikes ``before`` or ``after`` the effect.
    :param acts: Whether the request changes something.
    """
    if acts:
        return when == "before" or KINDS[kind].get("status") not in REFUSALS
    return kind in AT_READS and (when == "before" or kind in HALF_AN_ANSWER)
