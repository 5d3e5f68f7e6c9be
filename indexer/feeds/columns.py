"""Which column means what: Google Merchant's names, and the other names shops use for them.

Names are compared without case, with `-` and blanks as `_`, and without Google's `g:`. Where
several columns mean the same field, the one that stands first in its row of ALIASES and is not
empty counts. Three things are more than another name:

- a number in `price_usd` (any ISO 4217 code) is a price in that currency
- `department` is put before a `category` that is no path yet: Fruit > Apple
- `attributes` ([[name, value], …] or {name: value}) fills fields no column of their own fills
"""

from collections.abc import Iterable, Mapping

from features.base import Json
from indexer.errors import FeedUnreadable

ALIASES: Mapping[str, tuple[str, ...]] = {
    "id": ("id", "product_id", "offer_id", "sku"),
    "title": ("title", "name", "product_name"),
    "description": ("description",),
    "brand": ("brand", "manufacturer", "vendor"),
    "category": ("category", "categories", "product_type", "google_product_category"),
    "category_id": ("category_id",),
    "department": ("department",),
    "color": ("color", "colour", "colors", "colours"),
    "size": ("size", "sizes", "size_text"),
    "price": ("price", "synthetic_price"),
    "currency": ("currency", "price_currency", "synthetic_currency"),
    "availability": ("availability",),
    "stock": ("stock", "quantity", "inventory", "stock_quantity", "synthetic_stock"),
    "item_group_id": ("item_group_id", "group_id", "parent_id"),
    "gtin": ("gtin", "ean", "upc", "isbn", "barcode"),
    "seller_id": ("seller_id", "seller", "merchant_id", "external_seller_id"),
    "link": ("link", "product_url", "url", "source_url"),
    "image_link": ("image_link", "images", "image", "image_url", "picture"),
    "additional_image_link": (
        "additional_image_link", "additional_image_links", "additional_images",
    ),
    "attributes": ("attributes",),
}  # fmt: skip

FROM_ATTRIBUTES = ("brand", "color", "size", "gtin")

CELL_CHARACTERS = 100_000
CELL_RULE = f"a cell has at most {CELL_CHARACTERS} characters"

FIELD_BY_COLUMN = {alias: field for field, aliases in ALIASES.items() for alias in aliases}

ISO_4217 = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD
    CAD CDF CHF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP
    GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD
    KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN
    NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP
    SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD UYU UZS VES VND
    VUV WST XAF XCD XOF XPF YER ZAR ZMW ZWG
"""

CURRENCIES = frozenset(ISO_4217.split())
"""ISO 4217 codes in use: what tells the column price_usd from the column price_max."""


def normalise_name(name: str) -> str:
    """Return a column's name as ALIASES writes it."""
    return name.strip().casefold().removeprefix("g:").replace("-", "_").replace(" ", "_")


def currency_of(name: str) -> str | None:
    """Return the currency that a column such as `price_usd` carries in its name."""
    head, _, code = normalise_name(name).rpartition("_")
    return code.upper() if head == "price" and code.upper() in CURRENCIES else None


def is_known(name: str) -> bool:
    """Say whether a column means anything to us."""
    return normalise_name(name) in FIELD_BY_COLUMN or currency_of(name) is not None


def require_columns(names: Iterable[str]) -> None:
    """Raise FeedUnreadable unless some column is the id and some column the picture."""
    names = tuple(names)
    found = {FIELD_BY_COLUMN.get(normalise_name(name)) for name in names}
    lacking = [field for field in ("id", "image_link") if field not in found]
    if lacking:
        wanted = "; ".join(f"{field} (or {', '.join(ALIASES[field][1:])})" for field in lacking)
        listed = ", ".join(name[:40] for name in names[:30])
        raise FeedUnreadable(f"the feed has the columns {listed}; it lacks {wanted}")


def is_empty(cell: Json) -> bool:
    """Say whether a cell holds nothing."""
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or cell in ([], {})


def fields_of(cells: Mapping[str, Json]) -> dict[str, Json]:
    """Return field → cell for everything that is there, still as the feed wrote it."""
    given: dict[str, Json] = {}
    for name, cell in cells.items():
        if not is_empty(cell):
            given.setdefault(normalise_name(name), cell)
    fields = {
        field: given[alias]
        for field, aliases in ALIASES.items()
        for alias in reversed(aliases)
        if alias in given
    }
    if "price" not in fields:
        fields |= _price_with_currency(given)
    for name, value in _pairs(fields.pop("attributes", None)):
        meant = FIELD_BY_COLUMN.get(normalise_name(name))
        if meant in FROM_ATTRIBUTES and not is_empty(value):
            fields.setdefault(meant, value)
    return fields


def _price_with_currency(given: Mapping[str, Json]) -> dict[str, Json]:
    for name, cell in given.items():
        if code := currency_of(name):
            return {"price": cell, "currency": code}
    return {}


def _pairs(attributes: Json) -> list[tuple[str, Json]]:
    """Return the attributes as pairs; what is shaped otherwise is left out."""
    if isinstance(attributes, dict):
        return list(attributes.items())
    if not isinstance(attributes, list):
        return []
    return [
        (pair[0], pair[1])
        for pair in attributes
        if isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str)
    ]
