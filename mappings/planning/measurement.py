"""Measures an index's recall and cost: searches with stored vectors, exact and approximate.

Every query runs under filters that keep 100, 50, 10, 1 and .1 % of the products, of three kinds
where the index has them: products drawn at random; a facet value that the query's own product has
(its neighbours lie inside); and one that it hasn't (they may all lie outside, where a graph walk
gets lost). Half of the queries are stored vectors; the other half are such vectors moved towards
another, because shoppers' photos lie beside what is stored.

Recall is of products, against `script_score` under the same filter. A hit as near as the tenth
nearest counts as found, because identical pictures are equally right.
"""

import math
import random
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from features.base import ApproximateSearch, Feature, Json
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES, feature_path
from mappings.catalogue.recall import RecallFigure, RecallTable, lower_bound
from mappings.catalogue.vectors import float_vectors, is_indexed
from mappings.catalogue.versions import field_of
from mappings.planning import sample
from mappings.planning.statistics import IndexStatistics, read_statistics, statistics_body
from mappings.search import request_body as queries
from mappings.search.filters import Filters
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal

SHARES = (1.0, 0.5, 0.1, 0.01, 0.001)
RECALL_AT = 10
"""Neighbours that recall is measured on."""

QUERIES = 200
MIN_QUERIES_PER_KIND = 30
"""A kind of filter with fewer queries counts only in the total."""

WARM_UP_QUERIES = 3
"""Queries whose times don't count: they read the index from disk."""

FLOAT_METHODS = tuple(ApproximateSearch(count, count) for count in (200, 800, 3200))
"""Methods for an index with whole vectors: more candidates, all of them used."""

QUANTISED_METHODS = tuple(ApproximateSearch(200, 200 * factor, factor) for factor in (3, 10))
"""Methods for an index with quantised vectors: candidates are compared again exactly."""

QUERY_SHIFT = 0.3
"""Share by which every second query is moved towards another stored vector."""

ROUNDING = 1e-5
"""Scores of one pair may differ by this between a script and a graph; neighbours differ by 1e-3."""

OnMeasured = Callable[[int, int], None]


@dataclass(frozen=True)
class MeasurementQuery:
    """A vector to search with, and the facet values of the product it comes from."""

    value: Json
    filter_values: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True)
class RandomFilters(Filters):
    """Keeps a random share of the products."""

    share: float = 1.0
    seed: int = 0

    def by_field(self, *, in_picture: bool = False) -> list[tuple[str, Json]]:
        """Return the one clause; pictures share their product's sequence number, so its chance."""
        chance = {"random_score": {"seed": self.seed, "field": "_seq_no"}, "boost_mode": "replace"}
        return [("", {"function_score": {**chance, "min_score": 1 - self.share}})]


