"""Whether each number of each answer may come as 3.0: the API page calls its counts ``number``."""

from __future__ import annotations

import inspect

import pytest

from airflow_provider_revox.client import ClientConfig, endpoints, models
from airflow_provider_revox.client.campaign_update import CampaignUpdate
from airflow_provider_revox.client.errors import InvalidRequestError, MalformedAnswerError
from airflow_provider_revox.client.requests import CampaignCreate, LaunchCalls
from airflow_provider_revox.client.streams.lists import CampaignScanner
from airflow_provider_revox.client.whole_or_page import sign_of_more
from airflow_provider_revox.results.unreached import reach_of
from revox_sandbox import Fault, SandboxSettings
from tests.airflow_provider_revox.client.loopback import BOTH, send

REQUIRED = {"id": "c", "rows": []}
COUNTS = sorted(
    (model.__name__, name)
    for _, model in inspect.getmembers(models, inspect.isclass)
    if issubclass(model, models.Response)
    for name in model.__annotations__
    if model.__annotations__[name] == "Count"
)
"""Every count of every answer."""


def test_the_sweep_has_the_counts_that_the_api_page_names():
    names = {name for _, name in COUNTS}
    assert names >= {"total", "page", "page_size", "row_index", "pending", "calling", "retry", "failed"}
    assert names >= {"completed", "not_launched", "skipped", "launched", "active", "count"} - {"skipped"}
    assert len(COUNTS) == 17


@pytest.mark.parametrize(("model", "name"), COUNTS, ids=":".join)
@pytest.mark.parametrize(
    ("number", "read"), [(3, 3), (3.0, 3), (0.0, 0), (3.5, None), (1e-9, None), (None, None), ([], None)]
)
def test_every_count_may_have_a_fraction_of_zero(model, name, number, read):
    kind = getattr(models, model)
    required = {field: value for field, value in REQUIRED.items() if field in kind.model_fields}
    found = getattr(kind.model_validate({**required, name: number}), name)
    assert (found, type(found)) == (read, type(read))


def row(**call):
    return {"id": "r", "row_index": 7.0, "phone_number": "+1", "input_data": {}, "call": {"id": "c", **call}}


STATS = dict.fromkeys(models.RowStats.model_fields, 7.0)
CAMPAIGN = {"id": "c", "name": "n", "status": "running", "row_stats": STATS}
ANSWERS = {
    "a campaign": (
        lambda: endpoints.get_campaign("c"),
        ("GET", "/campaigns/{id}", {"campaign": CAMPAIGN}),
        lambda campaign: campaign.row_stats.to_dict(),
        dict.fromkeys(models.RowStats.model_fields, 7),
    ),
    "the list": (
        endpoints.list_campaigns,
        ("GET", "/campaigns", {"campaigns": [CAMPAIGN], "total": 1.0, "page": 1.0}),
        lambda campaigns: campaigns[0].row_stats.total,
        7,
    ),
    "the list as a stream": (
        lambda: endpoints.find_campaigns(lambda name: True),
        ("GET", "/campaigns", {"campaigns": [CAMPAIGN], "count": 1.0}),
        lambda found: (found[0].row_stats.total, found.counts_not_launched),
        (7, True),
    ),
    "a page": (
        lambda: endpoints.get_rows("c", page=1, page_size=7),
        ("GET", "/campaigns/{id}/rows", {"rows": [row()], "page": 7.0, "page_size": 7.0, "total": 7.0}),
        lambda page: (page.page, page.page_size, page.total, page.rows[0].row_index),
        (7, 7, 7, 7),
    ),
    "a page as a stream": (
        lambda: endpoints.scan_rows("c", page=1, page_size=7, begin_attempt=lambda: lambda _: None),
        ("GET", "/campaigns/{id}/rows", {"rows": [row()], "page": 1.0, "page_size": 7.0, "total": 7.0}),
        lambda page: page.total,
        7,
    ),
    "launched calls": (
        lambda: endpoints.launch_calls("c", LaunchCalls()),
        (
            "POST",
            "/campaigns/{id}/launch-calls",
            {
                "launched": 7.0,
                "skipped": {"active": 7.0, "attempts_exhausted": 7.0, "cancelled": 7.0},
            },
        ),
        lambda done: (done.launched, done.skipped.model_dump()),
        (7, dict.fromkeys(("active", "attempts_exhausted", "cancelled"), 7)),
    ),
    "the phone history": (
        endpoints.get_phone_history,
        ("GET", "/calls/phone-history", {"phone_history": {"+33612345678": {"count": 7.0}}, "total": 1.0}),
        lambda history: history["+33612345678"].count,
        7,
    ),
}


