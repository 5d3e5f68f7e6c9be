"""Measure the shop's pages as a shopper has them: in a browser, with a photo, on a slow line."""

import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
from PIL import Image

from bench.instruments.browser import (
    DESKTOP,
    PHONE,
    Page,
    findings,
    open_browser,
    slow_network,
    visitor,
)
from bench.instruments.web_server import run_server
from bench.options import with_output_options
from bench.report import Report, at_most, log_progress, reporting
from bench.statistics.metrics import percentile
from bench.workspace import Workspace, open_workspace
from indexer import demo

PHOTO_BYTES = 5_000_000
PHOTO_SIZE = (4032, 3024)
"""Pixels of a phone's photo: 12 million."""

RUNS = 7
SLOW_RUNS = 3
UP_MBIT, DOWN_MBIT, LATENCY_MS = 1.5, 8.0, 60.0
"""A slow mobile line: a few Mbit/s down, and the upload that keeps photos waiting."""

IMPACTS = ("moderate", "serious", "critical")
PATIENCE_MS = 60_000
FIRST_CARD = "#results .card img"


@click.command("page")
@click.option("--products", type=click.IntRange(20), default=10_000, show_default=True)
@click.option("--runs", type=click.IntRange(1), default=RUNS, show_default=True)
@with_output_options
def command(products: int, runs: int, keep: bool, markdown: bool) -> None:
    """Draw a shop, serve it, and use it in Chromium, on a phone's screen and a desktop's."""
    with reporting("page", markdown=markdown) as report, open_workspace(keep=keep) as space:
        report.sizes |= {"products": products, "runs": runs}
        feed = demo.write(space.folder / "demo", products)
        space.load(feed)
        photo = write_photo(space, next((feed.parent / "images").glob("*.jpg")))
        report.sizes["photo_bytes"] = photo.stat().st_size
        with run_server(space.environment, workers=2) as site, open_browser() as browser:
            report_photo(report, browser, site.address, photo, runs)
            report_pages(report, browser, site.address)


def write_photo(space: Workspace, picture: Path) -> Path:
    """Write a phone's photo of about PHOTO_BYTES: a picture enlarged, with a camera's noise."""
    with Image.open(picture) as image:
        large = np.asarray(image.convert("RGB").resize(PHOTO_SIZE), np.int16)
    noise = np.random.default_rng(7).normal(0, 6, large.shape[:2])[..., None]
    noisy = Image.fromarray(np.clip(large + noise, 0, 255).astype(np.uint8))
    data = b""
    for quality in range(60, 100, 3):
        file = io.BytesIO()
        noisy.save(file, "JPEG", quality=quality)
        data = file.getvalue()
        if len(data) >= PHOTO_BYTES:
            break
    path = space.folder / "photo.jpg"
    path.write_bytes(data)
    return path


def report_photo(report: Report, browser: Any, address: str, photo: Path, runs: int) -> None:
    """Report the time from choosing a photo to the first results, and that of a crop."""
    fast = [result_times(browser, address, photo) for _ in range(runs + 1)][1:]
    slow = [result_times(browser, address, photo, is_slow=True) for _ in range(SLOW_RUNS)]
    report.add("page.first_results_p50", percentile([t for t, _ in fast], 50), "s", at_most(1.0))
    report.add("page.first_results_max", max(t for t, _ in fast), "s")
    report.add("page.slow_results_p50", percentile([t for t, _ in slow], 50), "s", at_most(4.0))
    report.add("page.crop_p50", percentile([t for _, t in fast], 50), "s", at_most(1.0))
    report.add("page.slow_crop_p50", percentile([t for _, t in slow], 50), "s", at_most(1.5))


def result_times(
    browser: Any, address: str, photo: Path, *, is_slow: bool = False
) -> tuple[float, float]:
    """Return the seconds from choosing a photo to its first results, and from a crop to its own."""
    with visitor(browser, address, **PHONE) as page:
        page.goto("/", wait_until="networkidle")
        if is_slow:
            slow_network(page, UP_MBIT, DOWN_MBIT, LATENCY_MS)
        began = time.perf_counter()
        page.locator("#photo").set_input_files(photo)
        page.wait_for_selector(FIRST_CARD, timeout=PATIENCE_MS)
        first_s = time.perf_counter() - began
        page.locator(".strip-query").click()
        page.locator("#crop-open summary").click()
        before = page.url
        began = time.perf_counter()
        page.locator("#crop-middle").click()
        page.wait_for_url(lambda url: url != before, timeout=PATIENCE_MS)
        return first_s, time.perf_counter() - began


def report_pages(report: Report, browser: Any, address: str) -> None:
    """Report bytes, layout shifts and axe-core's findings of the pages."""
    weights, shifts, found = [], [], []
    for language in ("en", "ja"):
        for screen in (PHONE, DESKTOP):
            with visitor(browser, address, bypass_csp=True, **screen) as page:
                for path in page_paths(page, language):
                    weights.append(page_bytes(page, path))
                    shifts.append(float(page.evaluate("window.shifted")))
                    faults = findings(page, IMPACTS)
                    if faults:
                        log_progress(f"{path}: {', '.join(faults)}")
                    found += faults
    report.sizes["pages"] = len(weights)
    report.add("page.bytes_max", max(weights) / 1000, "kB", at_most(150))
    report.add("page.cls_max", max(shifts), "", at_most(0.05))
    report.add("page.axe_findings", len(found), "", at_most(0))


def page_paths(page: Page, language: str) -> Iterator[str]:
    """Yield the addresses of the kinds of pages, in a language."""
    page.goto("/")
    product = page.locator(".card-title a").first.get_attribute("href")
    key = product.removeprefix("/products/")
    for path in (
        "/",
        "/search",
        "/search?q=mug",
        "/search?q=zzyzx",
        f"/search?product_id={key}",
        product,
        f"/favourites?id={key}",
        "/nowhere",
    ):
        yield f"{path}{'&' if '?' in path else '?'}lang={language}"


def page_bytes(page: Page, path: str) -> float:
    """Return what a page transfers beside pictures, in bytes, when nothing of it is cached."""
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.setCacheDisabled", {"cacheDisabled": True})
    kinds: dict[str, str] = {}
    total = 0.0

    def finished(event: dict[str, Any]) -> None:
        nonlocal total
        if kinds.get(event["requestId"]) != "Image":
            total += event["encodedDataLength"]

    network.on("Network.responseReceived", lambda e: kinds.update({e["requestId"]: e["type"]}))
    network.on("Network.loadingFinished", finished)
    page.goto(path, wait_until="networkidle")
    network.detach()
    return total
