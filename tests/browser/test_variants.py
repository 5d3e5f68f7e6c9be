"""A visitor sees a product once, and opens its further colours from its card."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from bench.instruments.web_server import run_server
from tests.browser.conftest import visitor
from tests.support.shop import Shop
from tests.support.variant_shop import HOODIES


@pytest.fixture(scope="module")
def variant_address(variant_shop: Shop) -> Iterator[str]:
    """Where the shop with variants is served."""
    with run_server(variant_shop.environment) as site:
        yield site.address


@pytest.mark.parametrize(
    ("locale", "link", "chip"),
    [
        ("en-GB", "+3 colours", "All variants of one product"),
        ("ja-JP", "他3色", "同じ商品のバリエーション"),
    ],
)
def test_card_leads_to_the_further_colours_and_a_chip_back(
    chromium: Browser, variant_address: str, locale: str, link: str, chip: str
) -> None:
    with visitor(chromium, variant_address, locale=locale) as page:
        page.goto("/search?q=blue+hoodie")
        card = page.locator(".card", has_text="hoodie").first
        expect(card.locator("h2 a")).to_have_attribute("href", "/products/hood-blue")
        card.get_by_role("link", name=link).click()
        expect(page.locator(".card")).to_have_count(len(HOODIES))
        page.get_by_role("link", name=chip).click()
        expect(page.locator(".card", has_text="hoodie")).to_have_count(1)
