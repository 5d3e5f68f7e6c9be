"""A photo's own words, from upload to the chips, with the real engine in a real browser."""

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from bench.instruments.web_server import run_server
from tests.browser.conftest import faults, visitor
from tests.conftest import node_environment
from tests.support.drawn_words import written
from tests.support.engine import Engine
from tests.support.own_index import own_index

TITLES = {"soap": "Verbena soap", "tea": "Lapsang tea", "jam": "Quince jam"}


def png(image: Image.Image) -> bytes:
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


@pytest.fixture(scope="module")
def larder(
    engine: Engine, state_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The address of a shop whose packs look alike and differ in their names."""
    folder = tmp_path_factory.mktemp("larder")
    rows = []
    for key, title in TITLES.items():
        (folder / f"{key}.png").write_bytes(png(written(title).pixels))
        rows.append({"id": key, "title": title, "image_link": f"{key}.png"})
    feed = folder / "products.jsonl"
    feed.write_text("\n".join(map(json.dumps, rows)))
    values = {
        **node_environment(state_folder).values,
        "LOOKALIKE_STATE_DIR": str(folder / "state"),
        "LOOKALIKE_FEATURES": "embedding,ocr",
    }
    with own_index(engine, values) as environment:
        command = [sys.executable, "-m", "indexer", "load", str(feed), "--no-measure"]
        subprocess.run(command, env=dict(environment.values), check=True, timeout=280)
        with run_server(environment) as site:
            yield site.address


def test_results_are_ordered_anew_when_the_text_is_read(chromium: Browser, larder: str) -> None:
    with visitor(chromium, larder) as page:
        photo = png(written("VERBENA", turn=90).pixels)
        send(page, photo)
        chips = page.get_by_role("list", name="Read on your photo:")
        expect(chips.get_by_role("listitem")).to_have_text(["VERBENA"], timeout=20_000)
        expect(page.locator(".card").first).to_contain_text("Verbena soap")
        assert faults(page) == []
        chips.get_by_role("link").click()
        expect(chips).to_have_count(0)
        expect(page.locator(".card")).to_have_count(len(TITLES))


def send(page: Page, photo: bytes) -> None:
    page.goto("/")
    page.set_input_files("#photo", {"name": "a.png", "mimeType": "image/png", "buffer": photo})
    page.wait_for_selector("#results")
