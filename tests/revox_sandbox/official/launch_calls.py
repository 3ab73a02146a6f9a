"""What the official client 0.5.0 must find."""

from __future__ import annotations

import asyncio

import revox
from driver import CONTACTS, RETRY_CONFIG, exact, refused

OPTIONS = {
    "call_retry_config": RETRY_CONFIG,
    "from_phone_number": "+14155550199",
    "max_concurrent_calls": 2,
}
EVERYBODY = [0, 1, 2, 3, 4, 5]


def create(judge, **options):
    answer = judge.client.campaigns.create(assistant_id="a", name="n", contacts=CONTACTS, **options)
    return exact(answer).campaign


def selection(*call_ids, mode="all_except", **filters):
    nothing = {"assignee_ids": [], "directions": [], "outcomes": [], "results": [], "statuses": []}
    return {"filters": {**nothing, **filters}, "rows": {"call_ids": call_ids, "mode": mode}}


def launch(
    judge, campaign, *call_ids, scheduled_at=revox.omit, launch_mode="ai_first", client=None, **filters
):
    answer = (client or judge.client).campaigns.launch(
        campaign.id, mode=launch_mode, selection=selection(*call_ids, **filters), scheduled_at=scheduled_at
    )
    return exact(answer)


def rows(judge, campaign):
    return exact(judge.client.campaigns.get_rows(campaign.id)).rows


def check_creating_a_campaign_dials_nobody(judge):
    for options in ({}, OPTIONS):
        campaign = create(judge, **options)
        judge.advance()
        campaign = exact(judge.client.campaigns.retrieve(campaign.id)).campaign
        stats = campaign.row_stats
        assert (campaign.status, stats.total, stats.not_launched, stats.pending) == ("running", 6, 6, 0)
        assert {row.call.status for row in rows(judge, campaign)} == {"not_launched"}
    assert judge.dialed() == {}


def check_calls_are_launched(judge):
    campaign = create(judge)
    answer = launch(judge, campaign, statuses=["not_launched"])
    assert (answer.launched, answer.skipped.active, answer.session) == (6, 0, None)
    judge.advance()
    assert judge.dialed_indices() == EVERYBODY
    done = exact(judge.client.campaigns.retrieve(campaign.id)).campaign
    assert (done.status, done.row_stats.not_launched) == ("completed", 0)


def check_launching_twice_is_harmless(judge):
    campaign = create(judge, max_concurrent_calls=2)
    launch(judge, campaign, statuses=["not_launched"])
    again = launch(judge, campaign)
    assert (again.launched, again.skipped.active) == (4, 2)
    assert launch(judge, campaign, statuses=["not_launched"]).launched == 0
    judge.advance()
    assert launch(judge, campaign, statuses=["not_launched"]).launched == 0
    judge.advance()
    assert set(judge.dialed().values()) == {1}
    assert judge.dialed_again() == {}


def check_launching_completed_calls_again_dials_them_again(judge):
    campaign = create(judge)
    launch(judge, campaign)
    judge.advance()
    completed = judge.client.campaigns.retrieve(campaign.id).campaign.row_stats.completed
    assert completed
    assert launch(judge, campaign, statuses=["completed"]).launched == completed
    judge.advance()
    assert set(judge.dialed().values()) == {1}
    assert len(judge.dialed_again()) == completed


def check_calls_without_attempts_left_are_skipped(judge):
    campaign = create(judge, call_retry_config={**RETRY_CONFIG, "max_retry_attempts": 1})
    launch(judge, campaign)
    judge.advance()
    again = launch(judge, campaign)
    assert (again.launched, again.skipped.attempts_exhausted) == (0, 6)


def check_a_part_is_launched(judge):
    campaign = create(judge)
    ids = [row.call.id for row in rows(judge, campaign)]
    assert launch(judge, campaign, ids[1], ids[4], mode="only").launched == 2
    judge.advance()
    assert judge.dialed_indices() == [1, 4]
    assert judge.client.campaigns.retrieve(campaign.id).campaign.status == "running"
    assert launch(judge, campaign, ids[0], statuses=["not_launched"]).launched == 3
    judge.advance()
    assert judge.dialed_indices() == [1, 2, 3, 4, 5]
    assert judge.client.campaigns.retrieve(campaign.id).campaign.row_stats.not_launched == 1


