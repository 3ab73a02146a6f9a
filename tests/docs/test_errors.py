"""Every message on the page of errors is in the code, in these words."""

from __future__ import annotations

import ast
import re

from tests.docs.pages import DOCS, ROOT

PUT_TOGETHER = {
    "connection '",
    "its path names the connection",
    "call_retry_config.allowed_days",
    "call_retry_config.calling_windows",
    "call_retry_config.timezone",
    "Revox answered 401",
    "Revox answered 4xx",
    "Revox answered 429",
    "is not the whole list of campaigns",
    "and it is paused",
    "So this try called nobody",
    "% of the contacts failed",
}
"""What the code puts together from several texts."""


def texts_of_the_code() -> str:
    """Return all texts in the provider's code; ``…`` stands for what is filled in."""
    found = []
    for file in (ROOT / "airflow_provider_revox").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.JoinedStr):
                found.append(
                    "".join(
                        str(part.value) if isinstance(part, ast.Constant) else "…" for part in node.values
                    )
                )
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(node.value)
    return "\n".join(found)


def test_every_message_on_the_page_of_errors_is_in_the_code():
    page = (DOCS / "reference/errors.md").read_text()
    terms = re.findall(r"^(`.*)\n: ", page, re.MULTILINE)
    assert len(terms) > 40
    pieces = {
        piece.strip(" ;:.,")
        for term in terms
        for message in re.findall(r"`([^`]+)`", term)
        for piece in re.split(r"…|[.:;,] |\[", message)
    }
    code = texts_of_the_code()
    assert {piece for piece in pieces if len(piece) > 8 and piece not in code} == PUT_TOGETHER
