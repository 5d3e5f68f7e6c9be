"""Reads one cell as a field of its kind holds it, or says which rule the cell breaks."""

import math
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from features.base import Json
from indexer.feeds.columns import CELL_CHARACTERS, CELL_RULE, is_empty
from indexer.feeds.rules import BrokenRule
from mappings.catalogue.analysis import normalise
from mappings.catalogue.fields import ProductField
from mappings.words.markup import plain_text

KEYWORD_CHARACTERS = 500
"""A longer keyword would be stored and yet not be found (`ignore_above` in the mapping)."""

TITLE_CHARACTERS = 1_000
LINK_CHARACTERS = 4_096
MAX_VALUES = 50
MAX_COUNT = 2**31 - 1

SEPARATORS = {"color": re.compile(r"[/,|]"), "material": re.compile(r"[/,|]")}
"""What separates the values of a field; Google writes Red/Green."""

SEPARATOR = re.compile(r"\||,\s")
"""What separates them elsewhere: S/M and 42,5 are single sizes."""

COUNT = re.compile(r"[>≥]?\s?([-+]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?)\s?\+?")

DAY = re.compile(r"\d{4}-\d{2}-\d{2}|\d{8}")

AVAILABILITY = {
    "instock": "in_stock", "available": "in_stock", "limitedavailability": "in_stock",
    "outofstock": "out_of_stock", "soldout": "out_of_stock", "discontinued": "out_of_stock",
    "true": "in_stock", "yes": "in_stock", "1": "in_stock",
    "false": "out_of_stock", "no": "out_of_stock", "0": "out_of_stock",
    "preorder": "preorder", "backorder": "backorder", "availablefororder": "backorder",
    "onbackorder": "backorder", "presale": "preorder", "madetoorder": "backorder",
    "instoreonly": "in_stock", "onlineonly": "in_stock", "reserved": "out_of_stock",
    "在庫あり": "in_stock", "有": "in_stock", "あり": "in_stock", "在庫僅少": "in_stock",
    "在庫なし": "out_of_stock", "在庫切れ": "out_of_stock", "売り切れ": "out_of_stock",
    "なし": "out_of_stock", "予約": "preorder", "予約受付中": "preorder", "取り寄せ": "backorder",
    "お取り寄せ": "backorder", "auflager": "in_stock", "verfügbar": "in_stock",
    "sofortlieferbar": "in_stock", "ausverkauft": "out_of_stock", "nichtvorrätig": "out_of_stock",
    "enstock": "in_stock", "épuisé": "out_of_stock", "rupturedestock": "out_of_stock",
    "agotado": "out_of_stock", "disponible": "in_stock", "disponibile": "in_stock",
}  # fmt: skip
"""Google's four words, also as Meta and schema.org (https://schema.org/InStock) write them."""


def parse_value(field: ProductField, cell: Json) -> Json:
    """Return a cell as the index stores it, '' or [] for nothing; raises BrokenRule.

    Amounts are not read here: `indexer.feeds.prices` reads them with their currency.
    """
    parse = PARSERS_BY_FIELD.get(field.name) or PARSERS_BY_KIND[field.kind]
    return parse(field.name, cell)


def has_surrogates(text: str) -> bool:
    """Say whether a text holds half a surrogate pair, which is not valid Unicode."""
    return any("\ud800" <= character <= "\udfff" for character in text)


def parse_scalar(field: str, cell: Json) -> str:
    """Return a cell as text; a list's first value that is not empty stands for it."""
    if isinstance(cell, list):
        cell = next((value for value in cell if not is_empty(value)), "")
    if isinstance(cell, bool) or not isinstance(cell, (str, int, float)):
        raise BrokenRule(field, "type", f"text or a number is wanted, not {type(cell).__name__}")
    text = str(cell)
    if len(text) > CELL_CHARACTERS:
        raise BrokenRule(field, "cell_too_long", CELL_RULE)
    return text


def parse_words(field: str, cell: Json, limit: int = CELL_CHARACTERS) -> str:
    """Return a cell's text, normalised; HTML is read as a browser shows it."""
    text = plain_text(parse_scalar(field, cell))
    if not text.isascii():
        text = "".join(c for c in text if not "\ud800" <= c <= "\udfff")
    text = normalise(text)
    if len(text) > limit:
        raise BrokenRule(field, "too_long", f"{field} has at most {limit} characters")
    return text


def parse_keyword(field: str, cell: Json) -> str:
    """Return a cell as one exact value."""
    return parse_words(field, cell, KEYWORD_CHARACTERS)


def parse_keywords(field: str, cell: Json) -> list[str]:
    """Return a cell as exact values, each once; a list's values may hold separators."""
    if isinstance(cell, list):
        cells = [parse_scalar(field, value) for value in cell if not is_empty(value)]
    else:
        cells = SEPARATORS.get(field, SEPARATOR).split(parse_scalar(field, cell))
    if len(cells) > MAX_VALUES:
        raise BrokenRule(field, "too_many", f"{field} has at most {MAX_VALUES} values")
    words = (parse_keyword(field, value) for value in cells if not is_empty(value))
    return list(dict.fromkeys(word for word in words if word))


def parse_path(field: str, cell: Json) -> list[str]:
    """Return a path and all its ancestors, so that one term filters a branch."""
    return ancestors(field, path_parts(field, cell))


def path_parts(field: str, cell: Json) -> list[str]:
    """Return the names along a path: a list's values, or a text's between `>`."""
    if isinstance(cell, list) and not category_branches(cell):
        return parse_keywords(field, cell)
    return [part.strip() for part in parse_words(field, cell).split(">") if part.strip()]


