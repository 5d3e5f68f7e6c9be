"""A visitor searches with words and pictures, and adjusts the results in place."""

import base64
import re

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import visitor
from tests.support.shop import Shop

SHOE = "saleor-white-plimsolls-1.png"

HAND_OVER = """
([how, encoded]) => {
  const bytes = Uint8Array.from(atob(encoded), (letter) => letter.charCodeAt(0));
  const transfer = new DataTransfer();
  transfer.items.add(new File([bytes], "photo.png", { type: "image/png" }));
  const event = how === "paste"
    ? new ClipboardEvent("paste", { clipboardData: transfer, bubbles: true, cancelable: true })
    : new DragEvent("drop", { dataTransfer: transfer, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
}
"""


def cards(page: Page) -> list[str]:
    return page.locator(".card-title").all_inner_texts()


def search_with(page: Page, shop: Shop, *names: str) -> None:
    page.goto("/")
    page.locator("#photo").set_input_files([shop.pictures / name for name in names])
    expect(page.locator("h1")).to_have_text("Matches for your photo")


def test_picture_is_searched_at_once_and_its_product_comes_first(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    first = page.locator(".card").first
    expect(first.locator(".card-title")).to_have_text("White Plimsolls")
    expect(first.locator(".badge")).to_have_text("Same file")
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    expect(page.get_by_role("status")).to_contain_text("32 products")
    assert "picture=" in page.url


def test_preview_outlives_a_reload(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    # It is shown once the tab has kept it, a moment after the results.
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    page.reload()
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    expect(page.locator(".card-title").first).to_have_text("White Plimsolls")


def test_shared_address_shows_the_results_without_the_photo(
    page: Page, chromium: Browser, address: str, shop: Shop
) -> None:
    search_with(page, shop, SHOE)
    with visitor(chromium, address) as friend:
        friend.goto(page.url)
        expect(friend.locator(".card-title").first).to_have_text("White Plimsolls")
        expect(friend.get_by_text("The photo itself was not stored")).to_be_visible()
        friend.get_by_text("Crop photo").click()
        expect(friend.get_by_label("Choose the photo again")).to_be_visible()


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_picture_can_be_handed_over(page: Page, shop: Shop, how: str) -> None:
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.evaluate(HAND_OVER, [how, base64.b64encode(shop.picture(SHOE)).decode()])
    expect(page.locator(".card .badge").first).to_have_text("Same file")


def test_several_pictures_are_searched_together(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE, "saleor-blue-plimsolls-1.png")
    expect(page.get_by_role("img", name="Your photo")).to_have_count(2)
    assert set(cards(page)[:2]) == {"White Plimsolls", "Blue Plimsolls"}


def test_sample_needs_no_picture_of_ones_own(page: Page) -> None:
    page.goto("/")
    page.locator(".samples a").first.click()
    expect(page.locator("h1")).to_have_text("Similar products")


def test_words_then_a_facet_then_back(page: Page) -> None:
    page.goto("/")
    page.get_by_role("combobox").fill("saleor")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Results for “saleor”")
    before = cards(page)
    brand = page.locator("input[name=filter][value='brand:Saleor Loom']")
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
    page.get_by_role("combobox").fill("blue")
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
    page.get_by_text("Crop photo").click()
    right = page.get_by_role("spinbutton", name="Right")
    right.fill("45")
    page.keyboard.press("Tab")
    page.wait_for_url(re.compile("crop="))
    expect(page.locator(".badge").first).not_to_have_text("Same file")
    expect(page.get_by_role("spinbutton", name="Bottom")).to_be_focused()
    expect(right).to_have_value("45")
    page.go_back()
    expect(page.locator(".badge").first).to_have_text("Same file")


def test_crop_by_preset_and_back_to_the_whole(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    page.get_by_text("Crop photo").click()
    page.get_by_role("button", name="Left half").click()
    page.wait_for_url(re.compile(r"crop=0%2C0%2C0\.5%2C1"))
    page.get_by_role("button", name="Whole photo").click()
    expect(page.locator(".badge").first).to_have_text("Same file")


def test_proposed_part_is_searched_by_pressing_its_spot(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    spot = page.get_by_role("button", name="Search with part 1")
    edges = [float(edge) / 100 for edge in (spot.get_attribute("data-edges") or "").split()]
    spot.click()
    page.wait_for_url(re.compile("crop="))
    crop = re.search(r"crop=([\d.]+)%2C([\d.]+)%2C([\d.]+)%2C([\d.]+)", page.url)
    assert crop is not None
    assert [float(edge) for edge in crop.groups()] == pytest.approx(edges, abs=0.001)
    expect(page.locator(".card-title").first).to_contain_text("Plimsolls")
    # The spots stay for another try, and a keyboard reaches them.
    page.get_by_role("button", name="Search with part 1").focus()
    expect(page.get_by_role("button", name="Search with part 1")).to_be_focused()


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


def test_broken_picture_is_explained_and_back_returns(chromium: Browser, address: str) -> None:
    with visitor(chromium, address, expected="415") as page:
        page.goto("/")
        broken = {"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"}
        page.locator("#photo").set_input_files(broken)  # type: ignore[arg-type]
        expect(page.locator("h1")).to_have_text("That didn’t work")
        expect(page.locator("main")).to_contain_text("Send a JPEG, PNG, WebP, GIF, AVIF or HEIC")
        page.get_by_role("link", name="Back to the shop").click()
        expect(page.locator(".hero")).to_be_visible()


def test_shop_out_of_reach_is_told(chromium: Browser, address: str) -> None:
    with visitor(chromium, address, expected="ERR_FAILED") as page:
        page.goto("/")
        page.wait_for_load_state("networkidle")
        page.route("**/search**", lambda route: route.abort())
        page.get_by_role("combobox").fill("mug")
        page.keyboard.press("Enter")
        expect(page.locator("#search-hint")).to_contain_text("cannot be reached")
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
