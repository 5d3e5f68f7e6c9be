"""Which column means what: Google Merchant's names, and the other names shops use for them.

The register of fields has each field's names (`mappings.catalogue.fields`). They are compared
without case, with `-` and blanks as `_`, and without Google's `g:`. Where several columns mean the
same field, the first in its list that is not empty counts. Three things are more than another name:

- a number in `price_usd` or `Price (USD)` (any ISO 4217 code) is a price in that currency
- `department` is put before a `category` that is no path yet: Fruit > Apple
- `attributes` ([[name, value], …] or {name: value}) fills fields no column of their own fills
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from functools import lru_cache

from features.base import Json
from indexer.errors import FeedUnreadable
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductFields

CELL_CHARACTERS = 100_000
CELL_RULE = f"a cell has at most {CELL_CHARACTERS} characters"

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

PRICE_IN_CURRENCY = re.compile(r"price_[(\[]?([a-z]{3})[)\]]?")


@lru_cache(maxsize=4096)
def normalise_name(name: str) -> str:
    """Return a column's name as the register writes it."""
    name = unicodedata.normalize("NFKC", name) if not name.isascii() else name
    return name.strip("\ufeff \t").casefold().removeprefix("g:").replace("-", "_").replace(" ", "_")


def currency_of(name: str) -> str | None:
    """Return the currency that a column such as `price_usd` carries in its name."""
    found = PRICE_IN_CURRENCY.fullmatch(normalise_name(name))
    return found[1].upper() if found and found[1].upper() in CURRENCIES else None


def is_known(name: str, fields: ProductFields = PRODUCT_FIELDS) -> bool:
    """Say whether a column means anything to us."""
    return normalise_name(name) in fields.by_column or currency_of(name) is not None


def require_columns(
    names: Iterable[str], needed_fields: Iterable[str] = ("id", "image_link")
) -> None:
    """Raise FeedUnreadable unless some column is the id and some column the picture."""
    names = tuple(names)
    by_column = PRODUCT_FIELDS.by_column
    present = {field for name in names for field in by_column.get(normalise_name(name), ())}
    missing = [field for field in needed_fields if field not in present]
    if missing:
        needed = "; ".join(
            f"{field} (or {', '.join(PRODUCT_FIELDS[field].columns[1:])})" for field in missing
        )
        listed = ", ".join(name[:40] for name in names[:30])
        raise FeedUnreadable(f"the feed has the columns {listed}; it lacks {needed}")


def is_empty(cell: Json) -> bool:
    """Say whether a cell holds nothing."""
    if isinstance(cell, str):
        return not cell.strip()
    return cell is None or cell in ([], {})


def cells_by_field(
    cells: Mapping[str, Json], fields: ProductFields = PRODUCT_FIELDS
) -> dict[str, Json]:
    """Return field → cell for everything that is there, still as the feed wrote it."""
    filled: dict[str, Json] = {}
    for name, cell in cells.items():
        if not is_empty(cell):
            filled.setdefault(normalise_name(name), cell)
    present = {
        field: filled[column]
        for field, columns in fields.columns.items()
        for column in reversed(columns)
        if column in filled
    }
    if "price" not in present:
        present |= _price_with_currency(filled)
    for name, value in _pairs(present.pop("attributes", None)):
        for field in fields.by_column.get(normalise_name(name), ()):
            if field in fields and fields[field].from_attributes and not is_empty(value):
                present.setdefault(field, value)
    return present


def _price_with_currency(filled: Mapping[str, Json]) -> dict[str, Json]:
    for name, cell in filled.items():
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
