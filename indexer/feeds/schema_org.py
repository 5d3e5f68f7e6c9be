"""Reads schema.org's Product and ProductGroup as a feed's cells (https://schema.org/Product)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from features.base import Json

PRODUCT_TYPES = frozenset(
    {"Product", "IndividualProduct", "ProductModel", "SomeProducts", "Vehicle"}
)
GROUP_TYPE = "ProductGroup"

CONTAINERS = (
    "@graph",
    "mainEntity",
    "mainEntityOfPage",
    "itemListElement",
    "item",
    "hasPart",
    "about",
)
"""Where products lie in what is none."""

LIST_PRICES = frozenset({"ListPrice", "StrikethroughPrice", "MSRP", "SRP", "RegularPrice"})
"""Kinds of price that a sale price lowers (https://schema.org/PriceTypeEnumeration)."""

TEXTS = ("color", "size", "material", "pattern", "mpn", "gtin", "sku")
GTINS = ("gtin13", "gtin14", "gtin12", "gtin8", "isbn")
DEPTH = 8


@dataclass(frozen=True)
class ProductGroup:
    """A ProductGroup: its id, and the cells that its variants share."""

    id: str
    cells: Mapping[str, Json]


@dataclass(frozen=True)
class ProductNode:
    """A product or a group as it is written; `group` is the one it was found in."""

    value: Mapping[str, Json]
    is_group: bool
    group: ProductGroup | None = None

    @property
    def key(self) -> str:
        """Its @id, "" without one."""
        return str(self.value.get("@id") or "")

    @property
    def has_variants(self) -> bool:
        """Whether it holds or names variants."""
        return bool(self.value.get("hasVariant"))

    @property
    def named_group(self) -> str:
        """The @id or number of the group that a product names, "" without one."""
        named = self.value.get("isVariantOf")
        reference = next(references(named), "")
        number = first_text(self.value.get("inProductGroupWithID"))
        if isinstance(named, dict):
            number = number or first_text(named.get("productGroupID"))
        return reference or number


def nodes_of(
    value: Json, group: ProductGroup | None = None, depth: int = 0
) -> Iterator[ProductNode]:
    """Yield the products and groups in a JSON-LD value, each group before its variants."""
    if isinstance(value, list):
        for item in value:
            yield from nodes_of(item, group, depth)
    if not isinstance(value, dict) or depth > DEPTH:
        return
    types = {str(name).rpartition("/")[2].rpartition(":")[2] for name in _list(value.get("@type"))}
    if GROUP_TYPE in types:
        yield ProductNode(value, is_group=True)
        own = group_of(value)
        for variant in _list(value.get("hasVariant")):
            # One that has only an @id is written elsewhere.
            if isinstance(variant, dict) and set(variant) - {"@id", "@type"}:
                yield ProductNode({"@type": "Product", **variant}, is_group=False, group=own)
    elif types & PRODUCT_TYPES:
        yield ProductNode(value, is_group=False, group=group)
    else:
        for name in CONTAINERS:
            yield from nodes_of(value.get(name), group, depth + 1)


def references(value: Json) -> Iterator[str]:
    """Yield the @id of each of the nodes in a value."""
    for item in _list(value):
        if isinstance(item, dict) and item.get("@id"):
            yield str(item["@id"])
        elif isinstance(item, str):
            yield item


def group_of(value: Mapping[str, Json]) -> ProductGroup:
    """Return a group as its variants need it."""
    key = first_text(value.get("productGroupID")) or first_text(value.get("sku"))
    key = key or str(value.get("@id") or "") or first_text(value.get("url"))
    return ProductGroup(key, _cells(value))


def cells_of(node: ProductNode, group: ProductGroup | None) -> dict[str, Json]:
    """Return a product's cells, named as docs/FEEDS.md lists them; what it lacks is its group's."""
    cells = _cells(node.value)
    key = first_text(node.value.get("sku")) or first_text(node.value.get("productID"))
    if node.is_group:
        key = key or first_text(node.value.get("productGroupID"))
    cells["id"] = key or node.key or first_text(node.value.get("url")) or None
    if group is not None:
        cells = {**group.cells, **cells, "item_group_id": group.id}
        cells.setdefault("image_link", group.cells.get("image_link"))
    elif node.named_group:
        cells["item_group_id"] = node.named_group
    return {name: cell for name, cell in cells.items() if cell not in (None, "", [])}


def first_text(value: Json) -> str:
    """Return the text of a value: of a list the first, of an object its name or value."""
    for item in _list(value):
        inner: Json = item
        if isinstance(item, dict):
            inner = next((item[n] for n in ("name", "@value", "value", "@id") if item.get(n)), "")
        is_text = isinstance(inner, (str, int, float)) and not isinstance(inner, bool)
        if is_text and (text := str(inner).strip()):
            return text
    return ""


def _cells(value: Mapping[str, Json]) -> dict[str, Json]:
    cells: dict[str, Json] = {
        "title": first_text(value.get("name")),
        "description": first_text(value.get("description")),
        "brand": first_text(value.get("brand")) or first_text(value.get("manufacturer")),
        "category": first_text(value.get("category")),
        "image_link": [item for item in _list(value.get("image")) if item],
        "link": first_text(value.get("url")),
        **{
            name: _single([text for item in _list(value.get(name)) if (text := first_text(item))])
            for name in ("color", "size", "material", "pattern")
        },
        **{name: first_text(value.get(name)) for name in ("mpn", "sku")},
        "gtin": first_text(next((value[n] for n in ("gtin", *GTINS) if value.get(n)), "")),
        "attributes": [
            [first_text(item.get("name")), first_text(item.get("value"))]
            for item in _list(value.get("additionalProperty"))
            if isinstance(item, dict)
        ],
    }
    audience = value.get("audience")
    if isinstance(audience, dict):
        cells["gender"] = first_text(audience.get("suggestedGender")).rpartition("/")[2].lower()
    cells |= _offer_cells(value.get("offers"))
    return {name: cell for name, cell in cells.items() if cell not in (None, "", [])}


def _offer_cells(offers: Json) -> dict[str, Json]:
    """Return what the first offer says of price, stock and condition."""
    offer = next((item for item in _list(offers) if isinstance(item, dict)), None)
    if offer is None:
        return {}
    inner = next((item for item in _list(offer.get("offers")) if isinstance(item, dict)), {})
    offer = {**inner, **offer}
    stock = offer.get("inventoryLevel")
    cells: dict[str, Json] = {
        "price": offer.get("price", offer.get("lowPrice")),
        "currency": first_text(offer.get("priceCurrency")),
        "availability": first_text(offer.get("availability")),
        "link": first_text(offer.get("url")),
        "seller_id": first_text(offer.get("seller")),
        "condition": first_text(offer.get("itemCondition"))
        .rpartition("/")[2]
        .removesuffix("Condition")
        .lower(),
        "stock": stock.get("value") if isinstance(stock, dict) else stock,
    }
    listed = None
    for item in _list(offer.get("priceSpecification")):
        if not isinstance(item, dict):
            continue
        kind = first_text(item.get("priceType")).rpartition("/")[2]
        if kind in LIST_PRICES:
            listed = item.get("price")
        elif cells["price"] is None:
            cells["price"] = item.get("price", item.get("minPrice"))
        cells["currency"] = cells["currency"] or first_text(item.get("priceCurrency"))
    if listed is not None:
        cells["sale_price"], cells["price"] = cells["price"], listed
        if until := _last_day(first_text(offer.get("priceValidUntil"))):
            cells["sale_price_effective_date"] = f"/{until}"
    return {name: cell for name, cell in cells.items() if cell not in (None, "", [])}


def _single(values: list[str]) -> Json:
    """Return a single value as it is written, which may name several, and a list of more."""
    return values[0] if len(values) == 1 else list(values)


def _last_day(text: str) -> str:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return ""
    return text


def _list(value: Json) -> list[Json]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]
