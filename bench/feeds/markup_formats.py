"""Writes products as XML and JSON: RSS, Atom, JSON-LD, JSON lines, an array."""

import json
from collections.abc import Sequence
from html import escape

from bench.feeds.feed_format import ALL, FeedFormat, Piece, Style, cell, money
from bench.feeds.true_products import TrueProduct
from features.base import Json

NAMESPACE = "http://base.google.com/ns/1.0"


def _elements(product: TrueProduct, style: Style) -> list[tuple[str, Json]]:
    start, end = product.period or ("", "")
    pictures = (
        [("image_link", str(product.cells["pictures"]))]
        if "pictures" in product.cells
        else [("image_link", product.pictures[0])]
        + [
            # Exporters write the main element again, against the documentation.
            ("image_link" if "repeated" in style.options else "additional_image_link", address)
            for address in product.pictures[1:]
        ]
    )
    return [
        ("id", str(cell(product, "id", product.key))),
        ("title", str(cell(product, "title", product.title))),
        ("description", str(cell(product, "description", product.description))),
        ("link", str(cell(product, "link", product.link))),
        *pictures,
        ("availability", str(cell(product, "availability", product.availability))),
        ("quantity", str(cell(product, "stock", product.stock))),
        ("price", money(product, "price", style, currency=True)),
        ("sale_price", str(money(product, "sale", style, currency=True))),
        ("sale_price_effective_date", f"{start}/{end}" if product.period else ""),
        ("brand", str(cell(product, "brand", product.brand))),
        ("gtin", str(cell(product, "gtin", product.gtin))),
        ("item_group_id", product.group),
        ("color", str(cell(product, "color", product.color))),
        ("size", product.size),
        ("product_type", str(cell(product, "category", " > ".join(product.category)))),
        *([("shipping", "<g:country/>")] if "empty groups" in style.options else []),
        *([("internal_note", "x")] if "unknown columns" in style.options else []),
    ]


def _item(product: TrueProduct, style: Style, tag: str, plain: frozenset[str]) -> str:
    prefix = "shop" if "prefix" in style.options else "g"
    lines = [f"<{tag}>"]
    for name, text in _elements(product, style):
        if not text:
            continue
        inner = text if text.startswith("<g:") else escape(text, quote=False)
        if "entities" in style.options:
            inner = inner.replace("é", "&eacute;").replace("ö", "&ouml;")
        if "bare ampersands" in style.options:
            inner = inner.replace("&amp;", "&")
        if "cdata" in style.options and name in ("title", "description"):
            inner = f"<![CDATA[{text}]]>"
        if name == "link" and tag == "entry":
            lines.append(f'<link href="{escape(text)}"/>')
        elif name in plain:
            lines.append(f"<{name}>{inner}</{name}>")
        else:
            lines.append(
                f"<{prefix}:{name}>{inner}</{prefix}:{name}>".replace(
                    "g:country", f"{prefix}:country"
                )
            )
    return "\n".join([*lines, f"</{tag}>\n"])


def _xml_head(root: str, style: Style) -> str:
    prefix = "shop" if "prefix" in style.options else "g"
    entities = (
        '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY lol "&a;&a;&a;&a;&a;&a;&a;&a;">'
        '<!ENTITY file SYSTEM "file:///etc/passwd">]>\n'
        if "entity bomb" in style.options
        else ""
    )
    return f'<?xml version="1.0"?>\n{entities}<{root} xmlns:{prefix}="{NAMESPACE}">\n'


