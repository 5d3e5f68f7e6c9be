"""What is odd or wrong in a feed: faults of encodings, numbers, sales, cells, rows and formats."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from bench.feeds.fault_changes import (
    JSON,
    TABLE,
    XML,
    FeedPlan,
    break_syntax,
    insert_foreign_bytes,
    insert_nan,
    leave_unfinished,
    nothing,
    remove_id,
    remove_picture,
    repeat_id,
    widen,
    with_availability,
    with_bad_products,
    with_cell,
    with_entity_bomb,
    with_hidden_products,
    with_huge_cells,
    with_mojibake,
    with_option,
    with_pictures_in_a_cell,
    with_relative_links,
    with_repeated_handle,
    with_stock,
    with_style,
)
from bench.feeds.feed_format import FeedFormat
from bench.feeds.price_changes import (
    in_yen,
    on_sale,
    with_american_dates,
    with_idle_sale,
    with_price_objects,
    with_price_text,
    with_signs,
    with_two_currencies,
    with_unclear_marks,
    without_some_currencies,
)

FAMILIES = frozenset({XML, JSON, TABLE})
SHOP_SYSTEMS = frozenset({"shopify", "shopify_old", "woocommerce", "magento"})


@dataclass(frozen=True)
class FeedFault:
    """A fault by its name; `script` is that of the products' texts."""

    name: str
    apply: Callable[[FeedPlan], None]
    families: frozenset[str] = FAMILIES
    formats: frozenset[str] | None = None
    script: str = "western"

    def fits(self, feed_format: FeedFormat) -> bool:
        """Say whether a format can have this fault."""
        if self.formats is not None:
            return feed_format.name in self.formats
        return feed_format.family in self.families


def faults() -> Iterator[FeedFault]:
    """Yield every fault."""
    yield FeedFault("as documented", nothing)
    yield FeedFault("UTF-8 with a mark", with_style(mark=b"\xef\xbb\xbf"))
    yield FeedFault("UTF-16 LE", with_style(codec="utf-16-le", mark=b"\xff\xfe"))
    yield FeedFault("UTF-16 BE", with_style(codec="utf-16-be", mark=b"\xfe\xff"))
    yield FeedFault("UTF-16 LE without a mark", with_style(codec="utf-16-le"))
    yield FeedFault("UTF-16 BE without a mark", with_style(codec="utf-16-be"))
    yield FeedFault("Shift_JIS", with_style(codec="cp932"), script="japanese")
    yield FeedFault("UTF-8, Japanese", nothing, script="japanese")
    yield FeedFault("Windows-1252", with_style(codec="cp1252"))
    yield FeedFault("gzip", with_style(is_packed=True))
    yield FeedFault("lines end with CR LF", with_style(line_end="\r\n"))
    yield FeedFault("blank lines around", with_style(before="\n\n", behind="\n \n"))
    yield FeedFault("cut off", with_style(cut=True))
    yield FeedFault("1.249,50", with_style(decimal=",", thousands="."))
    yield FeedFault("1,249.50", with_style(thousands=","))
    yield FeedFault("1 249,50", with_style(decimal=",", thousands="\u00a0"))
    yield FeedFault("1'249.50", with_style(thousands="'"))
    yield FeedFault("1.226 among 19,99", with_unclear_marks)
    yield FeedFault("signs", with_signs)
    yield FeedFault("currency first", with_style(money="{currency} {amount}"))
    yield FeedFault("yen", in_yen)
    yield FeedFault("a range of prices", with_price_text("19.99 - 24.99 CODE", 19.99))
    yield FeedFault("N/A", with_price_text("N/A", None, named=True))
    yield FeedFault("price 0", with_price_text("0.00 CODE", None, named=True))
    yield FeedFault("price below 0", with_price_text("-5.00 CODE", None, named=True))
    yield FeedFault("on sale", on_sale(None))
    yield FeedFault("sale without a beginning", on_sale(("", "2036-12-01")))
    yield FeedFault("sale without an end", on_sale(("2026-01-01", "")), formats=_with_periods())
    yield FeedFault("sale over", on_sale(("2020-01-01", "2020-01-31")))
    yield FeedFault("sale price above the price", with_idle_sale(1.5), formats=_except_shopify())
    yield FeedFault("sale price as the price", with_idle_sale(1.0))
    yield FeedFault("stock 10+", with_stock("10+", 10))
    yield FeedFault("stock -3", with_stock("-3", 0))
    yield FeedFault("stock many", with_stock("many", None))
    yield FeedFault("CafÃ©", with_mojibake)
    yield FeedFault("control characters", with_cell("title", "Lamp\x07 40W", "Lamp 40W"))
    yield FeedFault(
        "HTML", with_cell("description", "<p>Soft &amp; <b>warm</b></p>", "Soft & warm")
    )
    yield FeedFault(
        "a title of 2,000 characters",
        with_cell("title", "word " * 400, ("word " * 200).strip()[:999], named="title"),
    )
    yield FeedFault("a brand of 600 characters", with_cell("brand", "b" * 600, None, named="brand"))
    yield FeedFault("blanks in the GTIN", with_cell("gtin", "4006381 33393-1", "4006381333931"))
    yield FeedFault("no id", with_bad_products(remove_id))
    yield FeedFault("no picture", with_bad_products(remove_picture))
    yield FeedFault("an id twice", with_bad_products(repeat_id))
    yield FeedFault("broken syntax", with_bad_products(break_syntax))
    yield FeedFault("an unfinished product", with_bad_products(leave_unfinished))
    yield FeedFault("bytes of another encoding", with_bad_products(insert_foreign_bytes))
    yield FeedFault("a cell of a million characters", with_huge_cells)
    yield FeedFault("unknown columns", with_option("unknown columns"))
    yield from _faults_of_some()


