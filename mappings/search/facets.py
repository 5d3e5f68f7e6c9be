"""Facets: how many products there are of each value, beside the hits.

A facet is counted under every filter but its own, so that choosing one brand still shows what the
others would give. Where words are searched or the catalogue is browsed, facets count what the query
itself matches, and filters on counted fields follow after it (`post_filter`). A search for what is
near matches whatever is nearest, so there facets count all products under the filters (`global`).
Where such hits end at a score, facets count the hits; but one whose own filter is chosen, which the
hits have passed, counts all products. Among hits that end, the variants of a product count once.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from core.errors import UnknownName
from features.base import Json
from features.registry import Registry
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductFields
from mappings.catalogue.products import PICTURES
from mappings.catalogue.sale import PRICE, SALE_PRICE
from mappings.search import collapsing
from mappings.search.filters import Filters, facet_fields
from mappings.search.sale_query import NOT_ON_SALE, ON_SALE

FACET_VALUES = 50
"""Values listed per facet, the commonest first."""


EVERYTHING, FILTERED = "all products", "under filters"
"""Names of the aggregations that hold others; no field's name has a space."""


UNKNOWN = "unknown"
"""Stands for a currency that the feed doesn't name; no code of ISO 4217 is that long."""

RANGE, REGULAR, SALE = "range", "regular", "sale"


@dataclass(frozen=True)
class FacetPlan:
    """How the facets of one search are counted.

    `early` are the filters that the query itself applies. `late` are those that the counts apply,
    each with the field it is on; the hits get them as well (`post_filter`), unless the counts are
    `is_global`. `paths` maps each facet to its field, `amounts` are those with a range in each
    currency. With `hits_end`, facets of a global plan count the hits where no filter is theirs,
    and `by_variants` the variants of a product as one.
    """

    paths: Mapping[str, str]
    amounts: frozenset[str]
    early: tuple[Json, ...]
    late: tuple[tuple[str, Json], ...]
    is_global: bool
    hits_end: bool = False
    by_variants: bool = False

    def post_filter(self) -> Json | None:
        """Return the filters that follow the query, None where there are none."""
        if self.is_global or not self.late:
            return None
        return _all(clause for _, clause in self.late)

    def aggregations(self) -> Json:
        """Return the aggregations; facets under the same filters share one that filters."""
        groups: dict[str, tuple[list[Json], dict[str, Json]]] = {}
        of_hits: dict[str, Json] = {}
        for name, path in self.paths.items():
            own = {field for field, _ in self.late if field == path}
            is_of_hits = self.hits_end and not own
            by_variants = is_of_hits and self.by_variants
            count = _bounds(path) if name in self.amounts else _counts(path, by_variants)
            if is_of_hits:
                of_hits[name] = count
                continue
            clauses = [clause for field, clause in self.late if field != path]
            _, counts = groups.setdefault(",".join(own), (clauses, {}))
            counts[name] = count
        aggregations: dict[str, Json] = {}
        for number, (clauses, counts) in enumerate(groups.values()):
            if clauses:
                aggregations[f"{FILTERED} {number}"] = {"filter": _all(clauses), "aggs": counts}
            else:
                aggregations |= counts
        if aggregations and self.is_global:
            aggregations = {EVERYTHING: {"global": {}, "aggs": aggregations}}
        return aggregations | of_hits


def plan_facets(
    names: Sequence[str],
    filters: Filters,
    registry: Registry,
    fields: ProductFields = PRODUCT_FIELDS,
    *,
    is_near: bool = False,
    hits_end: bool = False,
    by_variants: bool = False,
) -> FacetPlan:
    """Return how to count the named facets; raises UnknownName.

    `is_near` says that the query matches whatever is nearest, so that it is not to be counted,
    unless `hits_end`: it matches nothing below a score. `by_variants` says that the variants of a
    product are one hit.
    """
    known = facet_fields(registry, fields)
    for name in names:
        if name not in known:
            raise UnknownName("facet", name, known)
    paths = {name: known[name] for name in names}
    amounts = frozenset(name for name in names if _is_amount(name, fields))
    clauses = filters.by_field()
    if is_near:
        early = tuple(filters.clauses())
        return FacetPlan(
            paths,
            amounts,
            early,
            tuple(clauses),
            is_global=True,
            hits_end=hits_end,
            by_variants=by_variants,
        )
    counted = set(paths.values())
    return FacetPlan(
        paths,
        amounts,
        early=tuple(clause for path, clause in clauses if path not in counted),
        late=tuple((path, clause) for path, clause in clauses if path in counted),
        is_global=False,
    )


