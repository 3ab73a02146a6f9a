"""What does the body of a create have in each form?"""

from __future__ import annotations

import json

from airflow_provider_revox.client.requests import CallRetryConfig, CampaignCreate
from airflow_provider_revox.launch.create_form import CreateForm


def body(form, **fields):
    contacts = [{"to_phone_number": "+33612345678", "prompt_variables": {}}]
    return json.loads(
        form.of(CampaignCreate.build(assistant_id="a", name="n", contacts=contacts, **fields)).body
    )


def test_each_form_has_what_its_server_needs_and_no_more():
    config = {
        "calling_windows": [
            {
                "calling_window_start_time": "9am",
                "calling_window_end_time": "5pm",
                "retry_delay_seconds": 60,
            }
        ],
        "max_retry_attempts": 1,
    }
    page = body(CreateForm.PAGE, scheduled_at="2030-01-01T10:00:00Z", call_retry_config=config)
    assert set(page) == {"assistant_id", "name", "contacts", "scheduled_at", "call_retry_config"}
    assert set(page["call_retry_config"]) == {"calling_windows", "max_retry_attempts"}
    draft = body(CreateForm.DRAFT, scheduled_at="2030-01-01T10:00:00Z", call_retry_config=config)
    assert set(draft) == {*page, "launch", "type"}
    assert (draft["launch"], draft["type"]) == (False, "regular")
    complete = {
        **config,
        "allowed_days": ["monday", "tuesday", "wednesday", "thursday", "friday"],
        "call_twice_in_a_row": False,
    }
    assert draft["call_retry_config"] == complete
    unscheduled = body(CreateForm.DRAFT_UNSCHEDULED, scheduled_at="2030-01-01T10:00:00Z")
    assert set(unscheduled) == {"assistant_id", "name", "contacts", "launch", "type"}
    calls = body(CreateForm.CALLS, scheduled_at="2030-01-01T10:00:00Z", call_retry_config=config)
    assert set(calls) == {"assistant_id", "name", "contacts", "call_retry_config"}
    assert calls["call_retry_config"] == complete


def test_what_is_given_is_not_replaced_by_a_default():
    given = {"allowed_days": ["sunday"], "call_twice_in_a_row": True}
    config = CallRetryConfig(calling_windows=[], max_retry_attempts=1, **given)
    assert config.complete().model_dump(include=set(given)) == given
