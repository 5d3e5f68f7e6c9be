"""Reviewers in front of a real browser."""

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Page

from app.accounts.reviewers import REVIEWER, Reviewers
from app.services import Services
from tests.browser.conftest import visitor
from tests.support.reviewing import PASSWORD


@contextmanager
def reviewer(
    chromium: Browser,
    address: str,
    services: Services,
    name: str = "mika",
    role: str = REVIEWER,
    **settings: object,
) -> Iterator[Page]:
    """Give a page at which this reviewer is signed in, on the desk's first page."""
    accounts = Reviewers(services.settings.state_dir)
    if accounts.find(name) is None:
        accounts.add(name, PASSWORD, role)
    with visitor(chromium, address, **settings) as page:  # type: ignore[arg-type]
        page.goto("/trust")
        page.locator("#name").fill(name)
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/trust")
        yield page
