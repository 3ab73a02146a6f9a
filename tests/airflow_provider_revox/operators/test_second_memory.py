from __future__ import annotations

import logging

import pytest

from airflow_provider_revox.launch.identity import Remembered
from airflow_provider_revox.launch.tag import FoundTag, LaunchTag
from airflow_provider_revox.operators._second_memory import remember_campaign, remembered_campaign

TAG = LaunchTag.of("dag", "task", "run", people="aaaaaaaa")
FOUND = FoundTag("s", "bbbbbbbb", 2)
LOG = logging.getLogger("second_memory")


class Store(dict):
    def set(self, key, value):
        self[key] = value


class RaisingStore:
    def get(self, key):
        raise RuntimeError(key)

    def set(self, key, value):
        raise RuntimeError(key)


def test_a_later_try_finds_what_was_noted_also_in_a_store_that_was_empty():
    context = {"task_state_store": Store()}
    assert remembered_campaign(context, TAG, LOG) is None
    remember_campaign(context, TAG, "cmp_1", FOUND, LOG)
    assert remembered_campaign(context, TAG, LOG) == Remembered("cmp_1", "bbbbbbbb", 2)


def test_without_a_store_nothing_is_noted_and_nothing_is_found():
    remember_campaign({}, TAG, "cmp_1", FOUND, LOG)
    assert remembered_campaign({}, TAG, LOG) is None


@pytest.mark.parametrize("note", ["text", 7, [1], {"campaign_id": "cmp_1"}, {"campaign_id": 1, "people": 2}])
def test_a_note_that_can_not_be_read_is_told_and_ends_no_launch(note, caplog):
    store = Store()
    remember_campaign({"task_state_store": store}, TAG, "cmp_1", FOUND, LOG)
    store[next(iter(store))] = note
    assert remembered_campaign({"task_state_store": store}, TAG, LOG) is None
    assert "The note of an earlier try can't be read" in caplog.text


def test_a_store_that_fails_is_told_and_ends_no_launch(caplog):
    context = {"task_state_store": RaisingStore()}
    remember_campaign(context, TAG, "cmp_1", FOUND, LOG)
    assert remembered_campaign(context, TAG, LOG) is None
    assert "Airflow did not note campaign cmp_1 (RuntimeError)." in caplog.text
    assert "can't be read (RuntimeError)" in caplog.text
