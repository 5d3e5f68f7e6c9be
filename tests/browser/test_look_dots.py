"""The dots on a photo of several things: none covers another, at any size of the photo."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bench.look.grounds import draw_ground
from tests.browser.conftest import visitor
from tests.support.shop import Shop

GOODS = (
    "saleor-white-plimsolls-1.png",
    "saleor-mighty-mug.png",
    "saleor-cushion-blue.png",
    "saleor-sunnies.png",
)
DOT = 28
WIDTHS = (320, 390, 768, 861, 1024, 1440)
SHAPES = {"landscape": (1200, 600), "portrait": (600, 1200)}

SEPARATE_AT_RANDOM = """
async ([dots, rounds]) => {
  const { separate } = await import("/static/js/separation.js");
  let seed = 7;
  const random = () => (seed = (seed * 16807) % 2147483647) / 2147483647;
  let [nearest, inside] = [Infinity, true];
  for (let round = 0; round < rounds; round += 1) {
    const [width, height] = [90 + 400 * random(), 90 + 300 * random()];
    const [x, y, spread] = [width * random(), height * random(), 80 * random()];
    const near = () => [x + spread * (random() - 0.5), y + spread * (random() - 0.5)];
    const moved = separate(Array.from({ length: 6 }, near), dots, width, height);
    for (const [place, a] of moved.entries()) {
      for (const b of moved.slice(place + 1)) {
        nearest = Math.min(nearest, Math.hypot(a[0] - b[0], a[1] - b[1]));
      }
      inside &&= a[0] >= dots / 2 && a[1] >= dots / 2;
      inside &&= a[0] <= width - dots / 2 && a[1] <= height - dots / 2;
    }
  }
  return { nearest, inside };
}
"""


@pytest.fixture(scope="module", params=sorted(SHAPES))
def crowd(
    request: pytest.FixtureRequest, shop: Shop, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Products of the shop close together in the middle of a table."""
    size = SHAPES[request.param]
    ground = draw_ground("wood", size, np.random.default_rng(5))
    across = size[0] > size[1]
    for number, name in enumerate(GOODS):
        with Image.open(shop.pictures / name) as opened:
            goods = opened.convert("RGBA").resize((230, 230))
        along = 130 + 235 * number
        ground.paste(goods, (along, 185) if across else (185, along), goods)
    path = tmp_path_factory.mktemp("crowd") / f"{request.param}.jpg"
    ground.save(path, quality=90)
    return path


def dot_middles(page: Page) -> list[tuple[float, float]]:
    boxes = [dot.bounding_box() for dot in page.locator(".region a").all()]
    return [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes if box]


@pytest.mark.parametrize("width", WIDTHS)
def test_no_dot_covers_another(chromium: Browser, address: str, crowd: Path, width: int) -> None:
    with visitor(chromium, address, viewport={"width": width, "height": 844}) as page:
        page.goto("/?lang=en")
        page.wait_for_load_state("networkidle")
        page.locator("#photo").set_input_files(crowd)
        expect(page.locator("#look-2")).to_be_visible()
        if page.locator(".strip-query").is_visible():
            page.locator(".strip-query").click()
        expect(page.locator(".region a").first).to_be_visible()
        page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")
        middles = dot_middles(page)
        assert len(middles) >= 2
        nearest = min(
            np.hypot(a[0] - b[0], a[1] - b[1])
            for number, a in enumerate(middles)
            for b in middles[number + 1 :]
        )
        assert nearest >= DOT
        for number, (x, y) in enumerate(middles, 1):
            there = "([x, y]) => document.elementFromPoint(x, y)?.id"
            assert page.evaluate(there, [x, y]) == f"dot-{number}"


def test_crowded_dots_find_room_within_the_photo(page: Page) -> None:
    page.goto("/")
    found = page.evaluate(SEPARATE_AT_RANDOM, [DOT, 2000])
    assert found["nearest"] >= DOT
    assert found["inside"]
