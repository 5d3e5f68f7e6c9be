"""Reads the products of a feed: rows parsed, and every id once."""

from collections.abc import Iterator
from contextlib import closing
from itertools import islice

from indexer.feeds.amounts import AmountText, DecimalMarks, read_amount
from indexer.feeds.columns import cells_by_field, is_known
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

    def __init__(self, feed: RowSource, fields: ProductFields) -> None:
        self._feed = feed
        self._fields = fields
        self._unused: dict[str, None] = {}
        self._marks = DecimalMarks(self._amounts())

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
        product = parse_product(row, self._fields, self._marks)
        if isinstance(product, Rejection):
            return product
        first = ids.first_line(product.id, row.line)
        if first != row.line:
            detail = f"line {first} has the same id; it went in, this one did not"
            return Rejection(row.line, "id", "duplicate", detail, product.id)
        return product

    def _amounts(self) -> Iterator[AmountText]:
        """Yield the amounts of money at the beginning of the feed, as they are written."""
        money = [name for name, field in self._fields.items() if field.kind == "money"]
        for row in islice(self._feed.rows(), SAMPLE):
            cells = {} if isinstance(row, Rejection) else cells_by_field(row.cells, self._fields)
            texts = (cells[name] for name in money if isinstance(cells.get(name), str))
            yield from (amount for text in texts if (amount := read_amount(text)))
