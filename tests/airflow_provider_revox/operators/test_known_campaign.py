"""What Airflow refuses of a launched campaign, and what the launch makes of it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import XCOM_RETURN_KEY

from airflow_provider_revox.campaign_record import CAMPAIGN_KEY
from airflow_provider_revox.client import ClientConfig
from airflow_provider_revox.launch.identity import LaunchIdentity
from airflow_provider_revox.launch.tag import LaunchTag
from airflow_provider_revox.links.revox import CAMPAIGN_URL_KEY, LINKS
from airflow_provider_revox.operators._known_campaign import KnownCampaign
from airflow_provider_revox.operators.revox import CreateCampaignOperator

SHOWN = [*(link.xcom_key for link in LINKS), CAMPAIGN_KEY]
CONFIG = ClientConfig(api_key="k", base_url="https://revox.example.com/api")
IDENTITY = LaunchIdentity(LaunchTag.of("d", "t", "r", people="aaaaaaaa"), try_number=1, has_own_key=False)


class Airflow:
    """Takes XComs and notes in turn, and refuses some of them."""

    def __init__(self, refused: list[str], times: int = 10**6) -> None:
        self.refused, self.times, self.taken = refused, times, []

    def xcom_push(self, key, value):
        if key in self.refused and self.times > 0:
            self.times -= 1
            raise RuntimeError(f"no place for Ada in {value}")
        self.taken.append(key)

    def set(self, key, value):
        self.taken.append("note")

    def campaign(self) -> KnownCampaign:
        task = CreateCampaignOperator(task_id="t", assistant_id="a1", name="x", contacts=[])
        ti = SimpleNamespace(xcom_push=self.xcom_push)
        return KnownCampaign(task, {"ti": ti, "task_state_store": self}, CONFIG, IDENTITY, name="Renewals")


@pytest.mark.parametrize("refused", [*([key] for key in SHOWN), SHOWN])
def test_what_is_only_shown_never_fails_a_launch(refused, capsys):
    airflow = Airflow(refused)
    airflow.campaign().tell("cmp_1", is_created=True)
    assert airflow.taken == [
        XCOM_RETURN_KEY,
        CAMPAIGN_URL_KEY,
        "note",
        *(key for key in SHOWN if key not in refused),
    ]
    output = capsys.readouterr().out
    assert "Airflow did not take" in output
    assert "Ada" not in output


@pytest.mark.parametrize("refused", SHOWN)
def test_what_was_refused_is_pushed_when_the_campaign_is_told_again(refused):
    airflow = Airflow([refused], times=1)
    known = airflow.campaign()
    known.tell("cmp_1", is_created=True)
    before = len(airflow.taken)
    known.tell("cmp_1")
    known.tell("cmp_1")
    assert airflow.taken[before:] == [refused]


@pytest.mark.parametrize("refused", [XCOM_RETURN_KEY, CAMPAIGN_URL_KEY])
def test_without_the_id_or_the_address_the_launch_fails(refused):
    airflow = Airflow([refused])
    with pytest.raises(RuntimeError):
        airflow.campaign().tell("cmp_1", is_created=True)
    assert not set(airflow.taken) & {"note", *SHOWN}
