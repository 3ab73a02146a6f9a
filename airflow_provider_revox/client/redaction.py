"""Remove people's data and the API key from what a server says."""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from typing import Any
from urllib.parse import quote

MAX_READ = 20_000
MAX_SHOWN = 300
HIDDEN = "…"

_NUMBER = re.compile(r"\+?\d(?:[\s().\-/]*\d){5,}")
_EMAIL = re.compile(r"\S+@\S+")
_MESSAGE_KEYS = ("message", "error", "errors", "detail", "issues", "msg", "title", "description")


def server_message(body: bytes, sensitive: Iterable[str], secrets: Iterable[str] = ()) -> str:
    """
    Return the explanation in the body of an error.

    Revox does not document these bodies. So the usual members are tried, and plain text is used as it is.

    :param body: The body of an answer that is no success.
    :param sensitive: Texts of the request that must not be repeated. They are removed as whole words.
    :param secrets: Texts that must not be repeated. They are removed wherever they stand.
    :return: At most 300 characters without personal data; empty if there is no explanation.
    """
    text = body[:MAX_READ].decode("utf-8", "replace").strip()
    try:
        text = "; ".join(dict.fromkeys(_messages(json.loads(text))))
    except (ValueError, RecursionError):
        if text.startswith(("<", "{", "[")):
            return ""
    text = unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode())
    for secret in secrets:
        text = re.sub(re.escape(secret), HIDDEN, text, flags=re.IGNORECASE)
    text = redact(" ".join(text.split()), sensitive)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}{HIDDEN}"


# The ways in which a server may write a value that it repeats.
_FORMS: tuple[Callable[[str], str], ...] = (str, lambda text: json.dumps(text)[1:-1], html.escape, quote)


def redact(text: str, sensitive: Iterable[str]) -> str:
    """Remove ``sensitive`` texts, long numbers and e-mail addresses from ``text``."""
    if not text:
        return text
    folded = text.casefold()
    texts = {
        " ".join(form(unicodedata.normalize("NFC", secret)).split())
        for secret in set(sensitive)
        for form in _FORMS
    }
    for secret in sorted(
        texts, key=len, reverse=True
    ):  # the longest first, since one may be the beginning of another
        if secret and secret.casefold() in folded:
            text = re.sub(rf"(?<!\w){re.escape(secret)}(?!\w)", HIDDEN, text, flags=re.IGNORECASE)
    return _EMAIL.sub(HIDDEN, _NUMBER.sub(HIDDEN, text))


def _messages(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for item in content:
            yield from _messages(item)
    elif isinstance(content, dict):
        for key in _MESSAGE_KEYS:
            if key in content:
                yield from _messages(content[key])
