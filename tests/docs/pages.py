"""Read the pages of the documentation, and compare what they show with what really comes."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page for page in DOCS.rglob("*.md") if not page.relative_to(DOCS).parts[0].startswith("_"))

ALWAYS_DIFFERENT = re.compile(
    r"(?P<id>[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})|(?P<port>(?<=127\.0\.0\.1:)\d+)"
)
"""What is of another value each time: ids and ports."""
REAL = {"id": r"[0-9a-f-]{36}", "port": r"\d+"}


def blocks(page: str | Path, language: str) -> list[str]:
    """
    Return the blocks of code on a page.

    :param page: The page; a text is a path below ``docs``.
    """
    fences = re.findall(r"^```(\w+)\n(.*?)^```$", (DOCS / page).read_text(), re.MULTILINE | re.DOTALL)
    return [text for name, text in fences if name == language]


def lines_that_do_not_come(page: str, output: str) -> list[str]:
    """Return the lines that a page shows and that are not in the real output, ids and ports aside."""
    lines = [line for block in blocks(page, "text") for line in block.splitlines()]
    assert lines, page
    return [line for line in lines if not re.search(_pattern(line), output)]


def is_shown(real: list[str], shown: list[str]) -> bool:
    """Return whether the lines that really came are those that a page shows, ids and ports aside."""
    return bool(shown) and re.fullmatch("\n".join(map(_pattern, shown)), "\n".join(real)) is not None


def _pattern(line: str) -> str:
    expression, end = "", 0
    for different in ALWAYS_DIFFERENT.finditer(line):
        expression += re.escape(line[end : different.start()]) + REAL[str(different.lastgroup)]
        end = different.end()
    return expression + re.escape(line[end:])
