"""Writes a feed with a fault into a file, and says what is right about it."""

import gzip
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.feeds.fault_changes import FeedPlan
from bench.feeds.feed_faults import FeedFault, faults
from bench.feeds.feed_format import FeedFormat, Piece, Style
from bench.feeds.markup_formats import MARKUP_FORMATS
from bench.feeds.table_formats import TABLE_FORMATS
from bench.feeds.true_products import TrueProduct, make_products

FORMATS = (*TABLE_FORMATS, *MARKUP_FORMATS)

ENCODINGS = {
    "utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp932": "Shift_JIS",
    "cp1252": "Windows-1252",
}  # fmt: skip


@dataclass(frozen=True)
class MadeFeed:
    """A feed in a file; `places` are the first and last line of each product in it."""

    path: Path
    format: FeedFormat
    fault: FeedFault
    products: tuple[TrueProduct, ...]
    places: dict[int, tuple[int, int]]
    encoding: str

    @property
    def name(self) -> str:
        """The format and the fault."""
        return f"{self.format.name}, {self.fault.name}"


def plan_feeds(each: int | None = None) -> Iterator[tuple[FeedFormat, FeedFault]]:
    """Yield every format with the faults that fit it: all, or so many spread over all."""
    for feed_format in FORMATS:
        fitting = [fault for fault in faults() if fault.fits(feed_format)]
        count = min(each or len(fitting), len(fitting))
        for place in range(count):
            yield feed_format, fitting[place * len(fitting) // count]


def write_feed(feed_format: FeedFormat, fault: FeedFault, seed: int, folder: Path) -> MadeFeed:
    """Write a feed; the same seed gives the same file."""
    random_numbers = random.Random(f"{seed} {feed_format.name} {fault.name}")
    products = make_products(random_numbers, fault.script)
    plan = FeedPlan(products, Style(), feed_format, random_numbers)
    fault.apply(plan)
    pieces = feed_format.write(products, plan.style)
    text, places = _joined(pieces, plan.style)
    if plan.style.cut:
        # The file breaks off in its last product.
        last = max(products, key=lambda product: places[product.number])
        last.bad = True
        head = _offset(text, places[last.number][0])
        text = text[: head + (_offset(text, places[last.number][1] + 1) - head) // 2].rstrip("\n")
    data = text.replace("\n", plan.style.line_end).encode(plan.style.codec, "surrogateescape")
    data = plan.style.mark + data
    path = folder / "download"
    path.write_bytes(gzip.compress(data) if plan.style.is_packed else data)
    encoding = ENCODINGS[plan.style.codec]
    return MadeFeed(path, feed_format, fault, tuple(products), places, encoding)


def _joined(pieces: list[Piece], style: Style) -> tuple[str, dict[int, tuple[int, int]]]:
    text, line = style.before, 1 + style.before.count("\n")
    places: dict[int, tuple[int, int]] = {}
    for product, written in pieces:
        part = product.edit(written) if product is not None and product.edit else written
        text += part
        if product is not None:
            places[product.number] = line, line + max(part.count("\n") - 1, 0)
        line += part.count("\n")
    return text + style.behind, places


def _offset(text: str, line: int) -> int:
    """Return where a line begins, counted from 1."""
    place = 0
    for _ in range(line - 1):
        place = text.find("\n", place) + 1 or len(text)
    return place
