"""Measure whether feeds of every format are read right, whatever is odd or wrong in them."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click

from bench.feeds.made_feed import MadeFeed, plan_feeds, write_feed
from bench.feeds.true_products import TrueProduct
from bench.report import Report, at_least, at_most, log_progress, reporting
from features.base import Json
from indexer.errors import FeedUnreadable
from indexer.feeds.feed import open_feed
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection
from indexer.loading.feed_products import FeedProducts
from mappings.catalogue.fields import PRODUCT_FIELDS

MONEY = ("price", "sale_price", "currency")

GOOD_ROWS = at_least(0.995)
ALL = at_least(1)
NONE = at_most(0)


@dataclass
class FeedTally:
    """What was right and wrong about feeds; `faults` says what, in words."""

    feeds: int = 0
    readers: int = 0
    encodings: int = 0
    good: int = 0
    right: int = 0
    bad: int = 0
    named: int = 0
    cells: int = 0
    named_cells: int = 0
    wrong_prices: int = 0
    lost_files: int = 0
    unknown_rows: int = 0
    faults: list[str] = field(default_factory=list)


@click.command("feeds")
@click.option("--each", type=click.IntRange(1), help="So many faults a format; default: all.")
@click.option("--seed", default=18, show_default=True, help="Other seeds make other products.")
@click.option("--markdown", is_flag=True, help="Print a Markdown table instead of JSON.")
def command(each: int | None, seed: int, markdown: bool) -> None:
    """Write feeds of 12 formats with a fault each, read them as a load does, and compare.

    What is not right is listed on standard error. No server is needed.
    """
    with reporting("feeds", markdown=markdown) as report, tempfile.TemporaryDirectory() as folder:
        tally = FeedTally()
        for feed_format, fault in plan_feeds(each):
            judge(write_feed(feed_format, fault, seed, Path(folder)), tally)
        for line in tally.faults:
            log_progress(line)
        _report(report, tally)


def judge(feed: MadeFeed, tally: FeedTally) -> None:
    """Read a feed as a load does, and count what is right about it."""
    tally.feeds += 1
    try:
        opened = open_feed(feed.path)
        reading = FeedProducts(opened, PRODUCT_FIELDS)
        found = list(reading.read())
    except FeedUnreadable as error:
        tally.lost_files += 1
        tally.faults.append(f"{feed.name}: lost: {error}")
        return
    products = {item.id: item for item in found if isinstance(item, Product)}
    rejected = [item for item in found if isinstance(item, Rejection)]
    _count(tally, feed, "readers", opened.reader.name, feed.format.reader)
    _count(tally, feed, "encodings", opened.source.encoding, feed.encoding)
    tally.lost_files += not products
    for product in feed.products:
        if product.bad or product.hidden:
            _judge_bad(feed, product, rejected, products, tally)
        else:
            _judge_good(feed, product, products.get(feed.format.key(product)), tally)
    expected = {feed.format.key(product) for product in feed.products if not product.hidden}
    parents = {feed.format.group(product) or "" for product in feed.products}
    for key in products.keys() - expected - parents:
        tally.unknown_rows += 1
        tally.faults.append(f"{feed.name}: {key!r} is in, which is no product")


def _count(tally: FeedTally, feed: MadeFeed, name: str, found: str, right: str) -> None:
    if found == right:
        setattr(tally, name, getattr(tally, name) + 1)
    else:
        tally.faults.append(f"{feed.name}: {name}: {found} instead of {right}")


def _judge_bad(
    feed: MadeFeed,
    product: TrueProduct,
    rejected: Sequence[Rejection],
    products: dict[str, Product],
    tally: FeedTally,
) -> None:
    is_in = _is_its_own(feed, product, products.get(feed.format.key(product)))
    if product.hidden:
        tally.unknown_rows += is_in
        return
    first, last = feed.places[product.number]
    tally.bad += 1
    if any(first <= item.line <= last for item in rejected) and not is_in:
        tally.named += 1
    else:
        tally.faults.append(
            f"{feed.name}: the bad product in lines {first} to {last} is not named; named are "
            f"{[(item.line, item.rule) for item in rejected]}"
        )


def _is_its_own(feed: MadeFeed, product: TrueProduct, found: Product | None) -> bool:
    first, last = feed.places[product.number]
    return found is not None and first <= found.line <= last


def _judge_good(
    feed: MadeFeed, product: TrueProduct, found: Product | None, tally: FeedTally
) -> None:
    tally.good += 1
    tally.cells += len(product.named)
    if found is None:
        tally.faults.append(f"{feed.name}: {feed.format.key(product)} is missing")
        return
    wrong: dict[str, tuple[Json, Json]] = {}
    for name, right in feed.format.right(product).items():
        value = found.fields.get(name)
        if value != right:
            wrong[name] = value, right
            tally.wrong_prices += name in MONEY and value is not None
    if tuple(found.pictures) != product.pictures:
        wrong["pictures"] = list(found.pictures), list(product.pictures)
    named = {cell.field for cell in found.unreadable}
    tally.named_cells += len(product.named & named)
    for name in product.named - named:
        tally.faults.append(f"{feed.name}: {feed.format.key(product)}: {name} is not named")
    if wrong:
        tally.faults.append(f"{feed.name}: {feed.format.key(product)}: {wrong}")
    else:
        tally.right += 1


def _report(report: Report, tally: FeedTally) -> None:
    report.sizes |= {"feeds": tally.feeds, "good_rows": tally.good, "bad_rows": tally.bad}
    report.add("feeds.format_found", tally.readers / tally.feeds, "share", ALL)
    report.add("feeds.encoding_found", tally.encodings / tally.feeds, "share", ALL)
    report.add("feeds.good_rows_right", tally.right / max(tally.good, 1), "share", GOOD_ROWS)
    report.add("feeds.bad_rows_named", tally.named / max(tally.bad, 1), "share", ALL)
    report.add("feeds.bad_cells_named", tally.named_cells / max(tally.cells, 1), "share", ALL)
    report.add("feeds.wrong_prices", tally.wrong_prices, "prices", NONE)
    report.add("feeds.files_lost", tally.lost_files, "files", NONE)
    report.add("feeds.rows_that_are_no_product", tally.unknown_rows, "rows", NONE)
