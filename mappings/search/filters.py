"""Metadata filters and facets: from names and values to Elasticsearch JSON.

Values of one filter are alternatives; different filters must all hold. A facet is counted under
every filter but its own, so that choosing one brand still shows what the others would give.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.errors import InvalidQuery, UnknownName
from features.base import Json
from features.capabilities import Faceted
from features.registry import Registry
from mappings.catalogue.products import PHOTO_GROUP, PICTURES

TERMS = ("category", "category_id", "brand", "color", "size", "availability", "seller_id")
"""Product fields that filter by equality and count as facets."""

FACET_VALUES = 50
"""Values listed per facet, the commonest first."""


@dataclass(frozen=True)
class Filters:
    """Which products may be hits at all.

    `terms` maps a product field to its accepted values; `seen` maps a faceted feature's path,
    such as ``images.colour.names``, likewise; prices are inclusive bounds in the feed's currency.
    `without` are ids, and `apart` values of fields, that no hit may have.
    """

    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    picture_terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_min: float | None = None
    price_max: float | None = None
    excluded_ids: tuple[str, ...] = ()
    excluded_terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        low, high = self.price_min, self.price_max
        if low is not None and high is not None and low > high:
            raise InvalidQuery(f"price_min {low} is above price_max {high}")

    def clauses(self, *, in_picture: bool = False, except_field: str | None = None) -> list[Json]:
        """Return the filter clauses, except the one named `except_field`.

        With `in_picture`, they are for use within a nested `knn`, where a filter on the picture's
        own fields is given bare and one on the product's is joined by Elasticsearch.
        """
        found: list[Json] = [
            {"terms": {name: list(values)}}
            for name, values in sorted(self.terms.items())
            if name != except_field and values
        ]
        for path, values in sorted(self.picture_terms.items()):
            if path != except_field and values:
                seen = {"terms": {path: list(values)}}
                found.append(seen if in_picture else {"nested": {"path": PICTURES, "query": seen}})
        if except_field != "price" and (self.price_min is not None or self.price_max is not None):
            bounds = {"gte": self.price_min, "lte": self.price_max}
            found.append({"range": {"price": {k: v for k, v in bounds.items() if v is not None}}})
        barred = [
            {"terms": {name: list(values)}} for name, values in sorted(self.excluded_terms.items())
        ]
        if self.excluded_ids:
            barred.append({"terms": {"id": list(self.excluded_ids)}})
        if barred:
            found.append({"bool": {"must_not": barred}})
        return found


def facet_fields(registry: Registry) -> dict[str, str]:
    """Return facet name → field: product fields, `price`, and every faceted feature."""
    seen = {
        name: f"{PICTURES}.{name}.{feature.facet}"
        for name, feature in registry.items()
        if isinstance(feature, Faceted)
    }
    return {name: name for name in (*TERMS, "price")} | seen


def build_filters(
    values: Mapping[str, Iterable[str]],
    registry: Registry,
    *,
    price_min: float | None = None,
    price_max: float | None = None,
) -> Filters:
    """Return filters from named values; raises UnknownName naming the known ones."""
    fields = facet_fields(registry)
    terms: dict[str, tuple[str, ...]] = {}
    seen: dict[str, tuple[str, ...]] = {}
    fields = {name: path for name, path in fields.items() if name != "price"}
    # The products that show one photo can be asked for, but are too many to be a facet.
    fields[PHOTO_GROUP] = PHOTO_GROUP
    for name, given in values.items():
        if name not in fields:
            raise UnknownName("filter", name, {*fields, "price_min", "price_max"})
        chosen = tuple(value for value in given if value)
        if chosen:
            (seen if fields[name].startswith(f"{PICTURES}.") else terms)[fields[name]] = chosen
    return Filters(terms, seen, price_min, price_max)


def facet_aggregations(
    names: Sequence[str], filters: Filters, matching: Sequence[Json], registry: Registry
) -> Json:
    """Return the aggregations of the named facets; raises UnknownName.

    They run over the whole index (`global`) and apply the filters themselves, so counts mean the
    same whether the hits were found exactly or approximately. `matching` holds further queries a
    product must match to be counted (the words of a search without pictures).
    """
    fields = facet_fields(registry)
    wanted: dict[str, Json] = {}
    for name in names:
        if name not in fields:
            raise UnknownName("facet", name, fields)
        under = [*filters.clauses(except_field=fields[name]), *matching]
        wanted[name] = {"filter": {"bool": {"filter": under}}, "aggs": _counts(name, fields[name])}
    return {"facets": {"global": {}, "aggs": wanted}} if wanted else {}


def _counts(name: str, path: str) -> Json:
    if name == "price":
        return {"values": {"stats": {"field": "price"}}}
    terms = {"terms": {"field": path, "size": FACET_VALUES}}
    if not path.startswith(f"{PICTURES}."):
        return {"values": terms}
    # Counted back on the products: two red pictures of one product are one red product.
    products: Json = {"aggs": {"products": {"reverse_nested": {}}}}
    return {"pictures": {"nested": {"path": PICTURES}, "aggs": {"values": {**terms, **products}}}}
