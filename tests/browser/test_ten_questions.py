"""Ten questions in each language, as shoppers type them: the first hit, and what chips undo."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bench.instruments.web_server import run_server
from core.environment import Environment
from tests.browser.conftest import visitor
from tests.support.shop import Shop

SYNONYMS = "sneakers, trainers\n"

ENGLISH = [
    ("red scarf", ["Wool scarf"], ["Colour: red", "Category: scarf"]),
    ("pdl 3051", ["Rain boots"], []),
    ("rain boots 31", ["Rain boots"], ["Category: boots", "Size: 31"]),
    ("suacepan", ["Saucepan"], []),
    ("bookcases", ["Bookcase, five shelves"], []),
    ("book case", ["Bookcase, five shelves"], []),
    ("saucepan without lid", ["Saucepan"], ["without lid"]),
    ("scarf under 20 euros", ["Cotton scarf"], ["Category: scarf", "under 20 euros"]),
    ("karst", ["Hiking boots", "Canvas trainers"], ["Brand: karst"]),
    ("sneakers", ["Canvas trainers"], []),
]

JAPANESE = [
    ("靴下", ["ウールの靴下"], ["カテゴリ: 靴下"]),
    ("ｲﾔﾎﾝ", ["防水イヤホン"], []),
    ("イス", ["折りたたみ椅子"], ["カテゴリ: イス"]),
    ("黒い靴", ["本革のビジネスシューズ"], ["カラー: 黒い", "カテゴリ: 靴"]),
    ("赤", ["コットンのハンカチ"], ["カラー: 赤"]),
    ("山猫堂 5000円以下", ["布のスニーカー", "ウールの靴下"], ["ブランド: 山猫堂", "5000円以下"]),
    ("靴 サイズ 26cm", ["本革のビジネスシューズ"], ["カテゴリ: 靴", "サイズ: 26cm"]),
    ("花柄", ["コットンのハンカチ"], []),
    ("めがね", ["読書用の眼鏡"], []),
    ("森工房", ["折りたたみ椅子", "折りたたみ机"], ["ブランド: 森工房"]),
]


@pytest.fixture(scope="module")
def address(word_shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    synonyms: Path = tmp_path_factory.mktemp("shop") / "synonyms.txt"
    synonyms.write_text(SYNONYMS, encoding="utf-8")
    settings = {**word_shop.environment.values, "LOOKALIKE_SYNONYMS": str(synonyms)}
    with run_server(Environment(settings)) as site:
        yield site.address


def ask(page: Page, words: str) -> None:
    page.goto("/")
    page.locator("#q").press_sequentially(words)
    page.keyboard.press("Enter")
    expect(page.locator("h1#heading")).to_contain_text(words)


def titles(page: Page) -> list[str]:
    return page.locator(".card-title").all_inner_texts()


def chips(page: Page) -> list[str]:
    return page.locator(".chips.reading a").all_inner_texts()


def check(page: Page, words: str, first: list[str], shown: list[str]) -> None:
    """Ask, compare the first hits and the chips, and take off each chip in turn."""
    ask(page, words)
    assert set(titles(page)[: len(first)]) == set(first), titles(page)
    assert chips(page) == shown
    asked, before = page.url, page.locator("#count").inner_text()
    for number in range(len(shown)):
        page.goto(asked)
        page.locator(".chips.reading a").nth(number).click()
        page.wait_for_url(lambda url: url != asked)
        assert len(chips(page)) < len(shown)
        assert page.locator("#count").inner_text() != before, f"{shown[number]} changed nothing"


@pytest.mark.parametrize(("words", "first", "shown"), ENGLISH, ids=lambda value: str(value)[:24])
def test_question_in_english(
    chromium: Browser, address: str, words: str, first: list[str], shown: list[str]
) -> None:
    with visitor(chromium, address) as page:
        check(page, words, first, shown)


@pytest.mark.parametrize(("words", "first", "shown"), JAPANESE, ids=lambda value: str(value)[:24])
def test_question_in_japanese(
    chromium: Browser, address: str, words: str, first: list[str], shown: list[str]
) -> None:
    with visitor(chromium, address, locale="ja-JP") as page:
        check(page, words, first, shown)


def test_typo_is_corrected_in_sight(chromium: Browser, address: str) -> None:
    with visitor(chromium, address) as page:
        ask(page, "suacepan")
        expect(page.locator(".corrected")).to_contain_text("Showing results for “saucepan”.")


def test_every_chip_taken_off_leaves_the_whole_shop(chromium: Browser, address: str) -> None:
    with visitor(chromium, address) as page:
        ask(page, "navy boots under 50 euros")
        while chips(page):
            before = page.url
            page.locator(".chips.reading a").first.click()
            page.wait_for_url(lambda url, before=before: url != before)  # type: ignore[misc]
        assert not re.search(r"[?&]q=", page.url)
        expect(page.locator("h1")).to_have_text("All products")
