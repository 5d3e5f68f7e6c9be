"""A photo of several things: its parts as tabs and dots, and ways to crop by hand, tap and key."""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bench.instruments.browser import PHONE
from bench.look.grounds import draw_ground
from tests.browser.conftest import faults, visitor
from tests.support.shop import Shop

GOODS = {
    "White Plimsolls": "saleor-white-plimsolls-1.png",
    "Mighty Mug": "saleor-mighty-mug.png",
    "The Dash Cushion": "saleor-cushion-blue.png",
}
LEAST_TARGET = 24
"""Pixels of a target's side (WCAG 2.5.8)."""

SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""

IS_FOCUS_VISIBLE = """
() => {
  const { left, top, right, bottom } = document.activeElement.getBoundingClientRect();
  const inset = 2;
  const corners = [[left + inset, top + inset], [right - inset, bottom - inset],
                   [(left + right) / 2, (top + bottom) / 2]];
  return corners.some(([x, y]) => {
    const there = document.elementFromPoint(x, y);
    const focus = document.activeElement;
    return there && (focus.contains(there) || there.contains(focus));
  });
}
"""


@pytest.fixture(scope="module")
def scene(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three products of the shop on a wooden table, from left to right."""
    ground = draw_ground("wood", (1200, 600), np.random.default_rng(5))
    for number, name in enumerate(GOODS.values()):
        with Image.open(shop.pictures / name) as opened:
            goods = opened.convert("RGBA").resize((320, 320))
        ground.paste(goods, (40 + 400 * number, 140), goods)
    path = tmp_path_factory.mktemp("scene") / "scene.jpg"
    ground.save(path, quality=90)
    return path


def look_at(page: Page, scene: Path, language: str = "en") -> None:
    """Search with the scene, and wait for its parts."""
    page.goto(f"/?lang={language}")
    page.wait_for_load_state("networkidle")
    page.locator("#photo").set_input_files(scene)
    expect(page.locator("#look-3")).to_be_visible()


@pytest.fixture
def looking(page: Page, scene: Path) -> Page:
    look_at(page, scene)
    return page


@pytest.fixture
def phone(chromium: Browser, address: str, scene: Path) -> Iterator[Page]:
    with visitor(chromium, address, **PHONE) as page:
        page.add_init_script(SHIFTS)
        look_at(page, scene)
        yield page


def near_titles(page: Page) -> list[list[str]]:
    """Return the first titles of each part, opened one after the other."""
    found = []
    for place in range(1, page.locator(".look-tab").count()):
        page.locator(f"#look-{place}").click()
        expect(page.locator(f"#look-{place}")).to_have_attribute("aria-selected", "true")
        expect(page.locator("#page[aria-busy]")).to_have_count(0)
        found.append(page.locator(".card-title").all_inner_texts()[:3])
    return found


def test_whole_photo_is_shown_first_and_every_thing_has_a_tab(looking: Page) -> None:
    expect(looking.get_by_role("tab", name="Whole photo")).to_have_attribute(
        "aria-selected", "true"
    )
    assert "crop=" not in looking.url
    assert looking.get_by_role("tab").count() <= 7
    found = near_titles(looking)
    places = [next(n for n, near in enumerate(found) if title in near) for title in GOODS]
    assert places == sorted(set(places)), "parts come in reading order"


def test_dots_are_named_large_enough_and_choose_their_part(looking: Page) -> None:
    dots = looking.locator(".region a")
    assert 3 <= dots.count() <= 6
    for dot in dots.all():
        box = dot.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= LEAST_TARGET
        assert (dot.get_attribute("aria-label") or "").startswith("Search with: ")
    dots.nth(1).click()
    expect(looking.locator("#look-2")).to_have_attribute("aria-selected", "true")
    looking.wait_for_url(re.compile("crop="))


def test_matches_of_a_part_show_before_the_page_comes(looking: Page) -> None:
    looking.route("**/search?*", lambda route: None)
    looking.locator("#look-2").click()
    expect(looking.locator("#found[data-ready] .card").first).to_be_visible()


def test_address_holds_the_part_and_back_leads_to_the_whole(looking: Page) -> None:
    looking.locator("#look-1").click()
    looking.wait_for_url(re.compile("crop="))
    looking.reload()
    expect(looking.locator("#look-1")).to_have_attribute("aria-selected", "true")
    looking.go_back()
    expect(looking.get_by_role("tab", name="Whole photo")).to_have_attribute(
        "aria-selected", "true"
    )
    assert "crop=" not in looking.url


def test_tabs_are_chosen_by_keyboard_and_keep_the_focus(looking: Page) -> None:
    looking.locator("#look-whole").focus()
    looking.keyboard.press("ArrowRight")
    expect(looking.locator("#look-1")).to_be_focused()
    looking.keyboard.press("End")
    looking.keyboard.press("Home")
    looking.keyboard.press("ArrowRight")
    looking.keyboard.press("Enter")
    looking.wait_for_url(re.compile("crop="))
    expect(looking.locator("#look-1")).to_be_focused()
    expect(looking.locator("#look-1")).to_have_attribute("aria-selected", "true")


def test_circle_becomes_its_box(looking: Page) -> None:
    stage = looking.locator(".crop-stage").bounding_box()
    assert stage is not None
    points = [(0.05, 0.5), (0.15, 0.25), (0.3, 0.5), (0.15, 0.8), (0.06, 0.55)]
    places = [
        (stage["x"] + across * stage["width"], stage["y"] + down * stage["height"])
        for across, down in points
    ]
    looking.mouse.move(*places[0])
    looking.mouse.down()
    for place in places[1:]:
        looking.mouse.move(*place, steps=4)
    expect(looking.locator(".crop-trace")).to_have_count(1)
    looking.mouse.up()
    looking.wait_for_url(re.compile("crop="))
    crop = re.search(r"crop=([\d.]+)%2C([\d.]+)%2C([\d.]+)%2C([\d.]+)", looking.url)
    assert crop is not None
    edges = [float(edge) for edge in crop.groups()]
    assert edges == pytest.approx([0.05, 0.25, 0.3, 0.8], abs=0.02)
    expect(looking.get_by_role("tab", name="Your crop")).to_have_attribute("aria-selected", "true")


def test_crop_by_taps_alone(phone: Page) -> None:
    phone.locator(".strip-query").tap()
    phone.locator("#crop-open summary").tap()
    less = phone.get_by_role("button", name="Right: 5 % less")
    for _ in range(3):
        less.tap()
    phone.wait_for_url(re.compile(r"crop=0%2C0%2C0\.85%2C1"))
    phone.locator(".crop-stage").tap(position={"x": 50, "y": 90})
    phone.wait_for_url(lambda url: "0.85" not in url)
    phone.locator(".sheet-done").tap()
    assert phone.locator(".card").count() > 0


def test_focus_is_never_hidden_behind_what_is_pinned(looking: Page) -> None:
    looking.locator("#look-whole").focus()
    for key in ["Tab"] * 40 + ["Shift+Tab"] * 60:
        looking.keyboard.press(key)
        assert looking.evaluate(IS_FOCUS_VISIBLE), looking.evaluate(
            "document.activeElement.outerHTML.slice(0, 200)"
        )


def test_parts_shift_nothing(phone: Page) -> None:
    assert phone.evaluate("window.shifted") <= 0.05


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [{}, PHONE], ids=["desktop", "phone"])
def test_everyone_can_use_the_parts(
    chromium: Browser,
    address: str,
    scene: Path,
    language: str,
    scheme: str,
    screen: dict[str, object],
) -> None:
    settings = {"color_scheme": scheme, "bypass_csp": True, **screen}
    with visitor(chromium, address, **settings) as page:
        look_at(page, scene, language)
        assert faults(page, ("moderate", "serious", "critical")) == []
        page.locator("#look-1").click()
        page.wait_for_url(re.compile("crop="))
        expect(page.locator("#look-1")).to_have_attribute("aria-selected", "true")
        assert faults(page, ("moderate", "serious", "critical")) == []
        width = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert width <= 0
