"""Searching the shop's pages, as several tests do."""

from playwright.sync_api import Page, expect

from tests.support.shop import Shop

SHOE = "saleor-white-plimsolls-1.png"


def cards(page: Page) -> list[str]:
    return page.locator(".card-title").all_inner_texts()


def search_with(page: Page, shop: Shop, *names: str) -> None:
    page.goto("/")
    page.locator("#photo").set_input_files([shop.pictures / name for name in names])
    expect(page.locator("h1")).to_have_text("Matches for your photo")
