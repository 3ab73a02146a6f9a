from __future__ import annotations

import pytest

from revox_sandbox import SandboxSettings
from revox_sandbox.api.generations import GENERATIONS
from revox_sandbox.pages.views import detail_view, hidden
from revox_sandbox.play.store import Store
from tests.campaigns import ask, create_campaign


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("+14155550101", "+14•••••••01"),
        ("+33612345678", "+33•••••••78"),
        ("+49301234", "+49••••34"),
        ("+4512345", "+45•••45"),
        ("+451234", "•••••••"),
        ("+12", "•••"),
        ("0612345678", "not a phone number"),
        ("Ada Lovelace", "not a phone number"),
        ("", "not a phone number"),
    ],
)
def test_the_middle_of_a_number_is_hidden(number, shown):
    assert hidden(number) == shown


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(speed=0, generation="launch-calls", list_lag=2)


def views(sandbox, anonymous):
    return anonymous.get(f"{sandbox.url}/pages/campaigns").json()["campaigns"]


def test_everybody_is_in_exactly_one_part(revox_sandbox, anonymous):
    campaign_id = create_campaign(revox_sandbox, 40, max_concurrent_calls=3)
    create_campaign(revox_sandbox, 7, launched=False)
    for _ in range(40):
        revox_sandbox.advance(400)
        assert [sum(view["parts"].values()) for view in views(revox_sandbox, anonymous)] == [7, 40]
    assert views(revox_sandbox, anonymous)[0]["parts"]["not_launched"] == 7
    ask(revox_sandbox, "POST", f"/campaigns/{campaign_id}/cancel")
    assert [sum(view["parts"].values()) for view in views(revox_sandbox, anonymous)] == [7, 40]


def test_the_parts_and_the_rows_say_the_same(revox_sandbox, anonymous):
    campaign_id = create_campaign(revox_sandbox, 20, max_concurrent_calls=3)
    revox_sandbox.advance(300)
    url = f"{revox_sandbox.url}/pages/campaigns/{campaign_id}"
    parts = anonymous.get(url).json()["parts"]
    assert sum(count > 0 for count in parts.values()) >= 3
    for part, count in parts.items():
        rows = anonymous.get(url, params={"part": part}).json()["rows"]
        assert [row["part"] for row in rows] == [part] * count


def test_the_page_neither_waits_for_the_lag_of_the_list_nor_shortens_it(revox_sandbox, anonymous):
    create_campaign(revox_sandbox)
    assert [len(views(revox_sandbox, anonymous)) for _ in range(3)] == [1, 1, 1]
    lists = [len(ask(revox_sandbox, "GET", "/campaigns")["campaigns"]) for _ in range(3)]
    assert lists == [0, 0, 1]


def test_the_calling_hours_are_shown_in_their_zone(revox_sandbox, anonymous):
    config = {
        "timezone": "Europe/Paris", "max_retry_attempts": 2, "call_twice_in_a_row": False,
        "allowed_days": ["monday", "sunday"],
        "calling_windows": [
            {
                "calling_window_start_time": "09:00", "calling_window_end_time": "12:00",
                "retry_delay_seconds": 60,
            }
        ],
    }  # fmt: skip
    paris = create_campaign(revox_sandbox, 1, call_retry_config=config)
    plain = create_campaign(revox_sandbox, 1)
    hours = [
        anonymous.get(f"{revox_sandbox.url}/pages/campaigns/{id_}").json()["hours"] for id_ in (paris, plain)
    ]
    assert (hours[0]["timezone"], hours[0]["windows"]) == ("Europe/Paris", ["09:00 to 12:00"])
    assert hours[0]["days"] == "Monday, Sunday"
    assert (hours[1]["timezone"], hours[1]["windows"], hours[1]["days"]) == ("UTC", [], "every day")
    assert hours[1]["is_open"] is True


def test_a_view_of_an_empty_page_is_empty():
    store = Store(SandboxSettings())
    assert (
        store.watch_all(lambda campaign: detail_view(GENERATIONS["contract"].answers, campaign, None, 1))
        == []
    )
