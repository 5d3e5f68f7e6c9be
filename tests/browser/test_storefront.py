"""What a shopper does beside searching: looks closely, marks favourites, goes on, comes back."""

import json
import re

from playwright.sync_api import Browser, Page, expect

from bench.instruments.browser import PHONE
from tests.browser.conftest import visitor
from tests.support.shop import Shop

SHOE = "saleor-white-plimsolls-1.png"


def test_favourite_is_found_again_and_taken_off(page: Page) -> None:
    page.goto("/search?q=plimsolls")
    heart = page.get_by_role("button", name="Favourite: White Plimsolls")
    expect(heart).to_have_attribute("aria-pressed", "false")
    heart.press("Enter")
    expect(heart).to_have_attribute("aria-pressed", "true")
    page.get_by_role("link", name="Favourites").click()
    expect(page.locator(".card-title")).to_have_text(["White Plimsolls"])
    page.get_by_role("button", name="Favourite: White Plimsolls").click()
    page.goto("/favourites")
    expect(page.get_by_text("No favourites yet")).to_be_visible()


def test_favourite_that_left_the_shop_is_told(page: Page) -> None:
    page.goto("/favourites?id=saleor-127&id=nobody")
    expect(page.locator(".card-title")).to_have_text(["White Plimsolls"])
    expect(page.get_by_text("1 product is no longer in the shop.")).to_be_visible()


def test_quick_view_opens_over_the_results_and_gives_the_focus_back(page: Page) -> None:
    page.goto("/search?q=plimsolls")
    button = page.get_by_role("button", name="Quick view: White Plimsolls")
    button.press("Enter")
    dialog = page.get_by_role("dialog", name="White Plimsolls")
    expect(dialog.get_by_text("$80.00")).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button).to_be_focused()


def test_pictures_are_looked_at_closely_by_keyboard(page: Page) -> None:
    page.goto("/products/saleor-127")
    page.locator(".gallery-thumbs a").nth(1).press("Enter")
    main = page.locator(".gallery-main img")
    expect(main).to_have_attribute("alt", "White Plimsolls, picture 2")
    page.locator(".gallery-main").press("Enter")
    zoom = page.get_by_role("dialog", name="Look at the picture closely")
    expect(zoom.locator("img")).to_have_attribute("alt", "White Plimsolls, picture 2")
    page.keyboard.press("ArrowRight")
    expect(zoom.locator("img")).to_have_attribute("alt", "White Plimsolls, picture 3")
    zoom.get_by_role("button", name="Zoom in").press("Enter")
    expect(zoom.get_by_role("button", name="Zoom in")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")
    expect(zoom).to_be_hidden()
    expect(main).to_have_attribute("alt", "White Plimsolls, picture 3")


def test_product_tells_search_engines_and_chat_apps_what_it_is(page: Page) -> None:
    page.goto("/products/saleor-127")
    texts = page.locator("script[type='application/ld+json']").all_text_contents()
    product, way = (json.loads(text) for text in texts)
    assert (product["@type"], product["name"]) == ("Product", "White Plimsolls")
    assert product["offers"]["price"] == "80.00"
    assert product["offers"]["priceCurrency"] == "USD"
    assert way["itemListElement"][-1]["name"] == "White Plimsolls"
    picture = page.locator("meta[property='og:image']").get_attribute("content")
    assert picture in product["image"]
    assert page.request.get(str(picture)).headers["content-type"] == "image/jpeg"


def test_breadcrumbs_lead_back_to_the_category(page: Page) -> None:
    page.goto("/products/saleor-127")
    crumbs = page.get_by_role("navigation", name="You are here")
    expect(crumbs.get_by_role("link").first).to_have_text("Shop")
    name = crumbs.get_by_role("link").nth(1).inner_text()
    crumbs.get_by_role("link").nth(1).click()
    expect(page.locator("h1")).to_have_text(name)


def test_more_hits_are_added_below_and_pages_are_numbered(page: Page) -> None:
    page.goto("/search")
    expect(page.locator(".card")).to_have_count(24)
    page.get_by_role("link", name="Show more").click()
    expect(page.locator(".card")).to_have_count(32)
    titles = page.locator(".card-title a").evaluate_all("links => links.map((link) => link.href)")
    assert len(set(titles)) == 32
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Page 1").click()
    expect(page.locator(".card")).to_have_count(24)


def test_whole_card_is_one_link(page: Page) -> None:
    page.goto("/search?q=plimsolls")
    card = page.locator(".card", has_text="White Plimsolls")
    assert card.locator("a[href='/products/saleor-127']").count() == 1
    card.click(position={"x": 20, "y": 20})
    expect(page.locator("h1")).to_have_text("White Plimsolls")


def test_phone_keeps_the_photo_in_sight_and_crops_in_a_sheet(
    chromium: Browser, address: str, shop: Shop
) -> None:
    with visitor(chromium, address, **PHONE) as page:
        page.goto("/")
        page.locator("#photo").set_input_files(shop.pictures / SHOE)
        expect(page.locator("h1")).to_have_text("Matches for your photo")
        first = page.locator(".card").first.bounding_box()
        assert first is not None
        assert first["y"] < 330, "the first card is in sight at once"
        page.mouse.wheel(0, 1500)
        expect(page.locator(".strip")).to_be_in_viewport()
        page.get_by_role("button", name="Crop photo").tap()
        sheet = page.locator("#query")
        box = sheet.bounding_box()
        assert box is not None
        assert (box["y"], box["height"]) == (0, 844)
        page.locator("#crop-open summary").tap()
        page.get_by_role("button", name="Left half").tap()
        page.wait_for_url(re.compile("crop="))
        expect(sheet).to_be_visible()
        sheet.get_by_role("button", name="Show results").tap()
        expect(sheet).to_be_hidden()
