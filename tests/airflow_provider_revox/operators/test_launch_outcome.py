from __future__ import annotations

import logging
from unittest.mock import Mock

import pytest

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.client.models import Campaign
from airflow_provider_revox.launch.identity import Reason
from airflow_provider_revox.launch.steps import Launched
from airflow_provider_revox.operators._launch_outcome import count_not_in_campaign, difference, tell_outcome
from revox_sandbox import Fault
from tests.campaigns import create_campaign, number


@pytest.fixture
def client(revox_sandbox):
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url, retries=0)
    with RevoxClient(config) as client:
        yield client


@pytest.fixture
def told(client, revox_sandbox):
    """Tell how a campaign of three people differs from a list."""
    campaign = client.get_campaign(create_campaign(revox_sandbox, 3))

    def tell(*numbers, reason=Reason.FIRST_STANDS):
        launched = Launched(campaign, adopted=True, reason=reason)
        missing = count_not_in_campaign(client, launched, numbers)
        return missing, difference(launched, len(numbers), missing)

    return tell


def test_the_first_launch_stands_and_the_log_says_how_many_people_differ(told):
    missing, text = told(number(0), number(1), number(7), number(8))
    assert missing == 2
    assert "has 3 contacts. This try was given 4 contacts. The campaign lacks 2 of them." in text
    assert "The first launch stands: nobody else is called." in text
    assert number(7) not in text


def test_the_same_list_is_not_told(told):
    assert told(number(0), number(1), number(2), reason=Reason.SAME_LIST)[0] == 0
    assert told(number(0), number(1), number(9), reason=Reason.FIRST_STANDS)[0] == 1


def test_rows_that_can_not_be_read_are_no_reason_to_fail(told, revox_sandbox):
    revox_sandbox.faults.add(Fault(path="/campaigns/{id}/rows", kind="status", status=503, times=None))
    missing, text = told(number(7))
    assert missing is None
    assert "1 contact. It is not known whether they are in the campaign." in text


@pytest.mark.parametrize(("is_cancelled", "warnings"), [(False, 1), (None, 1), (True, 0)])
def test_a_campaign_that_can_be_resumed_is_told_as_paused(caplog, is_cancelled, warnings):
    """A campaign that was cancelled while it was paused is not resumed any more."""
    campaign = Campaign(id="cmp_1", status="paused", is_cancelled=is_cancelled)
    launched = Launched(campaign, adopted=False, reason=Reason.CREATED)
    log = logging.getLogger("launch")
    with caplog.at_level(logging.INFO, log.name):
        tell_outcome({"ti": Mock(try_number=1)}, log, Mock(), None, launched, [number(0)], launch=True)
    assert caplog.text.count("is paused: nobody is called until it is resumed") == warnings