def check_every_filter(judge):
    campaign = create(judge)
    for filters in (
        {"assignee_ids": ["somebody"]},
        {"directions": ["inbound"]},
        {"outcomes": ["interested"]},
        {"results": ["human"]},
        {"statuses": ["completed", "initializing", "paused"]},
        {"query": "nobody"},
        {"mode": "only"},
    ):
        assert launch(judge, campaign, **filters).launched == 0
    found = {"directions": ["outbound"], "outcomes": ["none"], "results": ["none"], "query": "+14155550003"}
    assert launch(judge, campaign, **found).launched == 1
    assert judge.dialed_indices() == [3]


def check_calls_are_scheduled(judge):
    campaign = create(judge)
    launch(judge, campaign, scheduled_at="2999-11-01T09:00:00+01:00")
    judge.advance()
    for row in rows(judge, campaign):
        assert (row.call.status, row.call.scheduled_at) == ("scheduled", "2999-11-01T08:00:00.000Z")
    assert judge.dialed() == {}
    launch(judge, campaign)
    judge.advance()
    assert judge.dialed_indices() == EVERYBODY


def check_a_speed_dial_has_a_session_and_no_schedule(judge):
    campaign = create(judge)
    refused(
        revox.BadRequestError,
        launch,
        judge,
        campaign,
        launch_mode="speed_dial",
        scheduled_at="2999-11-01T09:00:00+01:00",
    )
    assert judge.dialed() == {}
    answer = launch(judge, campaign, launch_mode="speed_dial")
    assert (answer.session.campaign_id, answer.session.total_targets) == (campaign.id, 6)


def check_a_campaign_is_listed_and_exported(judge):
    first, second = create(judge), create(judge, **OPTIONS)
    listed = exact(judge.client.campaigns.list()).campaigns
    assert [campaign.id for campaign in listed] == [second.id, first.id]
    assert len(exact(judge.client.campaigns.export_rows(first.id)).csv.splitlines()) == 7


def check_rows_are_readable_at_any_time(judge):
    campaign = create(judge, call_retry_config=RETRY_CONFIG, max_concurrent_calls=2)
    statuses = {row.call.status for row in rows(judge, campaign)}
    launch(judge, campaign)
    for _ in range(100):
        statuses |= {row.call.status for row in rows(judge, campaign)}
        judge.advance(7)
    expected = {"not_launched", "queued_for_calling", "calling", "post_processing", "completed"}
    assert statuses >= expected


def check_calls_have_outcomes(judge):
    campaign = create(judge)
    launch(judge, campaign)
    judge.advance()
    done = [row.call for row in rows(judge, campaign) if row.call.is_completed]
    assert done
    for call in done:
        assert call.outcome
        assert call.outcome_summary
        assert call.contact.first_name == "Ada"
        assert call.last_call_attempt.recording_url
        assert call.last_call_attempt.structured_output


def check_a_campaign_is_paused_and_resumed(judge):
    campaign, campaigns = create(judge, max_concurrent_calls=1), judge.client.campaigns
    assert exact(campaigns.pause(campaign.id)).success
    launch(judge, campaign)
    judge.advance()
    assert (campaigns.retrieve(campaign.id).campaign.status, judge.dialed()) == ("paused", {})
    assert {row.call.status for row in rows(judge, campaign)} == {"paused"}
    assert exact(campaigns.resume(campaign.id)).success
    judge.advance()
    assert campaigns.retrieve(campaign.id).campaign.status == "completed"
    assert judge.dialed_indices() == EVERYBODY
    assert (campaigns.pause(campaign.id).success, campaigns.resume(campaign.id).success) == (False, False)


def check_a_campaign_is_changed(judge):
    campaign = create(judge)
    changed = exact(judge.client.campaigns.update(campaign.id, name="m", **OPTIONS)).campaign
    assert (changed.name, changed.from_phone_number, changed.max_concurrent_calls) == ("m", "+14155550199", 2)
    assert changed.call_retry_config.max_retry_attempts == 2
    cleared = judge.client.campaigns.update(
        campaign.id, call_retry_config=None, from_phone_number=None, max_concurrent_calls=None
    ).campaign
    assert (cleared.name, cleared.call_retry_config, cleared.from_phone_number) == ("m", None, None)
    refused(revox.BadRequestError, judge.client.campaigns.update, campaign.id, name="")
    assert judge.dialed() == {}


