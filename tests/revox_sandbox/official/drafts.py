"""What the official client 0.3.0 must find."""

from __future__ import annotations

import asyncio

import revox
from driver import CONTACTS, RETRY_CONFIG, exact, refused

OPTIONS = {
    "call_retry_config": RETRY_CONFIG,
    "from_phone_number": "+14155550199",
    "max_concurrent_calls": 2,
    "scheduled_at": "2999-11-01T09:00:00+01:00",
}


def create(judge, **options):
    options = {"launch": True, "type": "regular", **options}
    answer = judge.client.campaigns.create(assistant_id="a", name="n", contacts=CONTACTS, **options)
    return exact(answer).campaign


def check_a_campaign_is_launched_when_it_is_created(judge):
    campaign = create(judge)
    assert (campaign.status, campaign.type, campaign.row_stats.calling) == ("running", "regular", 6)
    judge.advance()
    assert judge.dialed_indices() == [0, 1, 2, 3, 4, 5]


def check_a_campaign_with_all_options(judge):
    campaign = create(judge, **OPTIONS)
    assert campaign.scheduled_at == "2999-11-01T08:00:00.000Z"
    assert campaign.call_retry_config.allowed_days == RETRY_CONFIG["allowed_days"]
    assert campaign.call_retry_config.call_twice_in_a_row is True
    assert (campaign.from_phone_number, campaign.max_concurrent_calls) == ("+14155550199", 2)
    rows = exact(judge.client.campaigns.get_rows(campaign.id)).rows
    assert {row.call.status for row in rows} == {"scheduled"}


def check_a_draft_dials_nobody_until_it_is_launched(judge):
    draft = create(judge, launch=False)
    judge.advance()
    assert exact(judge.client.campaigns.retrieve(draft.id)).campaign.status == "draft"
    assert [row.call for row in exact(judge.client.campaigns.get_rows(draft.id)).rows] == [None] * 6
    assert judge.dialed() == {}
    assert exact(judge.client.campaigns.launch(draft.id)).campaign.status == "running"
    judge.advance()
    assert judge.dialed_indices() == [0, 1, 2, 3, 4, 5]


def check_only_a_draft_can_be_launched(judge):
    draft = create(judge, launch=False)
    judge.client.campaigns.launch(draft.id)
    for _ in range(2):
        refused(revox.BadRequestError, judge.client.campaigns.launch, draft.id)
        judge.advance()
    refused(revox.NotFoundError, judge.client.campaigns.launch, "nobody")
    assert set(judge.dialed().values()) == {1}
    assert judge.dialed_again() == {}


def check_a_campaign_is_retrieved_listed_and_exported(judge):
    first, second = create(judge), create(judge, launch=False, **OPTIONS)
    listed = exact(judge.client.campaigns.list()).campaigns
    assert [campaign.id for campaign in listed] == [second.id, first.id]
    judge.advance()
    campaign = exact(judge.client.campaigns.retrieve(first.id)).campaign
    assert (campaign.status, campaign.row_stats.total) == ("completed", 6)
    assert len(exact(judge.client.campaigns.export_rows(first.id)).csv.splitlines()) == 7


def check_rows_are_readable_at_any_time(judge):
    campaign = create(judge, call_retry_config=RETRY_CONFIG, max_concurrent_calls=2)
    statuses = set()
    for _ in range(100):
        rows = exact(judge.client.campaigns.get_rows(campaign.id)).rows
        assert [row.phone_number for row in rows] == [one["to_phone_number"] for one in CONTACTS]
        statuses |= {row.call.status for row in rows}
        judge.advance(7)
    assert statuses >= {"queued_for_calling", "calling", "post_processing", "completed"}


def check_calls_have_outcomes(judge):
    campaign = create(judge)
    judge.advance()
    done = [row.call for row in judge.client.campaigns.get_rows(campaign.id).rows if row.call.is_completed]
    assert done
    for call in done:
        assert call.outcome
        assert call.outcome_summary
        assert call.contact.first_name == "Ada"
        assert call.last_call_attempt.recording_url
        assert call.last_call_attempt.structured_output


def check_a_campaign_is_paused_and_resumed(judge):
    campaign = create(judge, max_concurrent_calls=1)
    campaigns = judge.client.campaigns
    assert exact(campaigns.pause(campaign.id)).success
    judge.advance()
    paused = exact(campaigns.retrieve(campaign.id)).campaign
    assert (paused.status, paused.paused_reason, judge.dialed_indices()) == ("paused", "manual", [0])
    assert "paused" in {row.call.status for row in exact(campaigns.get_rows(campaign.id)).rows}
    assert exact(campaigns.resume(campaign.id)).success
    judge.advance()
    assert campaigns.retrieve(campaign.id).campaign.status == "completed"
    assert judge.dialed_indices() == [0, 1, 2, 3, 4, 5]
    assert (campaigns.pause(campaign.id).success, campaigns.resume(campaign.id).success) == (False, False)


