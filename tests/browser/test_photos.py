"""A photo is sent once, and its crops, its preview and its address refer to it."""

import base64
import re
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import visitor
from tests.browser.searching import SHOE, cards, search_with
from tests.support.shop import Shop

COUNT_SENT = """
window.sent = 0;
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (body) {
  for (const part of body?.values() ?? []) window.sent += part.size ?? 0;
  return send.call(this, body);
};
"""

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


def test_preview_outlives_a_reload(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE)
    # It is shown once the tab has kept it, a moment after the results.
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    page.reload()
    expect(page.get_by_role("img", name="Your photo")).to_be_visible()
    expect(page.locator(".card-title").first).to_have_text("White Plimsolls")


def test_shared_address_shows_the_photo_and_how_long_it_lives(
    page: Page, chromium: Browser, address: str, shop: Shop
) -> None:
    search_with(page, shop, SHOE)
    with visitor(chromium, address) as friend:
        friend.goto(page.url)
        expect(friend.locator(".card-title").first).to_have_text("White Plimsolls")
        expect(friend.get_by_text("It is deleted in")).to_be_visible()
        picture = friend.locator("meta[property='og:image']").get_attribute("content") or ""
        assert "/images/" in picture, "a chat app is shown the best match, not the photo"
        friend.locator("#crop-open summary").click()
        friend.get_by_role("button", name="Left half").click()
        friend.wait_for_url(re.compile("crop="))


def test_crop_sends_no_picture(page: Page, shop: Shop) -> None:
    page.add_init_script(COUNT_SENT)
    search_with(page, shop, SHOE)
    once = page.evaluate("sent")
    assert once > 1_000
    page.locator("#crop-open summary").click()
    page.get_by_role("button", name="Left half").click()
    page.wait_for_url(re.compile("crop="))
    assert page.evaluate("sent") == once


def test_large_photo_is_scaled_before_it_is_sent(page: Page, shop: Shop, tmp_path: Path) -> None:
    with Image.open(shop.pictures / SHOE) as image:
        image.convert("RGB").resize((3200, 2400)).save(tmp_path / "large.png")
    page.add_init_script(COUNT_SENT)
    page.goto("/")
    page.locator("#photo").set_input_files(tmp_path / "large.png")
    expect(page.locator("h1")).to_have_text("Matches for your photo")
    assert 1_000 < page.evaluate("sent") < (tmp_path / "large.png").stat().st_size / 3
    stored = page.get_by_role("img", name="Your photo")
    assert stored.evaluate("image => image.decode().then(() => image.naturalWidth)") <= 1600


def test_file_over_the_limit_is_refused_before_it_is_sent(page: Page, tmp_path: Path) -> None:
    (tmp_path / "huge.jpg").write_bytes(bytes(40_000_000))
    page.goto("/")
    page.wait_for_load_state("networkidle")
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.method))
    page.locator("#photo").set_input_files(tmp_path / "huge.jpg")
    expect(page.get_by_role("alert")).to_contain_text("has 40 MB; at most 32 MB")
    expect(page.locator(".hero")).to_be_visible()
    assert "POST" not in requests


def test_sending_can_be_watched_and_cancelled(page: Page, shop: Shop) -> None:
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.route("**/search", lambda route: None)
    page.locator("#photo").set_input_files(shop.pictures / SHOE)
    panel = page.get_by_role("region", name="Your photo")
    expect(panel.get_by_text("Sending your photo…")).to_be_visible()
    expect(panel.locator("img")).to_have_count(1)
    panel.get_by_role("button", name="Cancel").click()
    expect(panel).to_have_count(0)
    expect(page.locator(".hero")).to_be_visible()
    assert page.locator("[aria-busy]").count() == 0


def test_one_of_several_pictures_is_taken_off(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE, "saleor-blue-plimsolls-1.png")
    page.get_by_role("link", name="Search without photo 2").click()
    expect(page.get_by_role("img", name="Your photo")).to_have_count(1)
    assert cards(page)[0] == "White Plimsolls"


def test_blank_picture_finds_nothing_and_says_so(page: Page, tmp_path: Path) -> None:
    Image.new("RGB", (640, 480), "white").save(tmp_path / "blank.png")
    page.goto("/")
    page.locator("#photo").set_input_files(tmp_path / "blank.png")
    expect(page.get_by_text("The photo is blank or all of one colour.")).to_be_visible()
    expect(page.locator(".card")).to_have_count(0)


@pytest.mark.parametrize("how", ["paste", "drop"])
def test_picture_can_be_handed_over(page: Page, shop: Shop, how: str) -> None:
    page.goto("/")
    page.wait_for_load_state("networkidle")
    page.evaluate(HAND_OVER, [how, base64.b64encode(shop.picture(SHOE)).decode()])
    expect(page.locator(".card .badge").first).to_have_text("Same photo")


def test_several_pictures_are_searched_together(page: Page, shop: Shop) -> None:
    search_with(page, shop, SHOE, "saleor-blue-plimsolls-1.png")
    expect(page.get_by_role("img", name="Your photo")).to_have_count(2)
    assert set(cards(page)[:2]) == {"White Plimsolls", "Blue Plimsolls"}
