"""Cases of the demo shop are decided: 20 by keyboard at a desk, 5 by touch on a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from app.trust.desk.case import DECIDED, VERDICTS, Case
from bench.instruments.browser import PHONE
from bench.instruments.web_server import run_server
from tests.browser.reviewers import reviewer
from tests.conftest import node_environment
from tests.support import casebook
from tests.support.demo_market import DemoMarket, opened
from tests.support.engine import Engine
from tests.support.shop import Shop

BY_KEYBOARD, BY_TOUCH = 20, 5


@pytest.fixture(scope="module")
def loaded(engine: Engine, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoMarket]:
    folder = tmp_path_factory.mktemp("demo")
    settings = node_environment(folder / "state")
    with opened(engine, settings, folder, BY_KEYBOARD + BY_TOUCH) as market:
        yield market


@pytest.fixture(scope="module")
def market_address(loaded: DemoMarket) -> Iterator[str]:
    with run_server(loaded.environment) as site:
        yield site.address


@pytest.fixture
def market(loaded: DemoMarket) -> Iterator[DemoMarket]:
    yield loaded
    casebook.empty(Shop(loaded.environment, loaded.folder))


def start(page: Page, first: Case) -> None:
    page.reload()
    page.get_by_role("button", name="Start: Same photo").click()
    page.wait_for_url(f"**/trust/cases/{first.id}")


def assert_decided(market: DemoMarket, cases: list[Case]) -> None:
    """Check that every case has the verdict it was given: they take turns."""
    for number, case in enumerate(cases):
        stored = market.services.desk.case(case.id)
        assert (stored.state, stored.decided_by) == (DECIDED, "mika")
        assert [m.verdict for m in stored.members] == [VERDICTS[number % len(VERDICTS)]]


def test_twenty_cases_are_decided_by_keyboard(
    chromium: Browser, market_address: str, market: DemoMarket
) -> None:
    cases = market.open_cases(0, BY_KEYBOARD)
    with reviewer(chromium, market_address, market.services) as page:
        start(page, cases[0])
        for number, case in enumerate(cases):
            page.wait_for_load_state()  # before it, no script listens to keys
            expect(page.locator("#compare")).to_have_attribute(
                "data-case", f"/trust/cases/{case.id}"
            )
            expect(page.locator(".reason-picture").first).to_be_visible()
            page.keyboard.press(str(number % len(VERDICTS) + 1))
            page.keyboard.press("Enter")
            page.wait_for_url(f"**?done={case.id}")
        expect(page.locator("#waiting")).to_contain_text("This queue is empty")
    assert_decided(market, cases)


def test_five_cases_are_decided_by_touch_on_a_phone(
    chromium: Browser, market_address: str, market: DemoMarket
) -> None:
    cases = market.open_cases(BY_KEYBOARD, BY_TOUCH)
    with reviewer(chromium, market_address, market.services, **PHONE) as page:
        start(page, cases[0])
        for number, case in enumerate(cases):
            verdict = VERDICTS[number % len(VERDICTS)]
            choice, confirm = page.locator(f".verdict-{verdict}"), page.locator("#confirm")
            for each in (choice, confirm, page.locator("#skip")):
                expect(each).to_be_in_viewport(ratio=1)
                box = each.bounding_box()
                assert box is not None
                assert min(box["width"], box["height"]) >= 44
            choice.tap()
            expect(choice.locator("input")).to_be_checked()
            confirm.tap()
            page.wait_for_url(f"**?done={case.id}")
        expect(page.locator("#waiting")).to_contain_text("This queue is empty")
    assert_decided(market, cases)