@pytest.fixture
def revox_sandbox_settings():
    return SandboxSettings(generation="launch-calls", speed=0)


@pytest.mark.parametrize("kind", BOTH)
@pytest.mark.parametrize("answer", ANSWERS)
def test_both_clients_read_every_answer_with_such_numbers(revox_sandbox, kind, answer):
    make, (method, path, body), read, expected = ANSWERS[answer]
    revox_sandbox.faults.add(Fault(kind="broken_json", method=method, path=path, body=body))
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url, retries=0)
    found = read(send(kind, config, make))
    assert repr(found) == repr(expected)


@pytest.mark.parametrize("total", [7.5, "7", True, [7]])
def test_a_total_of_pages_that_is_no_whole_number_is_an_error(revox_sandbox, total):
    body = {"rows": [row()], "page": 1, "page_size": 7, "total": total}
    revox_sandbox.faults.add(Fault(kind="broken_json", method="GET", path="/campaigns/{id}/rows", body=body))
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url, retries=0)
    with pytest.raises(MalformedAnswerError, match='has pages, but no "total"'):
        send("sync", config, ANSWERS["a page as a stream"][0])


@pytest.mark.parametrize("count", [0, 0.0, 7, 7.0])
def test_a_server_that_counts_calls_that_are_not_launched_is_known_by_it(count):
    scanner = CampaignScanner(lambda name: False)
    scanner._take_item({"name": "n", "row_stats": {"not_launched": count}})
    assert scanner.counts_not_launched


@pytest.mark.parametrize(("total", "is_whole"), [(7, True), (7.0, True), (8.0, False), (7.5, True)])
def test_a_count_of_the_whole_list_may_have_a_fraction_of_zero(total, is_whole):
    assert (sign_of_more({"total": total}, {}, listed=7, item="campaigns") == "") is is_whole


@pytest.mark.parametrize(("count", "reach"), [(1, "unreached"), (1.0, "unreached"), (1.5, "unreadable")])
def test_a_relaunch_reads_the_number_of_attempts(count, reach):
    attempt = {"status": "error", "dial_error": "busy", "answered_at": None, "result": None}
    shown = row(status="errored", outcome=None, calls_count=count, call_attempts=[attempt])
    assert reach_of(models.Row.model_validate(shown)) == reach


WINDOW = {"calling_window_start_time": "09:00", "calling_window_end_time": "17:00"}


def with_numbers(kind, attempts, delay, calls):
    """Return the body of a create or an update with these numbers."""
    config = {
        "calling_windows": [{**WINDOW, "retry_delay_seconds": delay}],
        "max_retry_attempts": attempts,
        "allowed_days": ["monday"],
        "call_twice_in_a_row": False,
    }
    options = {"call_retry_config": config, "max_concurrent_calls": calls}
    if kind == "create":
        return CampaignCreate.build(assistant_id="a", name="n", contacts=[], **options).body
    return CampaignUpdate.build(**options).body


@pytest.mark.parametrize("kind", ["create", "update"])
def test_a_number_of_a_user_may_have_a_fraction_of_zero_and_is_sent_without(kind):
    body = with_numbers(kind, 5.0, 7200.0, 3.0)
    assert body == with_numbers(kind, 5, 7200, 3)
    assert b".0" not in body


@pytest.mark.parametrize("kind", ["create", "update"])
@pytest.mark.parametrize("odd", [1.5, True, "3", float("inf"), float("nan"), -1.0, 1e300, None])
def test_a_number_of_a_user_that_is_not_whole_is_an_error(kind, odd):
    for numbers, place in (
        ((odd, 60, 1), "max_retry_attempts: "),
        ((5, odd, 1), "[0].retry_delay_seconds: "),
    ):
        with pytest.raises(InvalidRequestError) as caught:
            with_numbers(kind, *numbers)
        assert place in caught.value.problems[0]
