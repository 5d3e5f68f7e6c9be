"""How often a stored picture finds its own product: sampled searches before a rebuild takes over.

A picture searched by the values that are stored of it finds itself first, in an index whose vectors
are whole, whatever the model: so this verifies a rebuild by another model too, whose answers cannot
be compared with those in service. Only products that show the same photo may come as near. Where
more of them do than a search returns, the product is missed in both indices.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from features.base import ApproximateSearch, Feature, Json
from features.capabilities import Deferred
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.products import PICTURES, real_pictures
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal
from mappings.search.request_body import build_body

LEAST = 0.95
"""Share that must be found of what is found in service, of all where nothing is searched there.

An approximate search may miss one now and then.
"""

TIE = 0.001
"""Scores, 0 to 1, that differ by no more are equal: products with one photo differ in bits."""

CANDIDATES = ApproximateSearch(k=200, num_candidates=1000)

LISTED = 3

LOOKED_AT = 30

Search = Callable[[Json], Json]


@dataclass(frozen=True)
class SelfRetrieval:
    """The share of searches, 0 to 1, that find the picture's product first, or tied with the first.

    `missed` are the ids of some that do not.
    """

    searches: int
    share: float
    missed: Sequence[str]

    def is_enough(self, in_service: "SelfRetrieval | None") -> bool:
        """Say whether the index may take over from the one in service."""
        return self.share >= LEAST * (1.0 if in_service is None else in_service.share)

    def __str__(self) -> str:
        """Return one line for people."""
        listed = f" (not {', '.join(self.missed)})" if self.missed else ""
        return (
            f"{self.share:.0%} of {self.searches} stored pictures find their own product "
            f"first{listed}"
        )


def measure_self_retrieval(
    search: Search, products: Sequence[Mapping[str, Json]], registry: Registry
) -> SelfRetrieval | None:
    """Search products by their first pictures; None where none has a value to search by.

    `products` have their vectors, as `search`'s index stores them. Raises what `search` does.
    """
    names = [name for name, feature in registry.items() if _is_searched_by(feature)]
    by_product: dict[str, bool] = {}
    for product in products:
        if signals := picture_signals(product, registry, names):
            query = Query(Plan("approximate", 0, CANDIDATES), tuple(signals), size=LOOKED_AT)
            hits = search(build_body(query, registry))["hits"]["hits"]
            by_product[str(product["id"])] = _is_first(str(product["id"]), hits)
    if not by_product:
        return None
    missed = [key for key, is_first in by_product.items() if not is_first]
    return SelfRetrieval(len(by_product), 1 - len(missed) / len(by_product), missed[:LISTED])


def picture_signals(
    product: Mapping[str, Json], registry: Registry, names: Sequence[str]
) -> list[Signal]:
    """Return the signals of a product's first picture, by the named features that it has."""
    pictures = real_pictures(product.get(PICTURES, []))
    if not pictures:
        return []
    values = versions.values_by_feature(pictures[0], versions.feature_names_by_field(registry))
    return [
        Signal(registry[name], values[name], registry[name].default_weight)
        for name in names
        if name in values
    ]


def _is_searched_by(feature: Feature) -> bool:
    return feature.default_weight > 0 and not isinstance(feature, Deferred)


def _is_first(key: str, hits: Sequence[Json]) -> bool:
    scores = {str(hit["_id"]): float(hit["_score"]) for hit in hits}
    return key in scores and scores[key] >= max(scores.values()) - TIE
