# ruff: noqa: RUF001 - the letters that look like others are what is tested
"""Nothing that was sent is shown, in whatever form a server repeats it."""

from __future__ import annotations

import base64
import html
import json
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from airflow_provider_revox.client.redaction import _SAYS_NOTHING, MAX_SHOWN, server_message

ENCODED_KEY = "rx_live_Quetzal4711abcdef"
SENT = [
    "+33612345678",
    'Zoë "Zo"',
    "O'Brien & Søn",
    "Quimby Platinum",
    "1249.99",
    "山田太郎",
    "AX-1234",
    "Łukasz",
    "김철수",
    "Юлия Иванова",
    "d’Été",
]


def shown(text: str, sent: Iterable[str] = SENT) -> set[str]:
    """What is shown of a text: as it is, in JSON, and in JSON that escapes all it can."""
    bodies = [text, json.dumps({"message": text}), json.dumps({"error": text}, ensure_ascii=False)]
    return {server_message(body.encode("utf-8", "replace"), sent, [ENCODED_KEY]) for body in bodies}


@pytest.mark.parametrize(
    "echo",
    [
        r"bad Zo\u00eb \"Zo\" here",
        "bad Zo&euml; &quot;Zo&quot;",
        "bad Zo&#235;",
        "bad Zo&#xeb;",
        "Zo%C3%AB",
        "Zo%25C3%25AB",
        "Zo%u00eb",
        r"Zo\\u00eb",
        r"\x5ao\xeb",
        r"\132o\353",
        r"Z\u{6f}\u{eb}",
        r"\U0000005ao\U000000eb",
        "&amp;#90;o&euml;",
        "=5Ao=C3=AB",
        "Zo\u0308e",
        "ZOË",
        "zoe",
        "Z\u200boë",
        "Z\u00adoë",
        "Z\x00o\x00ë",
        "Ｚｏë",
        "Zo\u00c3\u00ab",
        "Wm/Dqw==",
        "Wm_Dqw==",
        "O&#39;Brien &amp; S&oslash;n",
        "OBrien",
        "O Brien",
        "o’brien",
        "O\\'Brien",
        "Brie",
        "Quim",
        "imby",
        "Platin",
        "QuimbyPlatinum",
        "quimby_platinum",
        "customerQuimby",
        "UXVpbWJ5",
        "5175696d6279",
        "=51uimby",
        "+33 6 12 34 56 78",
        "06 12.34-56 78",
        "06 12.34-56",
        "061234",
        "0.6.1.2.3.4.5.6",
        "６１２３４５６７８",
        "٣٣٦١٢٣٤٥٦",
        "6x1x2x3x4x5x6",
        "(06)12/34/56",
        "0 6 1 2 3 4",
        "06\u200b1234",
        '["0","6","1","2","3","4"]',
        "06&nbsp;12&nbsp;34",
        "1249,99",
        "1 249.99",
        "1.249,99",
        "AX1234",
        "ax 1234",
        "山田",
        "太郎様",
        "顧客山田太郎様",
        "김철",
        "ukasz",
        "LUKASZ",
        "Lukasz",
        "Son",
        "dEte",
        "d'été",
        "Иванов",
        "ЮЛИЯ",
    ],
)
@pytest.mark.parametrize(
    "frame", ["{}", "The value {} is not valid", "a={}&b=1", '{{"contact":"{}"}} refused']
)
def test_of_what_was_sent_nothing_is_shown_in_whatever_form(echo, frame):
    for text in shown(frame.format(echo)):
        left = re.sub(r"\b(The value|is not valid|contact|refused|bad|here|a|b|1)\b", "", text)
        assert re.findall(r"\w", left) == []


