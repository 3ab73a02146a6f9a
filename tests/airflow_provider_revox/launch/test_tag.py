from __future__ import annotations

import html
import unicodedata
import zlib
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client.errors import InvalidRequestError
from airflow_provider_revox.launch.tag import (
    CUT_AT,
    MAX_NAME,
    FoundTag,
    LaunchTag,
    SealedTag,
    have_same_name,
    people_digest,
    without_tag,
)
from airflow_provider_revox.phone_numbers.people import People

ADA, BOB = "+33612345678", "+14155550100"
PEOPLE = people_digest(People.of([ADA, BOB]), "assistant")
TAG = LaunchTag.of("dag", "task", "run", people=PEOPLE)
SEALED = SealedTag.of("dag", "task", "run", people=PEOPLE)
NAMES = [
    "x",
    "Renewals 2026-11-24",
    "é" * 500,
    "[af-abcdefghijkl]",
    "x" * 110 + " y z",
    "Rest",
    "50% off & more",
]
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200).filter(
    lambda text: bool(" ".join(text.split()))
)


def test_the_tag_is_the_same_in_every_release_and_process():
    # Campaigns that earlier releases launched are found by it: these values must never change.
    assert TAG.name("Renewals", 1) == "Renewals [af-yc7oijuul77j-s-wg6qocey]"
    namespaced = LaunchTag.of("dag", "task", "run", namespace="staging", map_index=4, people=PEOPLE)
    assert namespaced.name("Renewals", 3) == "Renewals [af-peaupvdvzi5m-m4-wg6qocey-t3]"
    assert SEALED.name("Rest", 1) == "Rest [af-yc7oijuul77j-s-wg6qocey-xyp5urk]"


def test_every_part_of_the_identity_makes_another_launch():
    launches = {
        LaunchTag.of(*identity, people=PEOPLE, namespace=namespace).launch
        for *identity, namespace in [
            ("dag", "task", "run", ""),
            ("dag", "task", "run", "staging"),
            ("dag2", "task", "run", ""),
            ("dag", "task2", "run", ""),
            ("dag", "task", "run2", ""),
            ("dagtask", "", "run", ""),
            ("dag", "taskrun", "", ""),
        ]
    }
    assert len(launches) == 7


def test_the_digest_says_who_is_called_by_which_assistant_in_whatever_order():
    assert (
        people_digest(People.of([BOB, ADA]), "assistant")
        == PEOPLE
        == people_digest(People.of({ADA, BOB}), "assistant")
    )
    others = {
        people_digest(People.of(numbers), assistant)
        for numbers, assistant in [
            ([ADA, BOB], "another"),
            ([ADA], "assistant"),
            ([ADA, "+14155550101"], "assistant"),
            (["+33612345679", "+14155550099"], "assistant"),  # as many, and with the same sum
            ([], "assistant"),
        ]
    }
    assert PEOPLE not in others
    assert len(others) == 5


def test_two_numbers_that_exchange_a_digit_make_another_digest():
    before, after = ["+33611397879", "+33663394526"], ["+33661397879", "+33613394526"]
    crc = [sum(map(zlib.crc32, map(str.encode, numbers))) for numbers in (before, after)]
    assert crc[0] == crc[1]  # so a plain sum would not do
    assert people_digest(People.of(before), "a") != people_digest(People.of(after), "a")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("try_number", [1, 2, 1000])
@pytest.mark.parametrize("tag", [TAG, SEALED], ids=["tag", "sealed"])
def test_the_tag_stays_whole_and_is_found_however_long_the_name(tag, name, try_number):
    named = tag.name(name, try_number)
    assert len(named) <= MAX_NAME
    assert tag.find(named) == FoundTag("s", PEOPLE, try_number)
    assert tag.launched_by(named) == try_number
    assert tag.is_exactly(named, name)
    assert tag.is_in(named[:CUT_AT])
    assert without_tag(named) == name[: len(without_tag(named))]


MANGLERS = {
    "trimmed": str.strip,
    "lower case": str.lower,
    "upper case": str.upper,
    "folded spaces": lambda name: " ".join(name.split()),
    "NFC": lambda name: unicodedata.normalize("NFC", name),
    "NFD": lambda name: unicodedata.normalize("NFD", name),
    "NFKC": lambda name: unicodedata.normalize("NFKC", name),
    "NFKD": lambda name: unicodedata.normalize("NFKD", name),
    "HTML": html.escape,
    "HTML twice": lambda name: html.escape(html.escape(name)),
    "URL": quote,
    "cut at 60": lambda name: name[:CUT_AT],
    "a prefix": lambda name: f"ACME / {name}",
    "ASCII only": lambda name: name.encode("ascii", "replace").decode(),
    "typographic hyphens": lambda name: name.replace("-", "\u2011"),
    "trimmed, lower case, cut": lambda name: name.strip().lower()[:CUT_AT],
}


