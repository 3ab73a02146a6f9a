"""What both later releases of the official client must find: single calls, assistants and phone numbers."""

from __future__ import annotations

import asyncio

import revox
from driver import CONTACTS, RETRY_CONFIG, exact, refused, strictly

HAS_DRAFTS = revox.__version__.startswith("0.3.")
NO_FILTER = {
    "assignee_ids": [],
    "assistant_ids": [],
    "campaign_ids": [],
    "directions": [],
    "from_phone_numbers": [],
    "outcomes": [],
    "results": [],
    "statuses": [],
}
EVERYTHING = {
    "filters": {"assignee_ids": [], "directions": [], "outcomes": [], "results": [], "statuses": []},
    "rows": {"call_ids": [], "mode": "all_except"},
}
TEXTS = {"id": "renewals", "prompt": "About {{plan}}", "first_sentence": "Hello {{ first_name }}"}


def create_and_launch(judge, **options):
    """Launch a campaign that calls one person after the other."""
    options = {"assistant_id": "a", "name": "n", "contacts": CONTACTS, "max_concurrent_calls": 1, **options}
    if HAS_DRAFTS:
        return judge.client.campaigns.create(launch=True, type="regular", **options).campaign
    campaign = judge.client.campaigns.create(**options).campaign
    judge.client.campaigns.launch(campaign.id, mode="ai_first", selection=EVERYTHING)
    return campaign


def calls(judge, campaign):
    return [row.call for row in judge.client.campaigns.get_rows(campaign.id).rows]


def statuses(judge, campaign):
    return [call.status for call in calls(judge, campaign)]


def search(judge, *, page=1, page_size=100, **filters):
    return exact(judge.client.call.search(page=page, page_size=page_size, **{**NO_FILTER, **filters}))


def check_every_row_is_of_the_clients_own_types_at_any_time(judge):
    campaign = create_and_launch(judge, call_retry_config=RETRY_CONFIG, max_concurrent_calls=3)
    shown, moments = judge.client.campaigns.with_raw_response.get_rows, [0, *[17] * 20, 7 * 86400]
    for seconds in moments:
        judge.advance(seconds)
        rows = strictly(shown(campaign.id)).rows
        attempts = [attempt for row in rows for attempt in row.call.call_attempts]
        assert all(attempt.started_at and attempt.status for attempt in attempts)
    assert {attempt.ended_by for attempt in attempts} <= {"agent", None}
    assert len(attempts) > len(rows)


def check_a_cancelled_call_is_never_made(judge):
    campaign = create_and_launch(judge)
    ids = [call.id for call in calls(judge, campaign)]
    for _ in range(2):
        assert exact(judge.client.call.cancel(ids[3])).success
    assert statuses(judge, campaign)[3] == "cancelled"
    judge.advance()
    assert judge.dialed_indices() == [0, 1, 2, 4, 5]
    assert judge.client.campaigns.retrieve(campaign.id).campaign.status == "completed"


def check_a_call_in_progress_goes_on_when_it_is_cancelled(judge):
    campaign = create_and_launch(judge)
    first = calls(judge, campaign)[0]
    assert first.status == "calling"
    assert judge.client.call.cancel(first.id).success
    assert statuses(judge, campaign)[0] == "calling"
    judge.advance()
    done = calls(judge, campaign)[0]
    assert (done.status in ("completed", "cancelled"), done.calls_count) == (True, 1)


def check_a_completed_call_stays(judge):
    campaign = create_and_launch(judge)
    judge.advance()
    done = next(call for call in calls(judge, campaign) if call.status == "completed")
    for method in (judge.client.call.cancel, judge.client.call.pause, judge.client.call.resume):
        assert not exact(method(done.id)).success
    assert done.status in statuses(judge, campaign)


def check_a_call_is_paused_and_resumed(judge):
    campaign = create_and_launch(judge)
    second = calls(judge, campaign)[1]
    assert exact(judge.client.call.pause(second.id)).success
    judge.advance()
    assert judge.dialed_indices() == [0, 2, 3, 4, 5]
    assert statuses(judge, campaign)[1] == "paused"
    assert judge.client.campaigns.retrieve(campaign.id).campaign.status == "running"
    assert exact(judge.client.call.resume(second.id)).success
    judge.advance()
    assert judge.dialed_indices() == [0, 1, 2, 3, 4, 5]