def write_rss(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write Google Merchant's RSS 2.0."""
    head = _xml_head('rss version="2.0"', style) + "<channel><title>Shop</title>\n"
    plain = frozenset({"title", "description", "link"})
    items = [(product, _item(product, style, "item", plain)) for product in products]
    return [(None, head), *items, (None, "</channel></rss>\n")]


def write_atom(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write Google Merchant's Atom."""
    head = _xml_head('feed xmlns="http://www.w3.org/2005/Atom"', style) + "<title>Shop</title>\n"
    plain = frozenset({"title", "link"})
    items = [(product, _item(product, style, "entry", plain)) for product in products]
    return [(None, head), *items, (None, "</feed>\n")]


def _json_object(product: TrueProduct, style: Style) -> dict[str, Json]:
    values: dict[str, Json] = {}
    for name, text in _elements(product, style):
        if name in values:
            before = values[name]
            values[name] = [*(before if isinstance(before, list) else [before]), text]
        elif text and name != "shipping":
            values[name] = text
    return values


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False)


def write_lines(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write JSON lines."""
    return [(product, _dumped(_json_object(product, style)) + "\n") for product in products]


def write_array(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write one JSON array, an object a line."""
    return _array([(product, _json_object(product, style)) for product in products], "[\n", "]\n")


def _array(values: Sequence[tuple[TrueProduct | None, Json]], head: str, tail: str) -> list[Piece]:
    pieces: list[Piece] = [(None, head)]
    for place, (product, value) in enumerate(values):
        comma = "," if place < len(values) - 1 else ""
        pieces.append((product, f"{_dumped(value)}{comma}\n"))
    return [*pieces, (None, tail)]


def _node(product: TrueProduct, style: Style) -> dict[str, Json]:
    price, sale = (money(product, name, style, currency=True) for name in ("price", "sale"))
    offer: dict[str, Json] = {
        "@type": "Offer",
        "price": sale or price,
        "availability": f"https://schema.org/{'InStock' if product.stock else 'OutOfStock'}",
        "inventoryLevel": {
            "@type": "QuantitativeValue",
            "value": cell(product, "stock", product.stock),
        },
        "url": cell(product, "link", product.link),
    }
    if "availability" in product.cells:
        offer["availability"] = product.cells["availability"]
    if sale:
        offer["priceSpecification"] = {"priceType": "https://schema.org/ListPrice", "price": price}
        if product.period:
            offer["priceValidUntil"] = product.period[1]
    pictures = [{"@type": "ImageObject", "contentUrl": name} for name in product.pictures]
    node: dict[str, Json] = {
        "@context": "https://schema.org",
        "@type": "Product",
        "sku": cell(product, "id", product.key),
        "name": cell(product, "title", product.title),
        "description": cell(product, "description", product.description),
        "brand": {"@type": "Brand", "name": cell(product, "brand", product.brand)},
        "category": cell(product, "category", " > ".join(product.category)),
        "color": cell(product, "color", product.color),
        "size": product.size,
        "gtin13": cell(product, "gtin", product.gtin),
        "image": cell(product, "pictures", pictures),
        "offers": offer,
    }
    if product.group:
        node["isVariantOf"] = {"@type": "ProductGroup", "productGroupID": product.group}
    return node


def write_json_ld(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write schema.org's products as a graph in a JSON file."""
    values = [(product, _node(product, style)) for product in products]
    return _array(values, '{"@context": "https://schema.org", "@graph": [\n', "]}\n")


def write_page(products: Sequence[TrueProduct], style: Style) -> list[Piece]:
    """Write an HTML page with a script of JSON-LD for every product."""
    opening, closing = '<script type="application/ld+json">\n', "\n</script>\n"
    scripts = [(p, f"{opening}{_dumped(_node(p, style))}{closing}") for p in products]
    head = "<!DOCTYPE html>\n<html><head><title>Shop</title>\n"
    return [(None, head), *scripts, (None, "</head><body></body></html>\n")]


MARKUP_FORMATS = (
    FeedFormat("rss", "merchant_xml", "xml", write_rss),
    FeedFormat("atom", "merchant_xml", "xml", write_atom),
    FeedFormat("json_ld", "jsonld", "json", write_json_ld, ALL),
    FeedFormat("page", "jsonld", "json", write_page, ALL),
    FeedFormat("json_lines", "jsonlines", "json", write_lines),
    FeedFormat("json_array", "json", "json", write_array),
)
