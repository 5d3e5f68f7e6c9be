"""Reviewers in front of a real browser, and a desk that is theirs for one test."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page

from app.reviewers import Reviewers
from app.services import Services
from tests import casebook
from tests.browser.conftest import visitor
from tests.reviewing import PASSWORD
from tests.shop import Shop


@pytest.fixture(scope="module")
def started(shop: Shop) -> Iterator[Services]:
    with shop.services() as services:
        services.desk.prepare()
        yield services


@pytest.fixture
def services(started: Services, shop: Shop) -> Iterator[Services]:
    """The services behind the site, around a desk with nothing on it."""
    yield started
    casebook.empty(shop)


@contextmanager
def reviewer(
    chromium: Browser, address: str, services: Services, name: str = "mika", **settings: object
) -> Iterator[Page]:
    """Give a page at which this reviewer is signed in, on the desk's first page."""
    accounts = Reviewers(services.settings.state_dir)
    if accounts.named(name) is None:
        accounts.add(name, PASSWORD)
    with visitor(chromium, address, **settings) as page:  # type: ignore[arg-type]
        page.goto("/trust")
        page.locator("#name").fill(name)
        page.locator("#password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.wait_for_url("**/trust")
        yield page