def read_facets(
    aggregations: Mapping[str, Json],
    names: Iterable[str],
    fields: ProductFields = PRODUCT_FIELDS,
    currency: str | None = None,
) -> dict[str, Json]:
    """Return facet → its values with counts, from an answer's aggregations.

    Of amounts it is the range in `currency`, and with several currencies all `ranges`.
    """
    found = dict(_within(aggregations))
    return {
        name: _ranges(found[name]["buckets"], currency)
        if _is_amount(name, fields)
        else _values(found[name].get("values", found[name])["buckets"])
        for name in names
        if name in found
    }


def _within(counted: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """Yield every aggregation, those that only hold others opened."""
    for name, body in counted.items():
        if name.startswith((EVERYTHING, FILTERED)):
            yield from _within(body)
        else:
            yield name, body


def _all(clauses: Iterable[Json]) -> Json:
    return {"bool": {"filter": list(clauses)}}


def _bounds(path: str) -> Json:
    """Return the aggregation of amounts: they only compare within a currency."""
    currencies = {"field": "currency", "size": FACET_VALUES, "missing": UNKNOWN}
    stats = {RANGE: {"stats": {"field": path}}}
    if path != PRICE:
        return {"terms": currencies, "aggs": stats}
    # What is on sale counts with the price of now.
    sale = {RANGE: {"stats": {"field": SALE_PRICE}}}
    parts = {
        REGULAR: {"filter": NOT_ON_SALE, "aggs": stats},
        SALE: {"filter": ON_SALE, "aggs": sale},
    }
    return {"terms": currencies, "aggs": parts}


def _counts(path: str, by_variants: bool) -> Json:
    terms: dict[str, Json] = {"terms": {"field": path, "size": FACET_VALUES}}
    hits: dict[str, Json] = {"aggs": collapsing.hit_counts()} if by_variants else {}
    if not path.startswith(f"{PICTURES}."):
        return terms | hits
    # Counted back on the products: two red pictures of one product are one red product.
    products: Json = {"aggs": {"products": {"reverse_nested": {}, **hits}}}
    return {"nested": {"path": PICTURES}, "aggs": {"values": {**terms, **products}}}


def _is_amount(name: str, fields: ProductFields) -> bool:
    return name in fields and fields[name].kind == "money"


def _ranges(buckets: Sequence[Json], currency: str | None) -> Json:
    """Return the range of one currency, without one of the commonest, beside those of all."""
    ranges: list[dict[str, Json]] = [
        {"currency": None if bucket["key"] == UNKNOWN else str(bucket["key"]).upper(), **bounds}
        for bucket in buckets
        if (bounds := _bounds_of(bucket))
    ]
    nothing = {"currency": currency, "min": None, "max": None, "count": 0}
    asked = [one for one in ranges if currency in (None, one["currency"])]
    return {**(asked[0] if asked else nothing), "ranges": ranges}


def _bounds_of(bucket: Json) -> dict[str, Json]:
    """Return the lowest and highest amount of a currency and how many there are; {} for none."""
    parts = [bucket, bucket.get(REGULAR, {}), bucket.get(SALE, {})]
    stats = [part[RANGE] for part in parts if part.get(RANGE, {}).get("count")]
    if not stats:
        return {}
    return {
        "min": min(part["min"] for part in stats),
        "max": max(part["max"] for part in stats),
        "count": sum(part["count"] for part in stats),
    }


def _values(buckets: Iterable[Json]) -> list[Json]:
    counted = [(one["key"], _count_of(one.get("products", one))) for one in buckets]
    return [
        {"value": value, "count": count}
        for value, count in sorted(counted, key=lambda pair: -pair[1])
    ]


def _count_of(bucket: Json) -> int:
    is_by_variants = collapsing.GROUPS in bucket
    return collapsing.read_hits(bucket) if is_by_variants else int(bucket["doc_count"])
