"""What is counted reaches a StatsD server, and a backend that fails disturbs nobody."""

from __future__ import annotations

import logging
import re
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox import metrics
from airflow_provider_revox.contacts.do_not_call import left_out_by_history
from airflow_provider_revox.contacts.report import ContactReport
from airflow_provider_revox.metrics import (
    CONTACTS,
    CONTROL,
    LAUNCHED,
    OPT_OUTS,
    RESULTS,
    WAIT_TIME,
    Metrics,
)
from airflow_provider_revox.phone_numbers.problems import REASONS

TI = SimpleNamespace(dag_id="renewals", task_id="group.call", run_id="r1", map_index=3)
TAGS = (("dag_id", "renewals"), ("task_id", "group.call"))
NAMES = {value for name, value in vars(metrics).items() if name.isupper()}
PAGE = Path(__file__).parents[2] / "docs" / "reference/observability.md"


def test_a_count_reaches_statsd_with_dag_and_task_and_nothing_else(statsd):
    Metrics(TI).count(LAUNCHED)
    Metrics(TI).count(LAUNCHED, 4)
    assert [(one.name, one.value, one.kind, one.tags) for one in statsd.received()] == [
        (LAUNCHED, 1, "c", TAGS),
        (LAUNCHED, 4, "c", TAGS),
    ]


def test_without_a_task_a_count_has_no_tags(statsd):
    Metrics().count(LAUNCHED)
    assert [(one.name, one.tags) for one in statsd.received()] == [(LAUNCHED, ())]


def test_a_wait_is_timed_in_milliseconds_with_its_end(statsd):
    Metrics(TI).time_wait(1.5, "succeeded")
    (one,) = statsd.received()
    assert (one.name, one.value, one.kind) == (WAIT_TIME, 1500, "ms")
    assert one.tags == (TAGS[0], ("state", "succeeded"), TAGS[1])


def test_contacts_are_counted_by_what_became_of_them(statsd):
    report = ContactReport(2, 1, Counter(letters=3), Counter(listed=1, do_not_contact=4))
    Metrics(TI).count_contacts(report.to_dict())
    assert statsd.counts() == {
        (f"{CONTACTS}.received",): 11,
        (f"{CONTACTS}.to_call",): 2,
        (f"{CONTACTS}.duplicate",): 1,
        (f"{CONTACTS}.invalid.letters",): 3,
        (f"{CONTACTS}.suppressed.listed",): 1,
        (f"{CONTACTS}.suppressed.do_not_contact",): 4,
    }


@given(
    st.integers(0, 9),
    st.integers(0, 9),
    *[st.dictionaries(st.sampled_from(sorted(REASONS)), st.integers(0, 9), max_size=4)] * 2,
)
def test_the_counts_add_up_to_the_records_that_came_in(to_call, duplicate, invalid, suppressed):
    counted = {}
    one = Metrics()
    one.count = lambda name, number: counted.update({name: number})
    one.count_contacts(ContactReport(to_call, duplicate, Counter(invalid), Counter(suppressed)).to_dict())
    received = counted.pop(f"{CONTACTS}.received", 0)
    everybody = to_call + duplicate + sum(invalid.values()) + sum(suppressed.values())
    assert received == sum(counted.values()) == everybody
    assert 0 not in counted.values()


def test_no_name_holds_an_id_or_anything_that_a_record_says():
    words = re.compile(r"[a-z][a-z_]*(\.[a-z][a-z_]*)*")
    reasons = {*REASONS, left_out_by_history.DO_NOT_CONTACT}
    assert all(words.fullmatch(word) for word in NAMES | reasons)
    assert all(name.startswith("revox.") for name in NAMES)


@pytest.mark.parametrize("error", [OSError("no route"), ValueError("a tag"), AttributeError(), ImportError()])
def test_a_backend_that_fails_fails_no_task_and_is_logged_once(monkeypatch, caplog, error):
    def fail(*_, **__):
        raise error

    metrics._warn.cache_clear()
    monkeypatch.setattr(metrics, "Stats", SimpleNamespace(incr=fail, timing=fail))
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            Metrics(TI).count(LAUNCHED)
            Metrics(TI).time_wait(1, "failed")
    name = type(error).__name__
    assert [record.getMessage() for record in caplog.records] == [
        f"Metrics can't be sent ({name}). Tasks go on without them."
    ]


def test_a_task_instance_that_lacks_its_ids_fails_no_task(statsd):
    Metrics(SimpleNamespace()).count(LAUNCHED)
    Metrics(SimpleNamespace()).time_wait(1, "failed")
    assert statsd.received() == []


def test_the_page_describes_every_metric_and_no_other():
    rows = [line.split("|")[1] for line in PAGE.read_text().splitlines() if line.startswith("| `revox.")]
    described = {name for row in rows for name in re.findall(r"`(revox\.[a-z_.]+)", row)}
    groups = {
        CONTACTS: ("received", "to_call", "duplicate", "invalid.", "suppressed."),
        CONTROL: ("",),
        OPT_OUTS: ("given", ""),
        RESULTS: ("rows", "records"),
    }
    members = {f"{group}.{name}" for group, names in groups.items() for name in names}
    assert described == NAMES - set(groups) | members
