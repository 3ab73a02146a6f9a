"""A browser, and pages that tell what went wrong in them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    StorageState,
    expect,
    sync_playwright,
)

from dev.showroom import ROOT
from tests.browser.answers import ROOT as PAGES_ROOT
from tests.browser.answers import Answers

SCREENSHOTS = ROOT / "build" / "screenshots"
SLOW_MACHINE_MS = 30_000
"""How long a page may take: a test waits for what it wants to see, and no longer."""
LOOPBACK = ("127.0.0.1", "localhost")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent.name == "browser":
            item.add_marker("browser")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    chromium = shutil.which("chromium")
    if chromium is None:
        reason = "Chromium is not installed. Install Debian's package chromium."
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    expect.set_options(timeout=SLOW_MACHINE_MS)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    arguments = [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-background-networking",
        "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    ]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        yield browser
        browser.close()


@dataclass
class Pages:
    """Opens pages, and keeps what they should not do."""

    browser: Browser
    expected: list[str] = field(default_factory=list)
    """Parts of console errors that a test provokes."""
    problems: list[str] = field(default_factory=list)
    contexts: list[BrowserContext] = field(default_factory=list)

    def open(self, *, width: int = 1280, scheme: str = "light", login: StorageState | None = None) -> Page:
        context = self.browser.new_context(
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            reduced_motion="reduce",
            storage_state=login,
        )
        context.set_default_timeout(SLOW_MACHINE_MS)
        context.on("console", self._heard)
        context.on("weberror", lambda error: self.problems.append(str(error.error)))
        context.on("request", self._asked)
        self.contexts.append(context)
        return context.new_page()

    def close(self) -> None:
        for context in self.contexts:
            context.close()

    def _heard(self, message: ConsoleMessage) -> None:
        # Airflow's own pages are not judged here.
        is_ours = "/revox/" in str(message.location.get("url"))
        if message.type == "error" and is_ours and not any(part in message.text for part in self.expected):
            self.problems.append(message.text)

    def _asked(self, request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host is not None and host not in LOOPBACK:
            self.problems.append(f"a request to {host}")


@pytest.fixture
def pages(browser: Browser) -> Iterator[Pages]:
    pages = Pages(browser)
    yield pages
    pages.close()
    assert pages.problems == []


@pytest.fixture
def answers() -> Answers:
    return Answers()


def open_campaign(pages: Pages, answers: Answers, **options: Any) -> Page:
    """Open the page of a campaign."""
    page = pages.open(**options)
    answers.serve(page)
    page.goto(f"{PAGES_ROOT}campaigns/c-1")
    expect(page.locator("#campaign")).to_be_visible()
    return page


def shoot(page: Page, name: str) -> None:
    """Keep a picture of the page for people to look at."""
    page.screenshot(path=SCREENSHOTS / f"{name}.png")
