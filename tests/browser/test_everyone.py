"""The shop is for everyone: without scripts, on a phone, in Japanese, with a screen reader."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.instruments.browser import PHONE
from tests.browser.conftest import faults, visitor
from tests.support.shop import Shop

SHOE = "saleor-white-plimsolls-1.png"
PATHS = {
    "home": "/",
    "results": "/search?q=saleor&filter=category:Apparel",
    "similar": "/search?product_id=saleor-127",
    "product": "/products/saleor-127",
    "empty": "/search?q=zzyzx&filter=brand:Nobody",
    "favourites": "/favourites?id=saleor-127",
    "missing": "/nowhere",
    "docs": "/docs",
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_axe_finds_nothing(chromium: Browser, address: str, path: str, scheme: str) -> None:
    missing = "404" if path == "/nowhere" else ""
    settings = {"color_scheme": scheme, "bypass_csp": True}
    with visitor(chromium, address, expected=missing, **settings) as page:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert faults(page, ("moderate", "serious", "critical")) == []


def test_axe_finds_nothing_serious_after_a_picture_search(
    chromium: Browser, address: str, shop: Shop
) -> None:
    with visitor(chromium, address, bypass_csp=True) as page:
        page.goto("/")
        page.locator("#photo").set_input_files(shop.pictures / SHOE)
        page.locator("#crop-open summary").click()
        assert faults(page) == []


def test_keyboard_alone_reaches_the_results(page: Page) -> None:
    page.goto("/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("combobox", name="Search the shop")).to_be_focused()
    page.keyboard.type("plimsolls")
    page.keyboard.press("Tab")
    expect(page.locator("#photo")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_be_focused()
    expect(page.locator("h1")).to_have_text("Results for “plimsolls”")


@pytest.mark.parametrize("path", PATHS.values(), ids=PATHS.keys())
def test_phone_never_scrolls_sideways(chromium: Browser, address: str, path: str) -> None:
    missing = "404" if path == "/nowhere" else ""
    with visitor(chromium, address, expected=missing, **PHONE) as page:
        page.goto(path)
        page.wait_for_load_state("networkidle")
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_phone_opens_its_filters_and_camera(chromium: Browser, address: str) -> None:
    with visitor(chromium, address, **PHONE) as page:
        page.goto("/search?q=saleor")
        expect(page.locator("label[for=camera]")).to_be_visible()
        expect(page.locator("#filters")).to_be_hidden()
        page.get_by_role("button", name="Filters").tap()
        page.locator("#facets input[value='category:Apparel']").tap()
        page.get_by_role("button", name="Apply").tap()
        expect(page.get_by_role("link", name="Remove filter: Apparel")).to_be_visible()
        expect(page.locator("#filters")).to_be_hidden()


def test_without_scripts_everything_works(chromium: Browser, address: str, shop: Shop) -> None:
    with visitor(chromium, address, java_script_enabled=False) as page:
        page.goto("/")
        page.locator("#photo").set_input_files(shop.pictures / SHOE)
        page.get_by_role("button", name="Search", exact=True).click()
        first = page.locator(".card").first
        expect(first.locator(".card-title")).to_have_text("White Plimsolls")
        expect(first.locator(".badge")).to_have_text("Same photo")
        page.locator("#facets input[value='category:Apparel']").check()
        page.get_by_role("button", name="Apply").click()
        page.wait_for_url(re.compile("picture=.*filter=category"))
        expect(page.locator(".card-title").first).to_have_text("White Plimsolls")
        page.get_by_role("searchbox").fill("blue plimsolls")
        page.get_by_role("button", name="Search", exact=True).click()
        page.wait_for_url(re.compile("q=blue"))
        assert "Blue Plimsolls" in page.locator(".card-title").all_inner_texts()[:2]
        page.locator("#crop-open summary").click()
        page.get_by_role("spinbutton", name="Right").fill("50")
        page.get_by_role("button", name="Search with this part").click()
        page.wait_for_url(re.compile("right=50"))
        expect(page.get_by_role("spinbutton", name="Right")).to_have_value("50")


def test_japanese_browser_is_spoken_to_in_japanese(chromium: Browser, address: str) -> None:
    with visitor(chromium, address, locale="ja-JP") as page:
        page.goto("/")
        expect(page.locator("html")).to_have_attribute("lang", "ja")
        expect(page.locator("h1")).to_have_text("気になるもの、写真で探せます")
        page.get_by_role("combobox", name="商品を検索").fill("ｐｌｉｍｓｏｌｌｓ")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_contain_text("の検索結果")
        expect(page.locator(".card .stock").first).to_have_text("在庫あり")
        page.get_by_role("link", name="English").click()
        expect(page.locator("html")).to_have_attribute("lang", "en")
        expect(page.locator("h1")).to_contain_text("Results for")
