"""What a format of feeds is to the bench: how it is written, and what it can say."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from bench.feeds.true_products import TrueProduct
from features.base import Json

Piece = tuple[TrueProduct | None, str]
"""A part of a file: the text of a product, or what stands around the products."""

ALL = frozenset({
    "title", "description", "brand", "category", "color", "size", "price", "currency", "sale_price",
    "sale_price_effective_date", "stock", "availability", "gtin", "link", "item_group_id",
})  # fmt: skip


@dataclass
class Style:
    """How a file is written: its numbers, encoding and packing."""

    decimal: str = "."
    thousands: str = ""
    money: str = "{amount} {currency}"
    delimiter: str = ""
    codec: str = "utf-8"
    mark: bytes = b""
    line_end: str = "\n"
    is_packed: bool = False
    before: str = ""
    behind: str = ""
    cut: bool = False
    options: set[str] = field(default_factory=set)

    def amount(self, value: float) -> str:
        """Return an amount with its marks: 1.249,50."""
        whole, _, cents = f"{value:,.2f}".partition(".")
        return whole.replace(",", self.thousands) + self.decimal + cents

    def price(self, value: float, currency: str) -> str:
        """Return an amount with its currency."""
        return self.money.format(amount=self.amount(value), currency=currency)


@dataclass(frozen=True)
class FeedFormat:
    """A format: the reader that must be found for it, and the fields that it has.

    `write` returns the pieces of a file. `family` is table, xml or json. Where it `has_currency`,
    it stands beside the price.
    """

    name: str
    reader: str
    family: str
    write: Callable[[Sequence[TrueProduct], Style], list[Piece]]
    fields: frozenset[str] = ALL
    has_currency: bool = True

    def key(self, product: TrueProduct) -> str:
        """Return the id that a product must have."""
        return str(product.number) if self.name == "woocommerce" else product.key

    def group(self, product: TrueProduct) -> str | None:
        """Return the group that a product must have, None for none."""
        if self.name.startswith("shopify"):
            return handle(product)
        if not product.group:
            return None
        return str(parent_number(product)) if self.name == "woocommerce" else product.group

    def right(self, product: TrueProduct) -> dict[str, Json]:
        """Return what is right about each field that the format has; None for an absent one."""
        values: dict[str, Json] = {
            "title": product.title,
            "description": product.description,
            "brand": product.brand,
            "category": [
                " > ".join(product.category[: depth + 1]) for depth in range(len(product.category))
            ],
            "color": [product.color],
            "size": [product.size],
            "price": product.price,
            "currency": product.currency if self.has_currency else None,
            "sale_price": product.sale,
            "sale_price_effective_date": self._period(product),
            "stock": product.stock,
            "availability": product.availability,
            "gtin": product.gtin,
            "link": product.link,
            "item_group_id": self.group(product),
            **product.right,
        }
        return {name: values[name] for name in values if name in self.fields}

    def _period(self, product: TrueProduct) -> Json:
        """Return the time span of a product's sale, whose last day belongs to it."""
        if product.period is None:
            return None
        first, last = product.period
        bounds = {"gte": first and f"{first}T00:00:00", "lte": last and f"{last}T23:59:59.999000"}
        names = ("lte",) if self.reader == "jsonld" else ("gte", "lte")
        return {name: bounds[name] for name in names if bounds[name]} or None


def handle(product: TrueProduct) -> str:
    """Return Shopify's handle of a product."""
    return (product.group or product.key).lower()


def parent_number(product: TrueProduct) -> int:
    """Return the number that WooCommerce gives to the parent of a variant."""
    return 900 + int(product.group.rpartition("-")[2])


def cell(product: TrueProduct, name: str, text: Json) -> Json:
    """Return what stands in a cell: what a fault writes, else the text."""
    return product.cells.get(name, text)


def money(product: TrueProduct, name: str, style: Style, *, currency: bool) -> Json:
    """Return the cell of a price or sale price, "" for none."""
    value = product.price if name == "price" else product.sale
    if name in product.cells:
        return product.cells[name]
    if value is None:
        return ""
    return style.price(value, product.currency) if currency else style.amount(value)