def check_an_unknown_call_is_not_found(judge):
    create_and_launch(judge)
    for method in (judge.client.call.cancel, judge.client.call.pause, judge.client.call.resume):
        refused(revox.NotFoundError, method, "nobody")


def check_calls_are_found_over_all_campaigns(judge):
    first, second = create_and_launch(judge), create_and_launch(judge, assistant_id="b")
    found = search(judge)
    assert (found.total_count, len(found.calls)) == (12, 12)
    assert {call.campaign.id for call in found.calls[:6]} == {second.id}
    assert [call.id for call in search(judge, sort_direction="asc").calls[:6]] == [
        call.id for call in calls(judge, first)
    ]
    assert [search(judge, page=page, page_size=5).total_count for page in (1, 3, 4)] == [12, 12, 12]
    assert [len(search(judge, page=page, page_size=5).calls) for page in (1, 3, 4)] == [5, 2, 0]


def check_every_filter_of_calls(judge):
    first = create_and_launch(judge, assistant_id="a", from_phone_number="+14155550199")
    create_and_launch(judge, assistant_id="b")
    some = [call.id for call in calls(judge, first)][:2]
    for filters, total in (
        ({"assistant_ids": ["b"]}, 6),
        ({"campaign_ids": [first.id]}, 6),
        ({"campaign_ids": ["nobody"]}, 0),
        ({"from_phone_numbers": ["+14155550199"]}, 6),
        ({"to_phone_number": "+14155550003"}, 2),
        ({"query": "0003"}, 2),
        ({"call_ids": some}, 2),
        ({"call_ids": some, "assistant_ids": ["b"]}, 0),
        ({"directions": ["inbound"]}, 0),
        ({"directions": ["inbound", "outbound"]}, 12),
        ({"assignee_ids": ["somebody"]}, 0),
        ({"statuses": ["calling"]}, 2),
        ({"statuses": ["calling", "queued_for_calling"]}, 12),
        ({"outcomes": ["none"]}, 12),
        ({"outcomes": ["interested"]}, 0),
        ({"results": ["human"]}, 0),
    ):
        assert search(judge, **filters).total_count == total, filters


def check_a_draft_has_no_calls(judge):
    if not HAS_DRAFTS:
        return
    options = {"assistant_id": "a", "name": "n", "contacts": CONTACTS, "launch": False, "type": "regular"}
    judge.client.campaigns.create(**options)
    assert search(judge).total_count == 0


def check_assistants(judge):
    judge.define_assistants(TEXTS)
    assistant = exact(judge.client.assistants.retrieve("renewals"))
    assert (assistant.id, assistant.prompt) == ("renewals", "About {{plan}}")
    assert assistant.first_sentence == "Hello {{ first_name }}"
    listed = exact(judge.client.assistants.list()).assistants
    assert "renewals" in [one.id for one in listed]
    refused(revox.NotFoundError, judge.client.assistants.retrieve, "nobody")


def check_an_assistant_that_a_campaign_names_is_there(judge):
    campaign = create_and_launch(judge, assistant_id="new")
    shown = judge.client.campaigns.retrieve(campaign.id).campaign.assistant
    assert judge.client.assistants.retrieve("new").prompt == shown.prompt


def check_phone_numbers(judge):
    numbers = exact(judge.client.phone_numbers.list()).phone_numbers
    assert [one.phone_number for one in numbers] == ["+12025550100", "+14155550199"]


def check_every_method_without_blocking(judge):
    campaign = create_and_launch(judge)
    call_id = calls(judge, campaign)[-1].id

    async def use():
        async with judge.make(revox.AsyncRevox) as client:
            for method in (client.call.pause, client.call.resume, client.call.cancel):
                assert exact(await method(call_id)).success
            exact(await client.call.search(page=1, page_size=9, **NO_FILTER))
            exact(await client.assistants.list())
            exact(await client.assistants.retrieve("a"))
            exact(await client.phone_numbers.list())

    asyncio.run(use())
