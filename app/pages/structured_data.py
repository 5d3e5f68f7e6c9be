"""What pages tell search engines and chat apps: schema.org's JSON-LD and Open Graph."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import request

from features.base import Json
from mappings.catalogue.sale import current_price

SCHEMA = "https://schema.org"
AVAILABILITY = {
    "in_stock": "InStock",
    "out_of_stock": "OutOfStock",
    "preorder": "PreOrder",
    "backorder": "BackOrder",
}
CONDITIONS = {
    "new": "NewCondition", "refurbished": "RefurbishedCondition", "used": "UsedCondition",
}  # fmt: skip

LONGEST_DESCRIPTION = 200


@dataclass(frozen=True)
class LinkPreview:
    """How a chat app shows a link: title, text, and the address of a picture, "" for none."""

    title: str
    text: str
    image: str = ""


def absolute(path: str) -> str:
    """Return the whole address of a path on this site."""
    return f"{request.url_root.rstrip('/')}{path}"


def link_preview(title: str, text: str, image: str | None) -> LinkPreview:
    """Return the preview of a page; `image` is a path on this site."""
    plain = " ".join(text.split())
    short = f"{plain[: LONGEST_DESCRIPTION - 1]}…" if len(plain) > LONGEST_DESCRIPTION else plain
    return LinkPreview(title, short, absolute(image) if image else "")


def product_data(source: Mapping[str, Json], path: str, images: Sequence[str]) -> dict[str, Json]:
    """Return a product as schema.org describes it; `path` is that of its page."""
    data: dict[str, Json] = {
        "@context": SCHEMA,
        "@type": "Product",
        "@id": absolute(path),
        "name": source.get("title") or source["id"],
        "sku": source.get("sku") or source["id"],
    }
    texts = {"description": "description", "gtin": "gtin", "mpn": "mpn", "material": "material",
             "color": "color", "size": "size"}  # fmt: skip
    for name, field in texts.items():
        value = source.get(field)
        if value:
            data[name] = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    if images:
        data["image"] = [absolute(image) for image in images]
    if source.get("brand"):
        data["brand"] = {"@type": "Brand", "name": str(source["brand"])}
    price = current_price(source, datetime.now(UTC))
    if price is not None and source.get("currency"):
        data["offers"] = _offer(source, price, path)
    return data


def breadcrumb_data(steps: Sequence[tuple[str, str]]) -> dict[str, Json]:
    """Return the way to a page as schema.org describes it, from names and paths."""
    return {
        "@context": SCHEMA,
        "@type": "BreadcrumbList",
        "itemListElement": [
            {"@type": "ListItem", "position": place, "name": name, "item": absolute(path)}
            for place, (name, path) in enumerate(steps, 1)
        ],
    }


def _offer(source: Mapping[str, Json], price: float, path: str) -> dict[str, Json]:
    link = str(source.get("link") or "")
    offer: dict[str, Json] = {
        "@type": "Offer",
        "price": f"{price:.2f}",
        "priceCurrency": str(source["currency"]),
        "url": link if link.startswith(("https://", "http://")) else absolute(path),
    }
    if source.get("availability") in AVAILABILITY:
        offer["availability"] = f"{SCHEMA}/{AVAILABILITY[source['availability']]}"
    if source.get("condition") in CONDITIONS:
        offer["itemCondition"] = f"{SCHEMA}/{CONDITIONS[source['condition']]}"
    return offer
