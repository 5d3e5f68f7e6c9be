"""The shop on a port of its own, and Debian's Chromium in front of it."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from bench.instruments.browser import CHROMIUM, FLAGS
from bench.instruments.web_server import run_server
from tests.support.shop import Shop

QUIET_FLAGS = (*FLAGS, "--disable-quic")


@pytest.fixture(scope="session")
def address(shop: Shop) -> Iterator[str]:
    """Where the shop is served."""
    with run_server(shop.environment) as site:
        yield site.address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    if not CHROMIUM.exists():
        pytest.fail(f"no Chromium at {CHROMIUM}: install it, or name it in LOOKALIKE_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=QUIET_FLAGS)
        yield browser
        browser.close()


@contextmanager
def visitor(
    chromium: Browser, address: str, *, expected: str = "", **settings: object
) -> Iterator[Page]:
    """Give a page in a fresh profile; whatever the browser complains about fails the test.

    `expected` is the one complaint a test provokes.
    """
    complaints: list[str] = []
    context = chromium.new_context(base_url=address, **{"locale": "en-GB", **settings})  # type: ignore[arg-type]
    page = context.new_page()
    page.set_default_timeout(15_000)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "console",
        lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None,
    )
    try:
        yield page
    finally:
        context.close()
    assert [said for said in complaints if not expected or expected not in said] == []


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    with visitor(chromium, address) as page:
        yield page


def faults(page: Page, impacts: Sequence[str] = ("serious", "critical")) -> list[str]:
    """Return axe-core's findings of these impacts on the page as it is."""
    found = Axe().run(page).response["violations"]
    return [
        f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found if one["impact"] in impacts
    ]