def check_without_anybody_present_a_jump_in_campaign_waits(judge):
    campaign = create(judge, type="jump_in")
    judge.advance()
    assert (campaign.status, campaign.paused_reason) == ("paused", "no_presence")
    assert not judge.client.campaigns.resume(campaign.id).success
    assert judge.dialed() == {}


def check_a_draft_is_changed(judge):
    draft = create(judge, launch=False)
    changed = exact(
        judge.client.campaigns.update(
            draft.id,
            assistant_id="b",
            name="m",
            contacts=CONTACTS[:2],
            call_retry_config=RETRY_CONFIG,
            from_phone_number="+14155550199",
            max_concurrent_calls=1,
            scheduled_at="2026-11-01T09:00:00+01:00",
            type="jump_in",
        )
    ).campaign
    assert (changed.name, changed.assistant_id, changed.type) == ("m", "b", "jump_in")
    assert (changed.status, changed.row_stats.total) == ("draft", 2)
    assert judge.client.campaigns.update(draft.id, type="regular").campaign.type == "regular"
    judge.client.campaigns.launch(draft.id)
    judge.advance()
    assert judge.dialed_indices() == [0, 1]


def check_a_launched_campaign_is_changed_a_little(judge):
    campaign = create(judge, max_concurrent_calls=1)
    changed = judge.client.campaigns.update(campaign.id, name="m", call_retry_config=RETRY_CONFIG)
    assert (changed.campaign.name, changed.campaign.call_retry_config.max_retry_attempts) == ("m", 2)
    assert (
        judge.client.campaigns.update(campaign.id, call_retry_config=None).campaign.call_retry_config is None
    )
    refused(revox.BadRequestError, judge.client.campaigns.update, campaign.id, contacts=CONTACTS[:1])
    refused(revox.BadRequestError, judge.client.campaigns.update, campaign.id, max_concurrent_calls=5)


def check_a_campaign_is_cancelled_and_deleted(judge):
    campaign = create(judge, launch=False)
    assert exact(judge.client.campaigns.cancel(campaign.id)).success
    cancelled = exact(judge.client.campaigns.retrieve(campaign.id)).campaign
    assert (cancelled.status, cancelled.is_cancelled) == ("completed", True)
    refused(revox.BadRequestError, judge.client.campaigns.launch, campaign.id)
    judge.advance()
    assert exact(judge.client.campaigns.delete(campaign.id)).success
    refused(revox.NotFoundError, judge.client.campaigns.retrieve, campaign.id)
    assert judge.dialed() == {}


def check_statistics(judge):
    campaign = create(judge)
    assert exact(judge.client.campaigns.statistics(campaign.id)).statistics.funnel.reached.count == 0
    judge.advance()
    statistics = exact(judge.client.campaigns.statistics(campaign.id)).statistics
    reached = judge.client.campaigns.retrieve(campaign.id).campaign.row_stats.completed
    assert statistics.funnel.called.count == 6
    assert statistics.funnel.reached.count == statistics.funnel.real_exchanges.count == reached
    leads = len(statistics.leads.hot) + len(statistics.leads.warm)
    assert leads == statistics.funnel.hot_leads.count
    assert sum(part.count for part in statistics.outcome_breakdown) == reached


def check_phone_history(judge):
    judge.do_not_contact("+14155550000", "+14155559999")
    create(judge)
    judge.advance()
    history = exact(judge.client.call.phone_history()).phone_history
    assert len(history) == 7
    assert [number for number, one in history.items() if one.do_not_contact] == [
        "+14155550000",
        "+14155559999",
    ]


def check_the_key(judge):
    assert exact(judge.client.auth_status.retrieve()).authenticated
    wrong = judge.make(revox.Revox, api_key="wrong")
    refused(revox.AuthenticationError, wrong.auth_status.retrieve)


def check_a_lost_answer_dials_nobody_when_a_draft_was_created(judge):
    judge.fault(method="POST", path="/campaigns", when="after", kind="reset")
    client = judge.make(revox.Revox, max_retries=2)
    client.campaigns.create(assistant_id="a", name="n", contacts=CONTACTS, launch=False, type="regular")
    judge.advance()
    assert len(judge.client.campaigns.list().campaigns) == 2
    assert judge.dialed() == {}


def check_a_lost_launch_looks_like_a_refusal_and_dials_nobody_twice(judge):
    draft = create(judge, launch=False)
    judge.fault(method="POST", path="/campaigns/{id}/launch", when="after", kind="reset")
    client = judge.make(revox.Revox, max_retries=2)
    refused(revox.BadRequestError, client.campaigns.launch, draft.id)
    judge.advance()
    assert judge.dialed() == {one["to_phone_number"]: 1 for one in CONTACTS}
    assert judge.dialed_again() == {}


def check_every_method_without_blocking(judge):
    async def use():
        async with judge.make(revox.AsyncRevox) as client:
            campaigns = client.campaigns
            created = await campaigns.create(
                assistant_id="a", name="n", contacts=CONTACTS, launch=False, type="regular"
            )
            id_ = exact(created).campaign.id
            exact(await campaigns.launch(id_))
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
