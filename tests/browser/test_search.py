"""A visitor searches with words and pictures, and adjusts the results in place."""

import re

from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import visitor
from tests.browser.searching import SHOE, cards, search_with
from tests.support.shop import Shop


def test_picture_is_searched_at_once_and_its_product_comes_first(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    first = page.locator(".card").first
    expect(first.locator(".card-title")).to_have_text("White Plimsolls")
    expect(first.locator(".badge")).to_have_text("Same photo")
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    expect(page.locator("#status")).to_contain_text("products")
    assert "picture=" in page.url


def test_hits_end_where_nothing_is_alike_and_can_go_on(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    near = page.locator(".card").count()
    assert near < 24
    page.get_by_role("link", name="Show looser matches").click()
    page.wait_for_url(re.compile("alike_only=false"))
    expect(page.locator(".card")).to_have_count(24)
    page.get_by_role("link", name="Show close matches only").click()
    expect(page.locator(".card")).to_have_count(near)


def test_hits_are_ordered_by_price(page: Page) -> None:
    page.goto("/search?q=saleor")
    page.get_by_label("Sort by").focus()
    page.get_by_label("Sort by").select_option("price_up")
    page.wait_for_url(re.compile("sort=price_up"))
    expect(page.get_by_label("Sort by")).to_be_focused()
    prices = [
        float(re.sub(r"[^0-9.]", "", text.split("instead of")[0]))
        for text in page.locator(".card .price").all_inner_texts()
        if text.strip()
    ]
    assert len(prices) > 5
    assert prices == sorted(prices)


def test_price_range_upside_down_is_turned_round(page: Page) -> None:
    page.goto("/search?price_min=90&price_max=10")
    expect(page.get_by_role("spinbutton", name="From")).to_have_value("10")
    expect(page.get_by_role("spinbutton", name="To", exact=True)).to_have_value("90")


def test_sample_needs_no_picture_of_ones_own(page: Page) -> None:
    page.goto("/")
    page.locator(".samples a").first.click()
    expect(page.locator("h1")).to_have_text("Similar products")


def test_words_then_a_facet_then_back(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox", name="Search the shop").fill("saleor")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Results for “saleor”")
    before = cards(page)
    brand = page.locator("#facets input[name=filter][value='brand:Saleor Loom']")
    brand.check()
    page.wait_for_url(re.compile("filter=brand"))
    expect(brand).to_be_focused()
    expect(page.get_by_role("link", name="Remove filter: Saleor Loom")).to_be_visible()
    assert len(cards(page)) < len(before)
    page.go_back()
    expect(page.get_by_role("link", name="Remove filter: Saleor Loom")).to_have_count(0)
    assert cards(page) == before
    page.go_back()
    expect(page.locator(".hero")).to_be_visible()


def test_picture_stays_while_words_and_filters_are_added(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    page.get_by_role("combobox", name="Search the shop").fill("blue")
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("q=blue"))
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    assert cards(page)[0] == "Blue Plimsolls"
    assert "White Plimsolls" not in cards(page), "the same shoe in white is not blue"
    page.get_by_role("spinbutton", name="To", exact=True).fill("79")
    page.keyboard.press("Tab")
    page.wait_for_url(re.compile("price_max=79"))
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()


def test_crop_by_keyboard_changes_the_results_in_place(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    page.locator("#crop-open summary").click()
    right = page.get_by_role("spinbutton", name="Right")
    right.fill("45")
    page.keyboard.press("Tab")
    page.wait_for_url(re.compile("crop="))
    expect(page.locator(".badge").first).not_to_have_text("Same photo")
    expect(page.get_by_role("spinbutton", name="Bottom")).to_be_focused()
    expect(right).to_have_value("45")
    page.go_back()
    expect(page.locator(".badge").first).to_have_text("Same photo")


def test_crop_by_preset_and_back_to_the_whole(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    page.locator("#crop-open summary").click()
    page.get_by_role("button", name="Left half").click()
    page.wait_for_url(re.compile(r"crop=0%2C0%2C0\.5%2C1"))
    page.get_by_role("button", name="Whole photo").click()
    expect(page.locator(".badge").first).to_have_text("Same photo")


def test_crop_by_dragging_a_corner(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    page.get_by_role("img", name="Your photo").evaluate("image => image.decode()")
    corner = page.locator(".crop-frame i").nth(2).bounding_box()
    assert corner is not None
    page.mouse.move(corner["x"] + 12, corner["y"] + 12)
    page.mouse.down()
    page.mouse.move(corner["x"] - 80, corner["y"] - 60, steps=4)
    page.mouse.up()
    page.wait_for_url(re.compile("crop="))
    crop = re.search(r"crop=0%2C0%2C(0\.\d+)%2C(0\.\d+)", page.url)
    assert crop is not None
    assert all(0.4 < float(edge) < 0.9 for edge in crop.groups())


def test_broken_picture_is_explained_and_the_page_stays(chromium: Browser, address: str) -> None:
    with visitor(chromium, address, expected="415") as page:
        page.goto("/search?q=saleor")
        broken = {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"}
        page.locator("#photo").set_input_files(broken)  # type: ignore[arg-type]
        notice = page.get_by_role("alert")
        expect(notice).to_contain_text("Send a JPEG, PNG, WebP, GIF, AVIF or HEIC")
        expect(page.locator("h1")).to_have_text("Results for “saleor”")
        notice.get_by_role("button", name="Close this message").click()
        expect(notice).to_be_hidden()


def test_shop_out_of_reach_is_told(chromium: Browser, address: str) -> None:
    with visitor(chromium, address, expected="ERR_FAILED") as page:
        page.goto("/")
        page.wait_for_load_state("networkidle")
        page.route("**/search**", lambda route: route.abort())
        page.get_by_role("combobox", name="Search the shop").fill("mug")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("cannot be reached")
        assert page.locator("[aria-busy]").count() == 0


def test_waiting_is_visible(page: Page, shop: Shop) -> None:
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.evaluate(
        """() => new MutationObserver(() => document.body.dataset.waited = "yes")
           .observe(document.getElementById("page"), { attributeFilter: ["aria-busy"] })"""
    )
    page.locator("#photo").set_input_files(shop.pictures / SHOE)
    expect(page.locator("h1")).to_have_text("Matches for your photo")
    assert page.evaluate("document.body.dataset.waited") == "yes"
    assert page.locator("[aria-busy]").count() == 0