def encoded(key: str) -> dict[str, str]:
    return {
        "whole": key,
        "upper": key.upper(),
        "prefix": key[:8],
        "suffix": key[-4:],
        "masked": f"{key[:3]}****{key[-4:]}",
        "middle": key[8:14],
        "base64": base64.b64encode(key.encode()).decode(),
        "base64 of the header": base64.b64encode(f"Bearer {key}".encode()).decode(),
        "base64 of user and key": base64.urlsafe_b64encode(f"x:{key}".encode()).decode().rstrip("="),
        "base64 of a part": base64.b64encode(key[4:12].encode()).decode(),
        "hex": key.encode().hex(),
        "url": "".join(f"%{byte:02x}" for byte in key.encode()),
        "html": "".join(f"&#{byte};" for byte in key.encode()),
        "json": "".join(f"\\u{byte:04x}" for byte in key.encode()),
        "with spaces": " ".join(key),
        "zero-width": "\u200b".join(key),
        "full width": "".join(chr(ord(letter) + 0xFEE0) for letter in key),
        "with dashes": "-".join(key[at : at + 4] for at in range(0, len(key), 4)),
    }


@pytest.mark.parametrize("how", encoded(ENCODED_KEY))
def test_of_the_key_nothing_is_shown_in_whatever_form(how):
    echo = encoded(ENCODED_KEY)[how]
    for text in (f"Unauthorized: {echo}", f"key={echo};", f'"{echo}"'):
        for found in shown(text, []):
            assert re.sub(r"\b(Unauthorized|key)\b|\W", "", found) == ""


@pytest.mark.parametrize(
    "text",
    [
        "name must not be empty",
        "The campaign is not valid; name: required",
        r"contacts[12].to_phone_number: Invalid string: must match pattern",
        "max_concurrent_calls must be less than or equal to 50",
        "Rate limit exceeded, retry in 30 seconds",
        "invalid api key",
        "assistant asst_77 not found",
    ],
)
def test_an_explanation_that_repeats_nothing_is_shown(text):
    assert shown(text) == shown(text.replace(" ", "&nbsp;")) == {text}


def spelled(name: str, *, gap: str) -> str:
    return gap.join(name.replace(" ", ""))


@pytest.mark.parametrize("gap", [" ", ".", "-", "_", ", ", " / ", "\u00a0"])
@pytest.mark.parametrize("name", ["Ada", "Ada Lovelace", "Bob", "张伟", "Zoë", "Pregnancy"])
@pytest.mark.parametrize("frame", ["Contact {} is invalid", "{}", "value: {}", "bad {} here"])
def test_a_value_whose_letters_stand_alone_is_not_shown(frame, name, gap):
    for text in shown(frame.format(spelled(name, gap=gap)), [name]):
        assert text == "" or "…" in text


@pytest.mark.parametrize("name", ["Grünwald", "Muñoz", "Björn", "Иван", "Renée", "张伟", "Łukasz", "Ibáñez"])
@pytest.mark.parametrize("encoding", ["latin-1", "cp1252"])
@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("write", [str, html.escape, quote, lambda text: json.dumps(text)[1:-1]])
@pytest.mark.parametrize("frame", ["Contact {} is invalid", "{}", "“{}” is invalid…"])
def test_a_value_whose_utf8_was_taken_for_something_else_is_not_shown(frame, name, encoding, times, write):
    echo = name
    for _ in range(times):
        try:
            echo = echo.encode().decode(encoding)
        except UnicodeDecodeError:  # cp1252 lacks some bytes, which browsers then take for Latin-1
            echo = "".join(bytes([byte]).decode(encoding, "ignore") or chr(byte) for byte in echo.encode())
    for text in shown(frame.format(write(echo)), [name]):
        assert re.sub(r"\b(Contact|is invalid)\b|[…“”\s]", "", text) == ""


SAID_BY_THE_API = [
    "assistant_id not found",
    "max_concurrent_calls must be at least 2",
    "max_retry_attempts must be less than or equal to 10",
    "scheduled_at must be in the future",
    "scheduled_at … is in the past",
    "name is already taken",
    "from_phone_number is not verified",
    "Insufficient credits",
    "Your organization has reached its daily call limit of 500",
    "call_retry_config.calling_windows must not overlap",
    "Unrecognized key(s) in object: 'launch'",
    "timezone must be valid",
    "Rate limit exceeded, try again in 30 seconds",
    "Campaign is not in draft",
]