@dataclass
class MeasurementTally:
    """One method's results at one share: recalls by kind of filter, times in milliseconds."""

    recalls: dict[str, list[float]] = field(default_factory=dict)
    took: list[int] = field(default_factory=list)

    def figure(self, share: float, way: ApproximateSearch | None) -> RecallFigure:
        """Return the figure. A kind with too few queries counts only in the total."""
        every = [one for kind in self.recalls.values() for one in kind]
        kinds = [kind for kind in self.recalls.values() if len(kind) >= MIN_QUERIES_PER_KIND] or [
            every
        ]
        took = sorted(self.took)
        return RecallFigure(
            share,
            way,
            round(math.fsum(every) / len(every), 4),
            math.floor(1e4 * min(lower_bound(kind, RECALL_AT) for kind in kinds)) / 1e4,
            took[(len(took) - 1) // 2],
            took[math.ceil(0.95 * len(took)) - 1],
        )


def features_with_graph(registry: Registry) -> dict[str, Feature]:
    """Return the features that keep float vectors in an index that may answer approximately."""
    return {name: one for name, one in registry.items() if _has_graph(name, one.mapping())}


def _has_graph(name: str, mapping: Json) -> bool:
    return (name,) in float_vectors({name: mapping}, is_chosen=is_indexed)


def measure(
    catalogue: Catalogue,
    registry: Registry,
    *,
    queries: int = QUERIES,
    seconds: float = math.inf,
    tell: OnMeasured = lambda done, all_: None,
    seed: int = 1,
) -> RecallTable:
    """Return what was measured of every feature with a graph.

    Stops early after `seconds`; fewer queries give lower bounds. `tell` is called with the number
    of queries done, and of how many. Raises what `Catalogue.search` does.
    """
    statistics = read_statistics(catalogue.search(statistics_body(catalogue.fields)))
    found = features_with_graph(registry)
    ends = time.monotonic() + seconds
    figures: dict[str, tuple[RecallFigure, ...]] = {}
    asked = 0
    for number, (name, feature) in enumerate(found.items()):
        until = time.monotonic() + (ends - time.monotonic()) / (len(found) - number)
        chance = random.Random(seed)  # noqa: S311
        measuring = FeatureMeasurement(catalogue, registry, statistics, feature, chance)
        done = measuring.run(list(_draw_queries(catalogue, feature, queries, seed)), until, tell)
        if seen := measuring.figures():
            figures[name], asked = seen, done
    at = datetime.now(UTC).isoformat(timespec="seconds")
    return RecallTable(at, statistics.products, statistics.pictures, asked, figures)


class FeatureMeasurement:
    """The measurement of one feature."""

    def __init__(
        self,
        catalogue: Catalogue,
        registry: Registry,
        statistics: IndexStatistics,
        feature: Feature,
        chance: random.Random,
    ) -> None:
        self._catalogue = catalogue
        self._registry = registry
        self._statistics = statistics
        self._feature = feature
        self._chance = chance
        # Elasticsearch quantises vectors by default.
        kept = feature.mapping().get("index_options", {}).get("type")
        self._ways = FLOAT_METHODS if kept in {"hnsw", "flat"} else QUANTISED_METHODS
        self._tallies: dict[tuple[float, ApproximateSearch | None], MeasurementTally] = {}
        self._values = {share: self._of_share(share) for share in SHARES}

    def run(self, queries: Sequence[MeasurementQuery], until: float, tell: OnMeasured) -> int:
        """Run the queries until the time is up; return how many ran."""
        cold = min(WARM_UP_QUERIES, len(queries) - 1)
        for number, query in enumerate(queries):
            if time.monotonic() > until:
                return number
            for share in SHARES:
                if share == 1 or share * self._statistics.products >= RECALL_AT:
                    for kind, filters in self._filters(query, share):
                        self._compare(query, share, kind, filters, warm=number >= cold)
            tell(number + 1, len(queries))
        return len(queries)

    def figures(self) -> tuple[RecallFigure, ...]:
        """Return the figures, by share from the largest, exact comparison first."""
        return tuple(
            tally.figure(share, way) for (share, way), tally in self._tallies.items() if tally.took
        )

    def _compare(
        self, query: MeasurementQuery, share: float, kind: str, filters: Filters, *, warm: bool
    ) -> None:
        truth = self._scores(query, filters, share, None, warm=warm)
        self._tally(share, None).recalls.setdefault(kind, []).append(1.0)
        for way in self._ways:
            scores = self._scores(query, filters, share, way, warm=warm)
            good = sum(score >= truth[-1] - ROUNDING for score in scores) if truth else 0
            recall = min(1.0, good / len(truth)) if truth else 1.0
            self._tally(share, way).recalls.setdefault(kind, []).append(recall)

    def _scores(
        self,
        query: MeasurementQuery,
        filters: Filters,
        share: float,
        way: ApproximateSearch | None,
        *,
        warm: bool,
    ) -> list[float]:
        asked = Query(
            plan=Plan("approximate" if way else "exact", 0, way),
            signals=(Signal(self._feature, query.value, 1.0),),
            filters=filters,
            size=RECALL_AT,
        )
        answer = self._catalogue.search(queries.build_body(asked, self._registry))
        if warm:
            self._tally(share, way).took.append(answer["took"])
        return [float(hit["_score"]) for hit in answer["hits"]["hits"]]

    def _tally(self, share: float, way: ApproximateSearch | None) -> MeasurementTally:
        return self._tallies.setdefault((share, way), MeasurementTally())

    def _filters(self, query: MeasurementQuery, share: float) -> Iterator[tuple[str, Filters]]:
        """Yield the filters of every kind that fit a query."""
        if share == 1:
            yield "none", Filters()
            return
        # One seed for all: a shop's filters repeat too, and the engine caches their sets.
        yield "random", RandomFilters(share=share, seed=1)
        values = self._values[share]
        inside = [pair for pair in values if pair[1] in query.filter_values.get(pair[0], ())]
        outside = [pair for pair in values if pair not in inside]
        for kind, pairs in (("inside", inside), ("outside", outside)):
            if pairs:
                name, value = self._chance.choice(pairs)
                yield kind, Filters(terms={name: (value,)})

    def _of_share(self, share: float) -> list[tuple[str, str]]:
        """Return the filter values whose products are about that share of the index."""
        wanted = share * self._statistics.products
        return [
            (name, value)
            for name, counts in self._statistics.counts.items()
            for value, count in counts.items()
            if share < 1 and wanted / 2 <= count <= wanted * 2
        ]


def _draw_queries(
    catalogue: Catalogue, feature: Feature, count: int, seed: int
) -> Iterator[MeasurementQuery]:
    """Yield by turns a stored vector, and a stored vector moved towards another."""
    name, facets = field_of(feature), catalogue.fields.counted_values
    before: Json = None
    for product in sample.draw_products(catalogue, count, seed, (*facets, feature_path(feature))):
        value = next((one[name] for one in product.get(PICTURES, ()) if name in one), None)
        if value is None:
            continue
        asked, before = _aside(value, before), None if before else value
        yield MeasurementQuery(
            asked, {key: _texts(product[key]) for key in facets if key in product}
        )


def _aside(vector: Json, other: Json | None) -> Json:
    """Return a vector moved towards another, if there is one."""
    if other is None:
        return vector
    return [(1 - QUERY_SHIFT) * a + QUERY_SHIFT * b for a, b in zip(vector, other, strict=True)]


def _texts(value: Json) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)
