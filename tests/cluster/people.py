"""What holds after every fault."""

from __future__ import annotations

from collections.abc import Iterable

from airflow_provider_revox.client import ClientConfig, RevoxClient
from revox_sandbox import Sandbox
from tests.system.waiting_run import cancel_requests

DAY = 24 * 3600
WEEK = 7 * DAY


def check_everybody_was_called_once(sandbox: Sandbox, people: Iterable[str]) -> int:
    """
    Check the sandbox's own record: each person was called once, nobody else was, and nothing was cancelled.

    :param people: The numbers of those who had to be called.
    :return: How many they are.
    """
    called = sandbox.calls_per_person()
    assert called == dict.fromkeys(people, 1)
    assert sandbox.calls_after_an_answer() == {}
    assert cancel_requests(sandbox) == []
    with RevoxClient(ClientConfig(api_key=sandbox.api_key, base_url=sandbox.base_url)) as client:
        assert [one.name for one in client.list_campaigns() if one.is_cancelled] == []
    return len(called)
