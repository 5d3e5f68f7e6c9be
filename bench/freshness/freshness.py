"""Measure how long it takes until a change of a product is what searches find.

A real gunicorn with an index of PRODUCTS drawn products takes changes one after the other: each is
sent with `refresh=wait_for`, and the time runs until a search that was sent after it answers with
the change. Embeddings are computed by the real model. RATE further searches a second run meanwhile.
"""

import json
import time
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from secrets import token_hex
from typing import Any, TypeVar

import click

from bench.data import drawn_pictures
from bench.freshness.writer_client import WriterClient
from bench.instruments.steady_load import SteadyLoad
from bench.instruments.web_server import RunningServer, UploadClient, run_server
from bench.options import with_output_options
from bench.report import Report, at_most, log_progress, reporting
from bench.speed.speed import extract_keypoints
from bench.statistics.metrics import percentile
from bench.workspace import open_workspace

T = TypeVar("T")

PUT_LIMIT_S, CHANGE_LIMIT_S = 2.0, 1.2
FIRST_NEW = 1_000_000
"""Number of the first picture that the index has not."""


@click.command("freshness")
@click.option("--products", type=click.IntRange(1), default=1000, show_default=True)
@click.option("--changes", type=click.IntRange(2), default=60, show_default=True)
@click.option("--rate", type=click.FloatRange(0), default=2.0, show_default=True)
@with_output_options
def command(products: int, changes: int, rate: float, keep: bool, markdown: bool) -> None:
    """Put, patch and delete CHANGES products, and search for each at once."""
    with (
        reporting("freshness", markdown=markdown) as report,
        open_workspace(keep=keep, LOOKALIKE_WRITER_TOKEN=(token := token_hex(16))) as space,
    ):
        report.sizes |= {"products": products, "changes": changes, "searches_per_s": round(rate)}
        log_progress(f"loading {products} products")
        space.load(drawn_pictures.write_feed(space.folder, products, []))
        extract_keypoints(space)
        with run_server(space.environment) as site, ExitStack() as stack:
            if rate:
                asks = [partial(UploadClient.get, path="/api/v1/search?q=home&facets=brand")]
                stack.enter_context(SteadyLoad(site, asks, rate).running())
            _measure(report, site, token, changes)


def _measure(report: Report, site: RunningServer, token: str, changes: int) -> None:
    writer = WriterClient(site, token)
    finds = {"picture": _finds_picture, "words": _finds_words, "duplicate": _finds_duplicate}
    times: dict[str, list[float]] = {name: [] for name in (*finds, "patch", "delete")}
    missed = 0
    for number in range(changes):
        # Each way of finding has a product of its own: the time begins with its put.
        for place, (name, is_found) in enumerate(finds.items()):
            picture = drawn_pictures.draw_picture(FIRST_NEW + len(finds) * number + place)
            key = f"{name}-{number}"
            began = time.perf_counter()
            writer.put(key, picture, _cells(key, price=10.0))
            missed += not _ask(site, is_found, key, picture)
            times[name].append(time.perf_counter() - began)
        key = f"words-{number}"
        began = time.perf_counter()
        writer.patch(key, {"price": "20 EUR"})
        missed += _ask(site, _price, key, b"") != 20.0
        times["patch"].append(time.perf_counter() - began)
        began = time.perf_counter()
        writer.delete(key)
        missed += _ask(site, _finds_words, key, b"")
        times["delete"].append(time.perf_counter() - began)
        for name in ("picture", "duplicate"):
            writer.delete(f"{name}-{number}")
    _report(report, times, missed)


def _ask(
    site: RunningServer, ask: Callable[[UploadClient, str, bytes], T], key: str, picture: bytes
) -> T:
    """Search over a connection of its own: the server ends those that are idle."""
    reader = UploadClient(site)
    try:
        return ask(reader, key, picture)
    finally:
        reader.close()


def _report(report: Report, times: dict[str, list[float]], missed: int) -> None:
    for name, seconds in times.items():
        is_put = name not in ("patch", "delete")
        kind = f"put.found_by_{name}" if is_put else name
        limit = at_most(PUT_LIMIT_S if is_put else CHANGE_LIMIT_S)
        report.add(f"{kind}_p50", percentile(seconds, 50), "s")
        report.add(f"{kind}_p95", percentile(seconds, 95), "s", limit)
    report.add("not_as_written", missed, "searches", at_most(0))


def _cells(key: str, price: float) -> dict[str, object]:
    return {"title": f"novelty {_word(key)}", "price": f"{price} EUR", "brand": "Fresh"}


def _word(key: str) -> str:
    """Return a word that no other product has: letters alone, which no typo rule touches."""
    name, _, number = key.rpartition("-")
    return name[:2] + "".join(chr(ord("a") + int(digit)) * 2 for digit in number)


def _finds_picture(reader: UploadClient, key: str, picture: bytes) -> bool:
    return key in [hit["id"] for hit in json.loads(reader.search(picture))["hits"]]


def _finds_words(reader: UploadClient, key: str, picture: bytes) -> bool:
    return key in [hit["id"] for hit in _hits(reader, key)]


def _finds_duplicate(reader: UploadClient, key: str, picture: bytes) -> bool:
    found = json.loads(reader.check(picture))
    return key in [match["id"] for match in found["matches"]]


def _price(reader: UploadClient, key: str, picture: bytes) -> float | None:
    prices = [hit["product"].get("price") for hit in _hits(reader, key) if hit["id"] == key]
    return prices[0] if prices else None


def _hits(reader: UploadClient, key: str) -> list[dict[str, Any]]:
    found = json.loads(reader.get(f"/api/v1/search?q={_word(key)}&facets=brand"))
    return list(found["hits"])
