"""Debian's Chromium, driven by Playwright, and what it tells of a page.

Playwright and axe-core come with the packages for development, which production lacks: they are
imported where they are used.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from core.errors import InvalidSetting

Page: TypeAlias = Any
"""A page of Playwright's."""

CHROMIUM = Path(os.environ.get("LOOKALIKE_CHROMIUM") or "/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 844},
    "is_mobile": True,
    "has_touch": True,
    "device_scale_factor": 2,
}
DESKTOP: dict[str, Any] = {"viewport": {"width": 1280, "height": 900}}

SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const shift of list.getEntries()) if (!shift.hadRecentInput) window.shifted += shift.value;
}).observe({ type: "layout-shift", buffered: true });
"""


@contextmanager
def open_browser() -> Iterator[Any]:
    """Yield a headless browser. Raises InvalidSetting where there is none."""
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415
    except ImportError as error:
        raise InvalidSetting("this bench needs the packages for development: make test") from error
    if not CHROMIUM.exists():
        raise InvalidSetting(f"no Chromium at {CHROMIUM}: name one in LOOKALIKE_CHROMIUM")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def visitor(browser: Any, address: str, **settings: Any) -> Iterator[Page]:
    """Yield a page in a fresh profile that sums up its layout shifts."""
    context = browser.new_context(base_url=address, **{"locale": "en-GB", **settings})
    context.add_init_script(SHIFTS)
    try:
        yield context.new_page()
    finally:
        context.close()


def slow_network(page: Page, up_mbit: float, down_mbit: float, latency_ms: float) -> None:
    """Limit what a page sends and receives, in Mbit/s, and delay each request."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send(
        "Network.emulateNetworkConditions",
        {
            "offline": False,
            "latency": latency_ms,
            "uploadThroughput": up_mbit * 1e6 / 8,
            "downloadThroughput": down_mbit * 1e6 / 8,
        },
    )


def findings(page: Page, impacts: tuple[str, ...]) -> list[str]:
    """Return axe-core's findings of these impacts on the page as it is."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415

    found = Axe().run(page).response["violations"]
    return [f"{one['id']} ({len(one['nodes'])})" for one in found if one["impact"] in impacts]
