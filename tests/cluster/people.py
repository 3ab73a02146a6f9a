"""What holds after every fault."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_revox.client import ClientConfig, RevoxClient
from revox_sandbox import Sandbox
from tests.system.waiting_run import cancel_requests

DAY = 24 * 3600
WEEK = 7 * DAY


def check_everybody_was_called_once(sandbox: Sandbox, people: Iterable[str], *, twins: int = 0) -> int:
    """
    Check the sandbox's own record: each person was called once, nobody else was, and nothing was cancelled.

    :param people: The numbers of those who had to be called.
    :param twins: How many second campaigns of a launch a retry had to cancel.
    :return: How many people they are.
    """
    called = sandbox.calls_per_person()
    assert called == dict.fromkeys(people, 1), (
        f"{len(called)} called, at most {max(called.values(), default=0)} times"
    )
    assert sandbox.calls_after_an_answer() == {}
    assert len(cancel_requests(sandbox)) == twins
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:
        assert len([one.name for one in client.list_campaigns() if one.is_cancelled]) == twins
    return len(called)
