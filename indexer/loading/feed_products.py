"""Reads the products of a feed: rows parsed, and every id once."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from indexer.feeds.amounts import AmountText
from indexer.feeds.columns import cells_by_field, is_known
from indexer.feeds.number_format import NumberFormat
from indexer.feeds.prices import amount_text
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Rejection, Row
from indexer.loading.dependencies import RowSource
from indexer.loading.feed_ids import FeedIds
from mappings.catalogue.fields import ProductFields

SAMPLE = 100_000
"""Rows that tell which decimal mark the amounts of a feed use."""

UNUSED_COLUMNS = 50
"""How many names of columns without a meaning are kept for the report."""


class FeedProducts:
    """The products of one feed, and the columns it has that mean nothing to us."""

    def __init__(self, feed: RowSource, fields: ProductFields, currency: str = "") -> None:
        """`currency` is that of amounts for which the feed names none, "" where unknown."""
        self._feed = feed
        self._fields = fields
        self._unused: dict[str, None] = {}
        self.numbers = NumberFormat(self._amounts(), currency or None)

    @property
    def reading(self) -> str:
        """How the feed was read, its number format included, in a few words."""
        return ", ".join(part for part in (self._feed.reading, str(self.numbers)) if part)

    @property
    def unused_columns(self) -> tuple[str, ...]:
        """Names of columns without a meaning, as far as the feed has been read."""
        return tuple(self._unused)

    def read(self) -> Iterator[Product | Rejection]:
        """Yield a product or a rejection per row, in order; raises FeedUnreadable, also midway."""
        with closing(FeedIds()) as ids:
            for row in self._feed.rows():
                yield row if isinstance(row, Rejection) else self._parse(row, ids)

    def _parse(self, row: Row, ids: FeedIds) -> Product | Rejection:
        for name in row.cells:
            if len(self._unused) < UNUSED_COLUMNS and not is_known(name, self._fields):
                self._unused[name] = None
        product = parse_product(row, self._fields, self.numbers)
        if isinstance(product, Rejection):
            return product
        first = ids.first_line(product.id, row.line)
        if first != row.line:
            detail = f"line {first} has the same id; it went in, this one did not"
            return Rejection(row.line, "id", "duplicate", detail, product.id)
        return product

    def _amounts(self) -> Iterator[AmountText]:
        """Yield the amounts of money at the beginning of the feed, each with its currency."""
        money = [name for name, field in self._fields.items() if field.kind == "money"]
        for row in islice(self._feed.rows(), SAMPLE):
            cells = {} if isinstance(row, Rejection) else cells_by_field(row.cells, self._fields)
            beside = cells.get("currency")
            for name in money:
                if name in cells:
                    amount = amount_text(cells[name], beside if isinstance(beside, str) else None)
                    if amount is not None:
                        yield amount
