"""Metadata filters: from names and values to Elasticsearch JSON.

Values of one filter are alternatives; different filters must all hold.

A product's fields filter and count under their own names (`mappings.catalogue.fields`), what a
feature sees in the pictures under ``picture_`` and the feature's: `color` is the feed's word,
`picture_colour` what is in the picture, and `colour` the goods' own colour, one of eleven.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from core.errors import InvalidQuery, UnknownName
from features.base import Json
from features.capabilities import Faceted
from features.registry import Registry
from mappings.catalogue.fields import EXACT_KINDS, PRODUCT_FIELDS, ProductFields
from mappings.catalogue.products import PHOTO_GROUP, PICTURES, feature_path
from mappings.catalogue.search_terms import COLOUR, COLOURS
from mappings.catalogue.shop_fields import PICTURE_PREFIX
from mappings.search.filter_ranges import Range, parse_range
from mappings.search.sale_query import price_within


@dataclass(frozen=True)
class Filters:
    """Which products may be hits at all.

    `terms` maps a product field to its accepted values, `ranges` to its accepted ranges;
    `picture_terms` maps a faceted feature's path, such as ``images.colour.names``, to values.
    Prices are inclusive bounds in `currency`, or in whatever the feed says where that is None;
    `exchange` maps each other currency they hold in to how much of it one unit of `currency` is.
    `conditions` are further queries on the product that hits must match. No hit has one of
    `excluded_ids`, nor one of a field's `excluded_terms`.
    """

    terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    picture_terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_min: float | None = None
    price_max: float | None = None
    excluded_ids: tuple[str, ...] = ()
    excluded_terms: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    ranges: Mapping[str, tuple[Range, ...]] = field(default_factory=dict)
    conditions: tuple[Json, ...] = ()
    currency: str | None = None
    exchange: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        low, high = self.price_min, self.price_max
        if low is not None and high is not None and low > high:
            raise InvalidQuery(f"price_min {low} is above price_max {high}")

    def without_values(self, name: str, values: Sequence[str]) -> "Filters":
        """Return filters that leave out products with one of the values; the same without any."""
        if not values:
            return self
        excluded = (*self.excluded_terms.get(name, ()), *values)
        return replace(self, excluded_terms={**self.excluded_terms, name: excluded})

    def clauses(self, *, in_picture: bool = False) -> list[Json]:
        """Return the filter clauses.

        With `in_picture`, they are for use within a nested `knn`, where a filter on the picture's
        own fields is given bare and one on the product's is joined by Elasticsearch.
        """
        return [clause for _, clause in self.by_field(in_picture=in_picture)]

    def by_field(self, *, in_picture: bool = False) -> list[tuple[str, Json]]:
        """Return each filter clause with the field it is on, "" where it is not on one."""
        clauses: list[tuple[str, Json]] = [
            (name, {"terms": {name: list(values)}})
            for name, values in sorted(self.terms.items())
            if values
        ]
        for name, ranges in sorted(self.ranges.items()):
            either = [{"range": {name: range_.bounds()}} for range_ in ranges]
            clause = {"bool": {"should": either}} if len(either) > 1 else either[0]
            clauses.append((name, clause))
        for path, values in sorted(self.picture_terms.items()):
            if values:
                terms = {"terms": {path: list(values)}}
                nested = {"nested": {"path": PICTURES, "query": terms}}
                clauses.append((path, terms if in_picture else nested))
        clauses += [("price", clause) for clause in self._price()]
        clauses += [("", condition) for condition in self.conditions]
        excluded = [
            {"terms": {name: list(values)}} for name, values in sorted(self.excluded_terms.items())
        ]
        if self.excluded_ids:
            excluded.append({"terms": {"id": list(self.excluded_ids)}})
        if excluded:
            clauses.append(("", {"bool": {"must_not": excluded}}))
        return clauses

    def _price(self) -> list[Json]:
        if self.price_min is None and self.price_max is None:
            return []
        if self.currency is None:
            return [_within(self.price_min, self.price_max)]
        # An amount means nothing in another currency: 900 yen are not above 800 euros.
        either = [
            {
                "bool": {
                    "filter": [
                        {"term": {"currency": currency}},
                        _within(self.price_min, self.price_max, rate),
                    ]
                }
            }
            for currency, rate in {self.currency: 1.0, **self.exchange}.items()
        ]
        return [{"bool": {"should": either}} if len(either) > 1 else either[0]]


def _within(low: float | None, high: float | None, rate: float = 1.0) -> Json:
    """Return the query for prices of now within bounds, which are multiplied by a rate."""
    bounds = {"gte": low, "lte": high}
    return price_within({b: rate * price for b, price in bounds.items() if price is not None})


def feature_facets(registry: Registry) -> dict[str, str]:
    """Return facet name → field of every feature that counts what it sees in pictures."""
    return {
        f"{PICTURE_PREFIX}{name}": f"{feature_path(feature)}.{feature.facet}"
        for name, feature in registry.items()
        if isinstance(feature, Faceted)
    }


def facet_fields(registry: Registry, fields: ProductFields = PRODUCT_FIELDS) -> dict[str, str]:
    """Return facet name → field: the product's facets and those of features."""
    return {name: name for name in fields.facets} | {COLOUR: COLOURS} | feature_facets(registry)