def _faults_of_some() -> Iterator[FeedFault]:
    """Yield the faults that some formats alone can have."""
    with_links = frozenset(
        {"merchant_tsv", "csv", "rss", "atom", "json_ld", "page", "json_lines", "json_array"}
    )
    table = frozenset({TABLE})
    yield FeedFault("In stock!", with_availability("In stock!", "in_stock"), formats=with_links)
    yield FeedFault("sold out", with_availability("SoldOut", "out_of_stock"), formats=with_links)
    in_a_cell = frozenset({"csv", "woocommerce", "json_lines", "json_array"})
    yield FeedFault("pictures behind commas", with_pictures_in_a_cell(", "), formats=in_a_cell)
    yield FeedFault("pictures behind bars", with_pictures_in_a_cell("|"), formats=in_a_cell)
    woocommerce = frozenset({"woocommerce"})
    yield FeedFault(
        "a comma in a term", with_cell("color", "Red\\, dark", ["Red, dark"]), formats=woocommerce
    )
    yield FeedFault(
        "several categories",
        with_cell("category", "A > B, C", ["A", "A > B", "C"]),
        formats=woocommerce,
    )
    yield FeedFault("month/day/year", with_american_dates, formats=frozenset({"magento"}))
    yield FeedFault("a relative link", with_relative_links, formats=with_links)
    yield FeedFault("some prices without a currency", without_some_currencies, formats=with_links)
    yield FeedFault("two currencies and none", with_two_currencies, formats=with_links)
    yield FeedFault("entities of HTML", with_option("entities"), frozenset({XML}))
    yield FeedFault("ampersands that stand alone", with_option("bare ampersands"), frozenset({XML}))
    yield FeedFault("CDATA", with_option("cdata"), frozenset({XML}))
    yield FeedFault("another prefix", with_option("prefix"), frozenset({XML}))
    yield FeedFault("entities that grow", with_entity_bomb, frozenset({XML}))
    yield FeedFault("empty groups", with_option("empty groups"), frozenset({XML}))
    yield FeedFault("a second main picture", with_option("repeated"), frozenset({XML}))
    yield FeedFault("NaN", with_bad_products(insert_nan), frozenset({JSON}))
    yield FeedFault(
        "prices as objects", with_price_objects, formats=frozenset({"json_lines", "json_array"})
    )
    yield FeedFault("rows of another width", with_bad_products(widen), table)
    yield FeedFault("semicolons", with_style(delimiter=";"), table)
    yield FeedFault("bars", with_style(delimiter="|"), table)
    yield FeedFault("the header again", with_option("header again"), table)
    yield FeedFault("not published", with_hidden_products, formats=SHOP_SYSTEMS)
    yield FeedFault(
        "a handle twice", with_repeated_handle, formats=frozenset({"shopify", "shopify_old"})
    )
    yield FeedFault(
        "further store views", with_option("store views"), formats=frozenset({"magento"})
    )


def _with_periods() -> frozenset[str]:
    """Return the formats that name both ends of a sale."""
    return _except_shopify()


def _except_shopify() -> frozenset[str]:
    """Return the formats in which a sale price stands in a column of its own."""
    return frozenset(
        {"merchant_tsv", "csv", "woocommerce", "magento", "rss", "atom", "json_lines", "json_array"}
    )
