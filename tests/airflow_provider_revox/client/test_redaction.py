from __future__ import annotations

import html
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from airflow_provider_revox.client.endpoints import create_campaign
from airflow_provider_revox.client.messages import Answer, read_error
from airflow_provider_revox.client.redaction import MAX_SHOWN, redact, server_message
from airflow_provider_revox.client.requests import CampaignCreate

KEY = "sk-live-4eC39HqLyjWDarjtT1zdp7dc"
PEOPLE = [
    {
        "to_phone_number": "+33612345678",
        "prompt_variables": {"name": "Zoé O'Neill", "mail": "zoe@example.com"},
    },
    {
        "to_phone_number": "+14155550100",
        "prompt_variables": {"name": "Bob", "policy": "AX-12", "note": "a\n b"},
    },
]
SECRETS = [KEY, "Zoé O'Neill", "zoe@example.com", "Bob", "AX-12", "a b", "33612345678", "4155550100"]
CREATE = create_campaign(CampaignCreate.build(assistant_id="a1", name="Renewals", contacts=PEOPLE))


def text_of(body: str | bytes) -> str:
    content = body.encode() if isinstance(body, str) else body
    return str(read_error(CREATE.request, Answer(422, {}, content), [KEY]))


SAID = (
    f"bad key {KEY}, number +33612345678 of Zoé O'Neill <zoe@example.com>, "
    "number +1 (415) 555-0100 of Bob with AX-12 and a b"
)


@pytest.mark.parametrize(
    "body",
    [
        json.dumps({"message": SAID}),
        json.dumps({"error": SAID}),
        json.dumps({"error": {"message": SAID, "code": 7}}),
        json.dumps({"errors": [{"detail": SAID}, SAID]}),
        json.dumps({"detail": [{"loc": ["contacts", 0], "msg": SAID, "input": PEOPLE}]}),
        json.dumps({"message": "no", "issues": [SAID, SAID]}),
        json.dumps([SAID]),
        json.dumps(SAID),
        json.dumps({"contacts": PEOPLE, "authorization": KEY}),
        json.dumps({"message": {"contacts": PEOPLE}}),
        SAID,
        f"{SAID} {'x' * 30_000}",
        f"Error: {SAID}\n{json.dumps(PEOPLE, ensure_ascii=False)}",
        f"<html><body><h1>422</h1>{SAID}</body></html>",
        json.dumps({"message": SAID})[:-4],
        f"\ufeff<html>{SAID}",
        SAID.upper(),
    ],
)
def test_what_a_server_echoes_is_not_repeated(body):
    text = text_of(body)
    assert text.startswith("POST /campaigns: Revox answered 422")
    assert [secret for secret in SECRETS if secret.lower() in text.lower()] == []


@pytest.mark.parametrize(
    "echo",
    ["Bearer {}", "Bearer%20{}", "Authorization={};", '"{}"', "key_{}", "{}_old", "[{}]", "({}).", "x{}"],
)
def test_the_key_is_taken_out_wherever_it_stands(echo):
    assert KEY not in text_of(json.dumps({"message": echo.format(KEY)}))


@pytest.mark.parametrize("write", [str, json.dumps, html.escape, quote], ids=["plain", "json", "html", "url"])
def test_a_value_is_taken_out_however_it_is_escaped(write):
    written = write("Zoé O'Neill")
    assert "Zo" not in text_of(f"cannot use {written} here")


@pytest.mark.parametrize("between", [" ", ":", "-", "=", ", ", "%"])
@pytest.mark.parametrize("value", ["Zoé O'Neill", "+33612345678", "zoe@example.com", KEY])
def test_a_text_with_bytes_in_hex_is_dropped_if_something_stands_between_the_bytes(value, between):
    written = value.encode().hex(" ").replace(" ", between)
    for text in (written, f"={written.upper()}"):
        assert text_of(f"contact {text} is not valid").endswith("Revox answered 422")


@pytest.mark.parametrize("text", ["at 10:00 every day", "be at de", "11:30 of 12:30", "id 5a-6f-c3"])
def test_what_only_looks_a_little_like_bytes_in_hex_stays(text):
    assert text in text_of(text)


def test_a_value_that_begins_another_one_does_not_spare_it():
    # "first_name" and "full_name" of one person.
    for last_name in ["Lovelace", "Byron", "King", "Noel", "Milbanke", "Gordon", "Turner", "Somerville"]:
        assert redact(f"Hello Ada {last_name}!", ["Ada", f"Ada {last_name}"]) == "Hello …!"
        assert redact(f"Hello Ada {last_name}!", [last_name, f"Ada {last_name}"]) == "Hello …!"


words = st.text(st.characters(categories=["Lu", "Ll", "Nd"], max_codepoint=0x24F), min_size=2, max_size=8)


@given(
    values=st.lists(words, min_size=1, max_size=5, unique=True),
    between=st.sampled_from([" ", ", ", "/", "\n"]),
)
def test_no_value_is_left_as_a_word(values, between):
    text = redact(between.join(["start", *values, "end"]), values)
    assert set(text.replace("/", " ").replace(",", " ").split()) <= {"start", "end", "…"}


@pytest.mark.parametrize(
    "number",
    ["+33612345678", "0033 6 12 34 56 78", "+1 (415) 555-0100", "415.555.0100", "415/555/0100", "123456"],
)
def test_long_numbers_are_taken_out_whoever_they_are_of(number):
    assert redact(f"call {number} now", []) == "call … now"


@pytest.mark.parametrize("text", ["line 42", "at most 10000 contacts", "code E1234", "16:30"])
def test_short_numbers_stay(text):
    assert redact(text, []) == text


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"message": "The campaign is not valid", "issues": ["name: required"]}', None),
        (b'{"error": {"message": "over the limit"}}', "over the limit"),
        (b'{"errors": [{"detail": "a"}, {"detail": "b"}, {"detail": "a"}]}', "a; b"),
        (b"Bad\n  gateway", "Bad gateway"),
        (b'"just text"', "just text"),
        (b"<html>gateway</html>", ""),
        (b'{"message": broken', ""),
        (b"", ""),
        (b"null", ""),
        (b"\xff\xfe nonsense", ""),
        (b"[" * 100_000, ""),
        (b'{"message":' * 3_000 + b"1" + b"}" * 3_000, ""),
        (b'{"message": 7}', ""),
    ],
)
def test_the_explanation_is_found_in_the_usual_places(body, message):
    if message is None:
        message = "The campaign is not valid; name: required"
    assert server_message(body, []) == message


def test_a_long_message_is_cut():
    text = server_message(b"word " * 1_000, [])
    assert len(text) == MAX_SHOWN + 1
    assert text.endswith("…")


def test_a_message_can_be_written_to_any_log():
    message = server_message(b'{"message": "half an emoji: \\ud83d"}', [])
    assert message.encode() == b"half an emoji:"