def filter_fields(registry: Registry, fields: ProductFields = PRODUCT_FIELDS) -> dict[str, str]:
    """Return filter name → field: the product's filters and those of features."""
    # The products that show one photo can be asked for, but are too many to be a facet.
    own = {name: name for name in (*fields.filters, PHOTO_GROUP)}
    return own | {COLOUR: COLOURS} | feature_facets(registry)


def build_filters(
    values: Mapping[str, Iterable[str]],
    registry: Registry,
    fields: ProductFields = PRODUCT_FIELDS,
    *,
    price_min: float | None = None,
    price_max: float | None = None,
    exclude: Mapping[str, Iterable[str]] | None = None,
) -> Filters:
    """Return filters from named values; no hit has one of the values of `exclude`.

    Raises UnknownName naming the known filters, and InvalidQuery for a value that is no amount,
    number or date where the field holds those, or for an exclusion by such a field or by a feature.
    """
    paths = filter_fields(registry, fields)
    terms: dict[str, tuple[str, ...]] = {}
    picture_terms: dict[str, tuple[str, ...]] = {}
    ranges: dict[str, tuple[Range, ...]] = {}
    for name, given in values.items():
        if name not in paths:
            raise UnknownName("filter", name, {*paths, "price_min", "price_max"})
        chosen = tuple(value for value in given if value)
        if not chosen:
            continue
        if paths[name].startswith(f"{PICTURES}."):
            picture_terms[paths[name]] = chosen
        elif name in fields and fields[name].kind not in EXACT_KINDS:
            ranges[name] = tuple(parse_range(name, fields[name].kind, value) for value in chosen)
        else:
            terms[paths[name]] = chosen
    excluded = _excluded_terms(exclude or {}, paths, fields)
    return Filters(
        terms, picture_terms, price_min, price_max, excluded_terms=excluded, ranges=ranges
    )


def _excluded_terms(
    values: Mapping[str, Iterable[str]], paths: Mapping[str, str], fields: ProductFields
) -> dict[str, tuple[str, ...]]:
    """Return field → values that no hit has."""
    exact = {
        name: path
        for name, path in paths.items()
        if not path.startswith(f"{PICTURES}.")
        and (name not in fields or fields[name].kind in EXACT_KINDS)
    }
    for name in values:
        if name not in paths:
            raise UnknownName("filter", name, exact)
        if name not in exact:
            raise InvalidQuery(
                f"exclude takes no {name!r}, only names whose values are exact: {', '.join(exact)}"
            )
    chosen = {exact[name]: tuple(filter(None, given)) for name, given in values.items()}
    return {path: given for path, given in chosen.items() if given}