def category_branches(cell: Json) -> list[str]:
    """Return the branches of a tree that a cell names, such as "Toys, Toys > Trains"; [] for none.

    A comma may be part of a name, so a text is split only where all branches have the same root.
    A list is one path, unless one of its values is a path itself.
    """
    if isinstance(cell, list):
        branches = [value for value in cell if isinstance(value, str)]
        return branches if any(">" in branch for branch in branches) else []
    if not isinstance(cell, str):
        return []
    branches = [branch.strip() for branch in cell.split(",")]
    roots = {branch.partition(">")[0].strip() for branch in branches}
    return branches if len(roots) == 1 and "" not in roots else []


def ancestors(field: str, parts: list[str]) -> list[str]:
    """Return the path to each of the names, the whole path last."""
    paths = [" > ".join(parts[: depth + 1]) for depth in range(len(parts))]
    if paths and len(paths[-1]) > KEYWORD_CHARACTERS:
        detail = f"a {field} path has at most {KEYWORD_CHARACTERS} characters"
        raise BrokenRule(field, "too_long", detail)
    return paths


def _code(field: str, cell: Json) -> str:
    return re.sub(r"[\s_-]+", "_", parse_keyword(field, cell).lower())


def _count(field: str, cell: Json) -> int:
    """Return a count; "10+" is 10, what is oversold 0, and parts of a unit are cut off."""
    written = COUNT.fullmatch(normalise(parse_scalar(field, cell)))
    number = float(written[1].replace(",", "")) if written else math.inf
    if number > MAX_COUNT:
        raise BrokenRule(field, "number", f"{field} is a whole number from 0 to {MAX_COUNT}")
    return max(0, int(number))


def _moment(field: str, text: str) -> datetime:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        detail = f"{field} is written in ISO 8601, such as 2026-11-30T09:00+0100"
        raise BrokenRule(field, "date", detail) from None


def _time(field: str, cell: Json) -> str:
    text = parse_scalar(field, cell).strip()
    return _moment(field, text).isoformat() if text else ""


def _period(field: str, cell: Json) -> Json:
    """Return a time span as Elasticsearch takes it; one that is open at a side lacks that side."""
    text = parse_scalar(field, cell).strip()
    if not text:
        return ""
    start, separator, end = (part.strip() for part in text.partition("/"))
    if not separator or not (start or end):
        raise BrokenRule(field, "date", f"{field} is written as two dates: start/end")
    first = _moment(field, start) if start else None
    last = _moment(field, end) if end else None
    if last and DAY.fullmatch(end):
        # A day named as the end belongs to the span.
        last = last.replace(hour=23, minute=59, second=59, microsecond=999_000)
    # Elasticsearch reads a moment without a zone as UTC, and refuses a period that ends first.
    if first and last and _in_utc(first) > _in_utc(last):
        raise BrokenRule(field, "date", f"{field} must begin before it ends")
    bounds = {"gte": first, "lte": last}
    return {name: moment.isoformat() for name, moment in bounds.items() if moment}


def _in_utc(moment: datetime) -> float:
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def _link(field: str, cell: Json) -> str:
    link = parse_scalar(field, cell).strip().replace(" ", "%20")
    if len(link) > LINK_CHARACTERS:
        raise BrokenRule(field, "too_long", f"{field} has at most {LINK_CHARACTERS} characters")
    try:
        parts = urlsplit(link)
    except ValueError:
        raise BrokenRule(field, "address", f"{field} is no web address") from None
    # Anything else (javascript:, data:) would be a trap in a page that shows it.
    if parts.scheme not in ("http", "https") or not parts.netloc or has_surrogates(link):
        raise BrokenRule(field, "address", f"{field} is a whole http:// or https:// address")
    if any(ord(character) <= 32 or ord(character) == 127 for character in link):
        raise BrokenRule(field, "address", f"{field} has no blanks or control characters")
    return link


def _title(field: str, cell: Json) -> str:
    title = parse_words(field, cell)
    if len(title) > TITLE_CHARACTERS:
        kept = title[:TITLE_CHARACTERS].rpartition(" ")[0] or title[:TITLE_CHARACTERS]
        detail = f"{field} has at most {TITLE_CHARACTERS} characters"
        raise BrokenRule(field, "too_long", detail, kept)
    return title


def _availability(field: str, cell: Json) -> str:
    text = str(cell) if isinstance(cell, bool) else parse_scalar(field, cell)
    written = normalise(text).lower().rpartition("/")[2]
    code = AVAILABILITY.get(re.sub(r"[\W_]", "", written))
    if code is None:
        known = ", ".join(sorted(set(AVAILABILITY.values())))
        raise BrokenRule(field, "vocabulary", f"availability is one of {known}")
    return code


def _gtin(field: str, cell: Json) -> str:
    return re.sub(r"[\s-]", "", parse_keyword(field, cell))


PARSERS_BY_KIND: Mapping[str, Callable[[str, Json], Json]] = {
    "text": parse_words,
    "identifier": parse_keyword,
    "keyword": parse_keyword,
    "keywords": parse_keywords,
    "code": _code,
    "path": parse_path,
    "count": _count,
    "time": _time,
    "period": _period,
    "address": _link,
}

PARSERS_BY_FIELD: Mapping[str, Callable[[str, Json], Json]] = {
    "title": _title,
    "availability": _availability,
    "gtin": _gtin,
}
"""Fields with rules beyond those of their kind."""