def check_a_campaign_is_cancelled_and_deleted(judge):
    campaign = create(judge)
    assert exact(judge.client.campaigns.cancel(campaign.id)).success
    cancelled = exact(judge.client.campaigns.retrieve(campaign.id)).campaign
    assert (cancelled.status, cancelled.is_cancelled, cancelled.row_stats.skipped) == ("completed", True, 6)
    answer = launch(judge, campaign)
    assert (answer.launched, answer.skipped.cancelled) == (0, 6)
    judge.advance()
    assert exact(judge.client.campaigns.delete(campaign.id)).success
    refused(revox.NotFoundError, launch, judge, campaign)
    assert judge.dialed() == {}


def check_statistics(judge):
    campaign = create(judge)
    launch(judge, campaign)
    judge.advance()
    statistics = exact(judge.client.campaigns.statistics(campaign.id)).statistics
    reached = judge.client.campaigns.retrieve(campaign.id).campaign.row_stats.completed
    assert statistics.funnel.called.count == 6
    assert statistics.funnel.reached.count == statistics.funnel.real_exchanges.count == reached
    leads = len(statistics.leads.interested) + len(statistics.leads.callback_requested)
    assert leads == statistics.funnel.hot_leads.count
    assert sum(part.count for part in statistics.outcome_breakdown) == reached


def check_phone_history(judge):
    judge.do_not_contact("+14155550000", "+14155559999")
    first, second = create(judge), create(judge)
    create(judge)
    launch(judge, first)
    launch(judge, second, query="+14155550001")
    judge.advance()
    judge.client.campaigns.delete(first.id)
    history = exact(judge.client.call.phone_history()).phone_history
    assert len(history) == 7
    assert [number for number, one in history.items() if one.do_not_contact] == [
        "+14155550000",
        "+14155559999",
    ]
    never = history["+14155559999"]
    assert (never.count, never.last_called_at, never.reached_human, never.campaigns) == (0, None, False, [])
    twice = history["+14155550001"]
    assert (twice.count, [one.id for one in twice.campaigns]) == (2, [first.id, second.id])
    assert any(one.reached_human and one.last_outcome for one in history.values())


def check_the_key(judge):
    assert exact(judge.client.auth_status.retrieve()).authenticated
    wrong = judge.make(revox.Revox, api_key="wrong")
    refused(revox.AuthenticationError, wrong.auth_status.retrieve)


def check_lost_answers_dial_nobody_twice(judge):
    client = judge.make(revox.Revox, max_retries=2)
    judge.fault(method="POST", path="/campaigns", when="after", kind="reset")
    campaign = client.campaigns.create(assistant_id="a", name="n", contacts=CONTACTS).campaign
    assert len(judge.client.campaigns.list().campaigns) == 2
    judge.fault(method="POST", path="/campaigns/{id}/launch-calls", when="after", kind="status", status=503)
    launch(judge, campaign, client=client)
    judge.advance()
    assert judge.dialed() == {one["to_phone_number"]: 1 for one in CONTACTS}
    assert judge.dialed_again() == {}


def check_every_method_without_blocking(judge):
    async def use():
        async with judge.make(revox.AsyncRevox) as client:
            campaigns = client.campaigns
            created = await campaigns.create(assistant_id="a", name="n", contacts=CONTACTS)
            id_ = exact(created).campaign.id
            exact(await campaigns.launch(id_, mode="ai_first", selection=selection()))
            exact(await campaigns.update(id_, name="m"))
            exact(await campaigns.pause(id_))
            exact(await campaigns.resume(id_))
            exact(await campaigns.retrieve(id_))
            exact(await campaigns.get_rows(id_))
            exact(await campaigns.export_rows(id_))
            exact(await campaigns.statistics(id_))
            exact(await campaigns.cancel(id_))
            exact(await campaigns.list())
            exact(await campaigns.delete(id_))
            exact(await client.call.phone_history())
            exact(await client.auth_status.retrieve())

    asyncio.run(use())