@pytest.mark.parametrize("mangle", MANGLERS.values(), ids=MANGLERS)
@given(name=names, try_number=st.sampled_from([1, 2, 17]))
def test_the_tag_is_found_whatever_a_server_does_to_the_name(mangle, name, try_number):
    assert TAG.find(mangle(TAG.name(name, try_number))) == FoundTag("s", PEOPLE, try_number)


@pytest.mark.parametrize("name", ["é" * 30, "日本語のキャンペーン名前です", "🎉" * 12])
def test_the_tag_survives_a_cut_at_60_bytes(name):
    named = TAG.name(name, 2)
    assert TAG.find(named.encode()[:CUT_AT].decode(errors="ignore")) == FoundTag("s", PEOPLE, 2)


@given(name=names)
def test_the_name_is_sent_in_a_form_that_servers_leave_alone(name):
    named = TAG.name(name, 1)
    assert named == " ".join(named.split()) == unicodedata.normalize("NFC", named)
    assert TAG.find(named[:CUT_AT]) is not None


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Renewals",
        "[af-abcdefghijkl-s-wg6qocey]",
        f"[af-{TAG.launch}]",
        f"[af-{TAG.launch}-s]",
        f"[af-{TAG.launch}-s-{PEOPLE}x]",
        f"[af-{TAG.launch}-q-{PEOPLE}]",
        None,
    ],
)
def test_other_names_are_not_taken_for_the_launch(name):
    assert not TAG.is_in(name)
    assert TAG.launched_by(name) is None


def test_the_place_and_the_list_of_another_campaign_of_the_launch_are_read():
    other = LaunchTag.of(
        "dag", "task", "run", map_index=12, people=people_digest(People.of([ADA]), "assistant")
    )
    assert TAG.find(other.name("Renewals", 2)) == FoundTag("m12", other.people, 2)
    assert (TAG.is_mapped, other.is_mapped) == (False, True)


@pytest.mark.parametrize("name", ["", " ", "\u3000", None, 5])
def test_a_campaign_without_a_name_is_refused(name):
    with pytest.raises(InvalidRequestError, match="name: must be text of at least one character"):
        TAG.name(name, 1)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("tag", [TAG, SEALED], ids=["tag", "sealed"])
def test_a_copy_made_by_hand_is_not_what_the_launch_makes(tag, name):
    named = tag.name(name, 2)
    assert tag.is_exactly(named.upper(), name)
    for copy in (f"Copy of {named}", f"{named} (again)", f"x{named}", "x", None):
        assert not tag.is_exactly(copy, name)
        assert not have_same_name(named, copy)
    if tag is TAG:
        assert have_same_name(named, tag.name(name, 1))
        assert have_same_name(named[:CUT_AT], tag.name(name, 1)[:CUT_AT])
    assert not tag.is_exactly(None, name)


@pytest.mark.parametrize("name", NAMES)
def test_a_sealed_name_is_unaltered_whatever_it_is_and_a_copy_is_not(name):
    named = SEALED.name(name, 2)
    assert SEALED.is_unaltered(named)
    assert SEALED.is_unaltered(named.lower())
    for copy in (f"Copy of {named}", f"{named} (again)", f"x{named}", named[1:], "x", None):
        assert not SEALED.is_unaltered(copy)


def test_of_two_tags_in_a_name_the_last_counts():
    assert TAG.launched_by(f"{TAG.name('x', 1)} {TAG.name('x', 2)}") == 2


def test_a_campaign_of_the_same_place_or_the_same_list_may_share_people():
    tag = LaunchTag.of("dag", "task", "run", people=PEOPLE, map_index=1)
    for place, people, shares in [
        (1, PEOPLE, True),
        (1, "bbbbbbbb", True),
        (2, PEOPLE, True),
        (2, "bbbbbbbb", False),
    ]:
        other = LaunchTag.of("dag", "task", "run", people=people, map_index=place)
        assert tag.may_share_people(other.name("x", 1)) is shares
    assert not tag.may_share_people("x")