@pytest.mark.parametrize("text", SAID_BY_THE_API)
def test_an_explanation_is_shown_though_people_have_common_words(text):
    said = text.replace("…", "2025-12-01T09:00:00.000Z")
    note = "your delivery at 9:00 is scheduled; the future window of the launch is taken, verified"
    assert shown(said, ["+33612345678", "Max Mark", "Will May", note]) == {text}


@pytest.mark.parametrize("echo", ["contact_Max", "Max_2", "max_Max", "Max-Max", "x.Max"])
def test_a_name_that_fields_have_in_them_is_not_shown(echo):
    for text in shown(f"Contact {echo} is invalid", ["Max"]):
        assert "max" not in text.lower()


@pytest.mark.parametrize(
    "time",
    ["2025-12-01T09:00:00Z", "2025-12-01T09:00", "2025-12-01T09:00:00.123+02:00", "2025-12-01T09:00-0530"],
)
def test_a_time_hides_nothing_but_itself(time):
    assert shown(f"scheduled_at {time} is in the past") == {"scheduled_at … is in the past"}


NAMES = [
    "José",
    "Björn",
    "Müller",
    "Zoë",
    "Çelik",
    "René",
    "Chloé",
    "Łukasz",
    "Åsa",
    "Nuñez",
    "Inès",
    "Strauß",
    "Øystein",
    "Jérôme",
    "Ľubomír",
    "Šárka",
    "İbrahim",
    "Anaïs Lefèvre",
    "Ñu",
    "Ælfric",
]
LOSSES = {
    "a question mark": lambda name: name.encode("ascii", "replace").decode(),
    "question marks": lambda name: re.sub("[^\x00-\x7f]", "??", name),
    "nothing": lambda name: name.encode("ascii", "ignore").decode(),
    "a replacement": lambda name: re.sub("[^\x00-\x7f]", "\ufffd", name),
    "an underscore": lambda name: re.sub("[^\x00-\x7f]", "_", name),
    "a star": lambda name: re.sub("[^\x00-\x7f]", "*", name),
    "dots": lambda name: re.sub("[^\x00-\x7f]", "..", name),
    "a space": lambda name: re.sub("[^\x00-\x7f]", " ", name),
    "a tag": lambda name: re.sub("([^\x00-\x7f])", r"<b>\1</b>", name),
    "a URL in Latin-1": lambda name: quote(name, encoding="latin-1", errors="replace"),
    "a URL in a DOS code page": lambda name: quote(name, encoding="cp850", errors="replace"),
    "a URL in Latin-2": lambda name: quote(name, encoding="iso8859-2", errors="replace"),
    "a mail in Latin-1": lambda name: quote(name, encoding="latin-1", errors="replace", safe=" ").replace(
        "%", "="
    ),
    "a DOS code page": lambda name: name.encode("cp850", "replace").decode("latin-1"),
    "half of its UTF-8": lambda name: re.sub("[^\x00-\x7f]", "\u00c3", name),
    "TeX": lambda name: (
        unicodedata.normalize("NFD", name).replace("\u0301", "{\\'}").replace("\u0308", '{\\"}')
    ),
}


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("frame", ["{}", "{} is not valid", "The value [{}] is not valid", "contact={}&x=1"])
def test_a_name_is_not_shown_with_letters_that_a_server_could_not_write(name, loss, frame):
    echo = LOSSES[loss](name)
    for text in shown(frame.format(echo), [name]):
        left = re.sub(r"\b(The value|is not valid|contact|x|1)\b", "", text)
        assert not re.search(r"[^\W_]{2}", left)


