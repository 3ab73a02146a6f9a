from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import MalformedAnswerError
from airflow_provider_revox.client.models import PhoneHistory, PhoneRecord
from airflow_provider_revox.contacts.history import HistoryRules, left_out

ADA = "+33612345678"
NOW = 1_800_000_000.0
HOUR_AGO = "2027-01-15T07:00:00.000Z"
BOTH = HistoryRules(None, 7200)


def history(**record):
    return PhoneHistory({ADA: PhoneRecord.model_validate({"do_not_contact": False, **record})})


@pytest.mark.parametrize(
    ("rules", "record", "reasons"),
    [
        (HistoryRules(), {"do_not_contact": True}, ["do_not_contact"]),
        (HistoryRules(True), {"do_not_contact": True}, ["do_not_contact"]),
        (HistoryRules(), {"last_outcome": "do_not_contact"}, ["do_not_contact"]),
        (HistoryRules(), {"last_outcome": "ai_averse"}, []),
        (HistoryRules(), {"last_called_at": HOUR_AGO}, []),
        (HistoryRules(False, 7200), {"do_not_contact": True, "last_called_at": None}, []),
        (HistoryRules(False, 7200), {"do_not_contact": None, "last_called_at": None}, []),
        (BOTH, {"do_not_contact": True, "last_called_at": HOUR_AGO}, ["do_not_contact"]),
        (BOTH, {"last_called_at": HOUR_AGO}, ["called_recently"]),
        (BOTH, {"last_called_at": NOW * 1000 - 1}, ["called_recently"]),
        (BOTH, {"last_called_at": "2030-01-01T00:00:00Z"}, ["called_recently"]),
        (HistoryRules(None, 3600), {"last_called_at": HOUR_AGO}, []),
        (BOTH, {"last_called_at": None}, []),
    ],
)
def test_who_is_left_out(rules, record, reasons):
    assert list(left_out(history(**record), rules, now=NOW).values()) == reasons


@pytest.mark.parametrize(
    ("rules", "record"),
    [
        (HistoryRules(), {"do_not_contact": None}),
        (HistoryRules(), {"do_not_contact": "no"}),
        (BOTH, {}),
        (BOTH, {"last_called_at": "last Monday"}),
        (BOTH, {"last_called_at": {}}),
    ],
)
def test_a_record_that_does_not_say_what_is_asked_stops_the_launch_without_telling_of_whom(rules, record):
    with pytest.raises(MalformedAnswerError) as caught:
        left_out(history(**record), rules, now=NOW)
    assert "of 1 contact it does not say" in str(caught.value)
    assert ADA not in repr(caught.value) + str(caught.value)
    assert caught.value.transient
