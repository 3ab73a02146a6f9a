from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client import ClientConfig, RevoxClient
from airflow_provider_revox.launch.errors import LaunchRefusedError, LaunchUnconfirmedError
from airflow_provider_revox.launch.unlaunched import UnlaunchedCalls, read_part, read_unlaunched
from revox_sandbox import Fault, SandboxSettings
from tests.campaigns import create_campaign, number

HASHES = st.lists(st.integers(0, 2**64 - 1), unique=True, max_size=60)
PARTS = st.one_of(
    st.integers(1, 80),
    st.decimals(Decimal("0.001"), Decimal("0.999"), places=3, allow_nan=False, allow_infinity=False),
)


@pytest.fixture
def revox_sandbox_settings(request):
    return SandboxSettings(generation=getattr(request, "param", "launch-calls"), speed=0)


@pytest.fixture
def client(revox_sandbox):
    config = ClientConfig(api_key=revox_sandbox.api_key, base_url=revox_sandbox.base_url, retries=0)
    with RevoxClient(config) as client:
        yield client


def calls_of(hashes, left=None):
    """Return the calls of a campaign with these rows, of which some are not launched."""
    left = hashes if left is None else left
    return UnlaunchedCalls([(one, f"call-{one}", f"+1{one}") for one in left], sorted(hashes))


@given(HASHES, PARTS, st.data())
def test_a_part_is_the_same_people_whatever_was_launched_or_cancelled_meanwhile(hashes, part, data):
    whole = {call[0] for call in calls_of(hashes).up_to(part).calls}
    size = part if isinstance(part, int) else math.ceil(Fraction(part) * len(hashes))
    assert len(whole) == min(len(hashes), size)
    left = data.draw(st.lists(st.sampled_from(hashes), unique=True)) if hashes else []
    again = {call[0] for call in calls_of(hashes[::-1], left).up_to(part).calls}
    assert again == whole & set(left)


@given(HASHES, PARTS, PARTS)
def test_a_larger_part_has_everybody_of_a_smaller_one(hashes, one, other):
    parts = [{call[0] for call in calls_of(hashes).up_to(part).calls} for part in (one, other)]
    small, large = sorted(parts, key=len)
    assert small <= large


def test_a_share_is_rounded_up_and_is_at_least_one_person():
    sizes = {(people, share): len(calls_of(range(people)).up_to(Decimal(share))) for people, share in (
        (1, "0.001"), (3, "0.5"), (100, "0.07"), (100, "0.05"), (100, "0.051"), (0, "0.5"),
    )}  # fmt: skip
    assert list(sizes.values()) == [1, 2, 7, 5, 6, 0]


@pytest.mark.parametrize(
    ("given", "part"),
    [
        (None, None),
        (1, 1),
        (200, 200),
        ("200", 200),
        (" 7 ", 7),
        (0.05, Decimal("0.05")),
        ("0.05", Decimal("0.05")),
        (" .5", Decimal("0.5")),
        ("5e-2", Decimal("0.05")),
        (0.999, Decimal("0.999")),
    ],
)
def test_a_part_is_a_number_of_people_or_a_share(given, part):
    read = read_part(given)
    assert (read, type(read)) == (part, type(part))


@pytest.mark.parametrize(
    "given",
    [0, -1, 1.0, 1.5, 0.0, -0.1, True, False, "", "None", "5%", "0", "1.0", "-3", "nan", "inf", "a", [], {}],
)
def test_what_is_neither_is_refused(given):
    with pytest.raises(ValueError, match="up_to: must be a whole number of people, at least 1, or a share"):
        read_part(given)


def test_the_rows_say_which_calls_are_not_launched_and_a_part_is_not_the_first_rows(client, revox_sandbox):
    campaign_id = create_campaign(revox_sandbox, 1200, launched=False)
    calls = read_unlaunched(client, campaign_id, total=1200)
    assert len(calls) == len(calls.hashes) == 1200
    assert sorted(calls.numbers()) == [number(index) for index in range(1200)]
    part = calls.up_to(60)
    first_rows = {number(index) for index in range(60)}
    assert 0 < len(first_rows - set(part.numbers())) < 60 + 1
    assert repr(part) == "UnlaunchedCalls(60 of 1200)"
    assert number(7) not in repr(calls)
    assert set(part.ids()) == set(read_unlaunched(client, campaign_id).up_to(60).ids())
    other = create_campaign(revox_sandbox, 1200, launched=False)
    assert set(read_unlaunched(client, other).up_to(60).numbers()) != set(part.numbers())


@pytest.mark.parametrize("revox_sandbox_settings", ["drafts"], indirect=True)
def test_a_draft_has_people_and_no_calls(client, revox_sandbox):
    campaign_id = create_campaign(revox_sandbox, 3, launch=False)
    calls = read_unlaunched(client, campaign_id)
    assert len(calls) == 3
    with pytest.raises(LaunchRefusedError, match="shows no id for 3 calls that are not launched"):
        calls.ids()


def test_calls_that_are_launched_cancelled_or_done_are_not_among_them(client, revox_sandbox):
    statuses = [
        "not_launched", "queued_for_calling", "calling", "post_processing", "scheduled", "paused",
        "completed", "cancelled", "errored", "initializing", None, "a new word",
    ]  # fmt: skip
    rows = [
        {"id": f"row-{index}", "phone_number": number(index), "call": {"id": f"c-{index}", "status": status}}
        for index, status in enumerate(statuses)
    ]
    rows += [{"id": "without-call", "phone_number": None, "call": None}, {"id": "bare"}]
    body = {"rows": rows}
    revox_sandbox.faults.add(Fault(path="/campaigns/{id}/rows", kind="broken_json", body=body))
    calls = read_unlaunched(client, "c")
    assert [call_id for _, call_id, _ in calls.calls] == ["c-0", "c-10", None, None]
    assert len(calls.hashes) == len(rows)
    assert calls.cancelled == {"c-7"}
    assert not calls.have_ids()


def test_rows_that_do_not_add_up_prove_nothing(client, revox_sandbox):
    campaign_id = create_campaign(revox_sandbox, 3, launched=False)
    with pytest.raises(LaunchUnconfirmedError, match="do not add up: 3 rows came, and the campaign counts 4"):
        read_unlaunched(client, campaign_id, total=4)