@pytest.mark.parametrize(
    ("sent", "echo"),
    [
        ("+33612345678", "+33 6 ** ** 56 78"),
        ("+33612345678", "+33 6.. ... ..56 78"),
        ("+33612345678", "+33 6 xx xx 56 78"),
        ("+33612345678", "06 \u2022\u2022 \u2022\u2022 \u2022\u2022 78"),
        ("+33612345678", "+33 *** *** *78"),
        ("+33612345678", "*****678"),
        ("+33612345678", "336#####78"),
        ("+33612345678", "06 and 12 and 34 and 56 and 78"),
        ("+33612345678", "area 061 line 234 and 567"),
        ("+33612345678", "code 33, then 61, then 23, then 45"),
        ("1234", "12-34"),
        ("1234", "1.2.3.4"),
        ("1234", "12 34"),
        ("4-2-1", "421"),
        ("421", "4-2-1"),
        ("9:30", "0930"),
        ("1,250.50", "1250.5"),
        ("1,250.50", "1 250,5"),
        ("1.250,50", "1,250.50"),
        ("KX-4471 contract", "kx4471"),
        ("KX-4471 contract", "KX.4471"),
        ("KX 4471/b", "4471b"),
        ("José", "Jos&#x;"),
        ("Ana", "contactAna"),
        ("Ana", "contactAnaName"),
        ("Ana", "Anas"),
        ("Ana", "user2Ana"),
        ("Bob", "userBob1"),
        ("Bob", "BobSmith"),
        ("Li", "userLi"),
        ("\u062c\u0645\u064a\u0644", "\u062c\u0640\u0645\u0640\u064a\u0640\u0644"),
        ("\u062c\u0645\u064a\u0644", "\u062c\u064e\u0645\u0650\u064a\u0644"),
        ("\u05d3\u05d5\u05d3", "\u05d3\u05bc\u05d5\u05b4\u05d3"),
        ("\u041c\u0430\u0440\u0438\u044f", "\u00cc\u00e0\u00f0\u00e8\u00ff"),
    ],
)
@pytest.mark.parametrize("frame", ["{}", "Value {} is not valid", "call to ({}) failed"])
def test_no_other_form_of_a_value_is_shown(sent, echo, frame):
    for text in shown(frame.format(echo), [sent]):
        assert not re.search(r"[^\W_]", re.sub(r"\b(Value|is not valid|call to|failed)\b", "", text))


@pytest.mark.parametrize("text", SAID_BY_THE_API)
def test_an_explanation_is_shown_though_people_have_letters_beyond_ascii_and_numbers(text):
    said = text.replace("…", "2025-12-01T09:00:00.000Z")
    values = [*NAMES, "+33612345678", "1234", "1,250.50", "KX-4471", "12 rue de la Paix", "Résidence d'Été"]
    assert shown(said, values) == {text}


letters = st.characters(categories=["Lu", "Ll", "Lo", "Mn"], max_codepoint=0xFFFF)
FORMS = [
    str,
    str.upper,
    str.lower,
    lambda text: json.dumps(text)[1:-1],
    html.escape,
    lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    quote,
    lambda text: quote(quote(text)),
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: unicodedata.normalize("NFKD", text),
    lambda text: "\u200b".join(text),
    lambda text: text[: max(4, len(text) - 1)],
    lambda text: text[1:],
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: text.encode().hex(),
]


@given(
    value=st.lists(st.text(letters, min_size=5, max_size=9), min_size=1, max_size=3).map(" ".join),
    forms=st.lists(st.sampled_from(FORMS), min_size=1, max_size=2),
)
def test_no_form_of_a_value_is_shown(value, forms):
    assume(set(value.casefold().split()) - _SAYS_NOTHING)  # words such as "false" may be shown
    echo = value
    for form in forms[:1] if forms[0] in FORMS[-4:] else forms:
        echo = form(echo)
    found = server_message(json.dumps({"message": f"bad {echo}"}).encode(), [value])
    assert echo.strip() == "" or found == "" or re.findall(r"\w+", found) == ["bad"]


@given(st.binary(max_size=400) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")))
def test_whatever_a_server_says_becomes_one_printable_line(body):
    found = server_message(body, SENT, [ENCODED_KEY])
    assert len(found) <= MAX_SHOWN + 1
    assert found.isprintable()


def test_a_value_that_the_cut_goes_through_is_not_shown():
    for length in range(1_980, 2_010):
        for gap in (" ", ", "):
            text = f"{'1234567' * (length // 7)}{gap}Quimby Platinum{gap}{'x ' * 400}"
            assert "Qui" not in server_message(text.encode(), SENT)
