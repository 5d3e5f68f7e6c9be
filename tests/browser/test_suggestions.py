"""The search box suggests while somebody types: by keyboard, by pointer, in both languages."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from bench.instruments.browser import PHONE
from bench.instruments.web_server import run_server
from tests.browser.conftest import faults, visitor
from tests.support.shop import Shop


@pytest.fixture(scope="module")
def address(word_shop: Shop) -> Iterator[str]:
    with run_server(word_shop.environment) as site:
        yield site.address


@pytest.fixture
def page(chromium: Browser, address: str) -> Iterator[Page]:
    with visitor(chromium, address) as page:
        page.goto("/")
        yield page


def box(page: Page) -> Locator:
    return page.locator("#q")


def options(page: Page) -> Locator:
    return page.get_by_role("option")


def type_words(page: Page, words: str) -> None:
    box(page).press_sequentially(words)
    expect(options(page).first).to_be_visible()


def test_suggestions_open_while_typing_and_mark_what_was_typed(page: Page) -> None:
    type_words(page, "sca")
    expect(box(page)).to_have_attribute("aria-expanded", "true")
    expect(options(page).first).to_contain_text("Scarves")
    expect(options(page).first).to_contain_text("Category · Fashion")
    assert set(page.locator(".suggestion mark").all_inner_texts()) == {"Sca", "sca"}
    expect(page.locator("#status")).to_have_text("4 suggestions")
    box(page).fill("zzzz")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box(page)).to_have_attribute("aria-expanded", "false")


def test_arrows_choose_enter_opens_and_escape_closes(page: Page) -> None:
    type_words(page, "scar")
    page.keyboard.press("ArrowDown")
    expect(box(page)).to_have_attribute("aria-activedescendant", "suggestion-0")
    expect(options(page).first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowUp")
    expect(box(page)).not_to_have_attribute("aria-activedescendant", "suggestion-0")
    page.keyboard.press("ArrowUp")
    expect(options(page).last).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(box(page)).to_have_value("scar")
    page.keyboard.press("ArrowDown")
    expect(options(page).first).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Remove filter: Fashion › Scarves")).to_be_visible()
    expect(page.locator("h1")).to_be_focused()


def test_enter_without_a_choice_searches_for_what_was_typed(page: Page) -> None:
    type_words(page, "silk")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_have_text("Results for “silk”")
    expect(page.get_by_role("listbox")).to_be_hidden()


def test_product_is_opened_by_pointer(page: Page) -> None:
    type_words(page, "bookc")
    options(page).filter(has_text="Bookcase").click()
    page.wait_for_url("**/products/shelf-1")
    expect(page.locator("h1")).to_have_text("Bookcase, five shelves")


def test_leaving_the_box_closes_the_list(page: Page) -> None:
    type_words(page, "sca")
    page.keyboard.press("Tab")
    expect(page.get_by_role("listbox")).to_be_hidden()
    expect(page.get_by_label("Search by photo")).to_be_focused()


def test_recent_searches_stay_in_the_browser_and_can_be_cleared(
    page: Page, chromium: Browser, address: str
) -> None:
    for words in ("silk scarf", "desk lamp"):
        box(page).fill(words)
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text(f"Results for “{words}”")
    page.goto("/")
    box(page).click()
    recent = page.locator(".suggestion-text")
    expect(recent).to_have_text(["desk lamp", "silk scarf"])
    options(page).nth(1).click()
    expect(page.locator("h1")).to_have_text("Results for “silk scarf”")
    page.goto("/")
    box(page).click()
    expect(recent).to_have_text(["silk scarf", "desk lamp"])
    page.get_by_role("button", name="Clear recent searches").click()
    expect(options(page)).to_have_count(0)
    page.reload()
    box(page).click()
    expect(options(page)).to_have_count(0)
    with visitor(chromium, address) as stranger:
        stranger.goto("/")
        box(stranger).click()
        expect(options(stranger)).to_have_count(0)


def test_composing_japanese_asks_and_submits_only_what_is_committed(
    chromium: Browser, address: str
) -> None:
    with visitor(chromium, address, locale="ja-JP") as page:
        page.goto("/")
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        box(page).click()
        keys = page.context.new_cdp_session(page)
        for composed in ("く", "くつ", "くつし", "靴下"):
            length = len(composed)
            keys.send(
                "Input.imeSetComposition",
                {"text": composed, "selectionStart": length, "selectionEnd": length},
            )
            # The Enter that picks a candidate goes to the input method, as key 229.
            keys.send(
                "Input.dispatchKeyEvent",
                {"type": "keyDown", "key": "Enter", "windowsVirtualKeyCode": 229},
            )
        page.wait_for_timeout(400)  # longer than typing waits for: nothing may come
        assert [url for url in asked if "suggest" in url or "/search" in url] == []
        keys.send("Input.insertText", {"text": "靴下"})
        expect(options(page).first).to_contain_text("靴下")
        expect(options(page).first).to_contain_text("カテゴリ")
        assert sum("suggest?" in url for url in asked) == 1
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("「靴下」の検索結果")


def test_typing_fast_asks_once(page: Page) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    type_words(page, "scarves")
    assert len([url for url in asked if "suggest?" in url]) <= 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("language", ["en-GB", "ja-JP"])
def test_axe_finds_nothing_serious_in_the_open_list(
    chromium: Browser, address: str, scheme: str, language: str
) -> None:
    with visitor(chromium, address, color_scheme=scheme, locale=language, bypass_csp=True) as page:
        page.goto("/")
        type_words(page, "ハンカ" if language == "ja-JP" else "sca")
        page.keyboard.press("ArrowDown")
        assert faults(page) == []


def test_list_fits_a_phone(chromium: Browser, address: str) -> None:
    with visitor(chromium, address, **PHONE) as page:
        page.goto("/")
        type_words(page, "s")
        frame = page.locator("#suggestions").bounding_box()
        assert frame is not None
        assert frame["x"] >= 0
        assert frame["x"] + frame["width"] <= 390
        assert page.evaluate("document.documentElement.scrollWidth") == 390


def test_unanswered_suggestions_do_not_stand_in_the_way(chromium: Browser, address: str) -> None:
    with visitor(chromium, address, expected="ERR_FAILED") as page:
        page.goto("/")
        page.route("**/suggest**", lambda route: route.abort())
        box(page).press_sequentially("silk")
        page.keyboard.press("Enter")
        expect(page.locator("h1")).to_have_text("Results for “silk”")


@pytest.mark.parametrize(
    ("language", "shown", "link"),
    [
        ("en-GB", "Showing results for “saucepan”.", "Search instead for “suacepan”"),
        ("ja-JP", "「saucepan」の検索結果を表示しています。", "「suacepan」のまま検索"),
    ],
)
def test_corrected_search_says_so_and_can_be_asked_literally(
    chromium: Browser, address: str, language: str, shown: str, link: str
) -> None:
    with visitor(chromium, address, locale=language) as page:
        page.goto("/search?q=suacepan")
        expect(page.locator(".corrected")).to_contain_text(shown)
        expect(page.locator(".card-title").first).to_have_text("Saucepan")
        page.get_by_role("link", name=link).click()
        page.wait_for_url("**literal=true**")
        expect(page.locator(".corrected")).to_have_count(0)
        expect(page.locator(".card")).to_have_count(0)
