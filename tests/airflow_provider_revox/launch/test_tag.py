from __future__ import annotations

import pytest

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.launch.tag import MAX_NAME, LaunchTag, SealedTag

TAG = LaunchTag.of("dag", "task", "run/-1")
SEALED = SealedTag.of("dag", "task", "run/-1")


def test_the_tag_is_the_same_in_every_release_and_process():
    # Campaigns that earlier releases launched are found by it: this value must never change.
    assert TAG.name("Renewals", 1) == "Renewals [af-r5pci3zem6lb]"


def test_every_part_of_the_identity_makes_another_tag():
    tags = {
        LaunchTag.of(*identity).value
        for identity in [
            ("dag", "task", "run/-1"),
            ("dag2", "task", "run/-1"),
            ("dag", "task2", "run/-1"),
            ("dag", "task", "run/0"),
            ("dagtask", "", "run/-1"),
            ("dag", "taskrun", "/-1"),
        ]
    }
    assert len(tags) == 6


@pytest.mark.parametrize(
    "name", ["x", "Renewals 2026-11-24", "é" * 500, "[af-abcdefghijkl]", "x" * 110 + " y z"]
)
@pytest.mark.parametrize("try_number", [1, 2, 1000])
def test_the_mark_stays_whole_and_found_however_long_the_name(name, try_number):
    named = TAG.name(name, try_number)
    assert len(named) <= MAX_NAME
    assert named.startswith(name[:50])
    assert TAG.is_in(named)
    assert TAG.launched_by(named) == try_number


@pytest.mark.parametrize(
    "name", ["", "Renewals", "[af-abcdefghijkl]", f"[af-{TAG.value}x]", f"af-{TAG.value}", None]
)
def test_other_names_are_not_taken_for_the_launch(name):
    assert not TAG.is_in(name or "")
    assert TAG.launched_by(name) is None


@pytest.mark.parametrize("name", ["", " ", None, 5])
def test_a_campaign_without_a_name_is_refused(name):
    with pytest.raises(InvalidRequestError, match="name: must be text of at least one character"):
        TAG.name(name, 1)


def test_a_name_that_goes_on_behind_the_mark_is_not_as_we_make_it():
    made = TAG.name("Renewals", 2)
    assert TAG.is_exactly(made, "Renewals")
    for copy in (f"Copy of {made}", f"{made} (again)", f"{made} {made}"):
        assert TAG.is_in(copy)
        assert not TAG.is_exactly(copy, "Renewals")
    assert not TAG.is_exactly(None, "Renewals")


@pytest.mark.parametrize("name", ["Rest", "Another name ", "é" * 500, "x" * 102 + "  yz"])
@pytest.mark.parametrize("try_number", [1, 2, 1000])
def test_a_sealed_name_is_known_as_made_whatever_it_is_and_a_copy_is_not(name, try_number):
    made = SEALED.name(name, try_number)
    assert len(made) <= MAX_NAME
    assert SEALED.launched_by(made) == try_number
    assert SEALED.is_unaltered(made)
    assert SEALED.is_exactly(made, name)
    for copy in (
        f"Copy of {made}",
        f"{made} (again)",
        f"x{made}",
        made[1:],
        made.replace(" [", "  ["),
        "x",
        None,
    ):
        assert not SEALED.is_unaltered(copy)


def test_of_two_marks_in_a_name_the_last_counts():
    assert TAG.launched_by(TAG.name(TAG.name("x", 1), 2)) == 2
