"""Changes that put a fault into a feed before it is written, and say what is right all the same."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from bench.feeds.feed_format import FeedFormat, Style
from bench.feeds.true_products import TrueProduct

XML, JSON, TABLE = "xml", "json", "table"

Change = Callable[["FeedPlan"], None]


@dataclass
class FeedPlan:
    """A feed before it is written; faults change it."""

    products: list[TrueProduct]
    style: Style
    format: FeedFormat
    random_numbers: random.Random

    def victims(self, count: int = 2) -> list[TrueProduct]:
        """Return a few products that stand alone, never the first or the last one."""
        alone = [product for product in self.products if not product.group][1:]
        return self.random_numbers.sample(alone, count)


def nothing(plan: FeedPlan) -> None:
    """Leave the feed as it is."""


def with_style(**changes: object) -> Change:
    """Return a change of how the file is written."""

    def apply(plan: FeedPlan) -> None:
        for name, value in changes.items():
            setattr(plan.style, name, value)

    return apply


def with_option(name: str) -> Change:
    """Return a change that has the writer do something more."""
    return lambda plan: plan.style.options.add(name)


def with_cell(name: str, text: object, right: object, *, named: str = "") -> Change:
    """Write a text into a cell of a few products, and say what is right then."""

    def apply(plan: FeedPlan) -> None:
        for product in plan.victims():
            value = text(product) if callable(text) else text
            product.cells[name] = value
            field_name = "sale_price" if name == "sale" else name
            product.right[field_name] = right(product) if callable(right) else right
            if named:
                product.named.add(named)

    return apply


def with_bad_products(
    change: Callable[[TrueProduct, FeedPlan], None],
) -> Change:
    """Return a change that makes a few products bad."""

    def apply(plan: FeedPlan) -> None:
        for product in plan.victims():
            product.bad = True
            change(product, plan)

    return apply


def remove_id(product: TrueProduct, plan: FeedPlan) -> None:
    """Leave the id empty."""
    product.cells["id"] = ""


def remove_picture(product: TrueProduct, plan: FeedPlan) -> None:
    """Leave the pictures empty."""
    product.cells["pictures"] = ""


def repeat_id(product: TrueProduct, plan: FeedPlan) -> None:
    """Give the id of the first product."""
    first = plan.products[0]
    product.cells["id"] = plan.format.key(first)


def break_syntax(product: TrueProduct, plan: FeedPlan) -> None:
    """Break the syntax of a product's text."""

    def edit(text: str) -> str:
        if plan.format.family == XML:
            return text.replace("description>", "descriptoin>", 1)
        if plan.format.family == JSON:
            return text.replace('": ', '" ', 1)
        delimiter = plan.style.delimiter or ("\t" if "\t" in text else ",")
        head, found, tail = text.partition(delimiter)
        return f'{head}{found}"{tail}' if delimiter != "\t" else f"{head}{found}x{found}{tail}"

    product.edit = edit


def leave_unfinished(product: TrueProduct, plan: FeedPlan) -> None:
    """Leave the end of a product's text away."""

    def edit(text: str) -> str:
        # A table's row is as long as its line.
        whole = text.partition("\n")[0] if plan.format.family == TABLE else text
        return whole[: int(len(whole) * 0.7)].rstrip("\n").replace('"', "") + "\n"

    product.edit = edit


def widen(product: TrueProduct, plan: FeedPlan) -> None:
    """Add a cell beyond the header."""
    delimiter = plan.style.delimiter or ("\t" if plan.format.name == "merchant_tsv" else ",")
    product.edit = lambda text: text.replace("\n", f"{delimiter}more\n", 1)


def insert_foreign_bytes(product: TrueProduct, plan: FeedPlan) -> None:
    """Insert bytes that are no UTF-8."""
    product.cells["title"] = product.title + "\udcff\udcfe"


def with_huge_cells(plan: FeedPlan) -> None:
    """Write a cell too long for any reader, and where a product is a line, for a line."""
    for product in plan.victims():
        product.cells["description"] = "x" * 1_200_000
        if plan.format.family == XML:
            product.right["description"] = None
            product.named.add("description")
        else:
            product.bad = True


def with_hidden_products(plan: FeedPlan) -> None:
    """Mark a few products as not published."""
    for product in plan.victims():
        product.hidden = True


def with_mojibake(plan: FeedPlan) -> None:
    """Write UTF-8 as Windows-1252 reads it."""
    for product in plan.victims(3):
        product.cells["title"] = "CafÃ© cup"
        product.right["title"] = "Café cup"


def with_repeated_handle(plan: FeedPlan) -> None:
    """Let a later product have the handle of an earlier one, with another title."""
    victim = plan.victims(1)[0]
    first = plan.products[0]
    victim.bad = True
    old, new = victim.key.lower(), first.key.lower()
    victim.edit = lambda text: text.replace(old, new)


def with_entity_bomb(plan: FeedPlan) -> None:
    """Declare entities that grow or read a file, and use them."""
    plan.style.options.add("entity bomb")
    for product, name in zip(plan.victims(), ("lol", "file"), strict=True):
        product.bad = True
        product.edit = lambda text, name=name: text.replace("<title>", f"<title>&{name};", 1)


def with_relative_links(plan: FeedPlan) -> None:
    """Write links without their host."""
    with_cell("link", "/p/1", None, named="link")(plan)


def insert_nan(product: TrueProduct, plan: FeedPlan) -> None:
    """Write a number that JSON does not have."""

    def edit(text: str) -> str:
        text = text.replace('"quantity": "', '"quantity": NaN, "was": "', 1)
        return text.replace('"value": ', '"value": NaN, "was": ', 1)

    product.edit = edit


def with_stock(text: str, right: int | None) -> Change:
    """Write a stock in another way; where nothing else tells, availability follows from it."""

    def apply(plan: FeedPlan) -> None:
        for product in plan.victims():
            product.cells["stock"], product.right["stock"] = text, right
            if right is None:
                product.named.add("stock")
            if plan.format.reader == "shopify":
                state = "in_stock" if right else "out_of_stock"
                product.right["availability"] = None if right is None else state

    return apply


def with_availability(text: str, right: str) -> Change:
    """Return a change that writes an availability in another way."""
    return with_cell("availability", text, right)


def with_pictures_in_a_cell(separator: str) -> Change:
    """Return a change that writes all pictures into one cell."""

    def apply(plan: FeedPlan) -> None:
        for product in plan.victims(3):
            product.cells["pictures"] = separator.join(product.pictures)

    return apply
