"""A catalogue's products as plain words, by which questions are made and judged.

Nothing here uses the search's own understanding of words: a word is a run of letters and digits in
lower case.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from features.base import Json
from indexer.feeds.feed import open_feed
from indexer.feeds.product import Product, parse_product
from indexer.feeds.rows import Row

WORD = re.compile(r"[^\W_]+(?:'[^\W_]+)?")

SMALL_WORDS = frozenset(
    {"a", "an", "and", "at", "by", "for", "from", "in", "of", "on", "or", "the", "to", "with"}
)
"""Words that nobody would look for a product by."""

LISTED = ("title", "brand", "category", "color", "size")


@dataclass(frozen=True)
class Listing:
    """A product as its feed describes it."""

    fields: Mapping[str, Json]

    @property
    def id(self) -> str:
        """The product's id."""
        return str(self.fields["id"])

    @cached_property
    def title_words(self) -> tuple[str, ...]:
        """The telling words of its title, in order."""
        return tuple(plain_words(str(self.fields.get("title", ""))))

    @cached_property
    def words(self) -> frozenset[str]:
        """Every word of the fields that a shopper sees on a card, and of the description."""
        names = (*LISTED, "description")
        return frozenset(word for name in names for word in plain_words(self.text(name)))

    @property
    def kind(self) -> str:
        """The last part of its category, such as ``Tote Bags``; '' where it has none."""
        paths = self.fields.get("category") or [""]
        return str(max(paths, key=len)).rpartition(">")[2].strip()

    def text(self, name: str) -> str:
        """Return a field as one text, '' where it has no value."""
        value = self.fields.get(name)
        if isinstance(value, list):
            return " ".join(map(str, value))
        return "" if value is None else str(value)


def plain_words(text: str) -> list[str]:
    """Return the telling words of a text, in lower case."""
    return [word for word in WORD.findall(text.lower()) if word not in SMALL_WORDS]


def read_listings(feed: Path) -> list[Listing]:
    """Return the products of a feed; rows that the indexer would reject are left out."""
    return list(_listings(open_feed(feed).rows()))


def _listings(rows: Iterable[Json]) -> Iterable[Listing]:
    seen = set()
    for row in rows:
        product = parse_product(row) if isinstance(row, Row) else row
        if isinstance(product, Product) and product.id not in seen:
            seen.add(product.id)
            yield Listing(product.fields)
