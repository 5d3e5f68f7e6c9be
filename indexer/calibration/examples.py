"""Queries whose right product is known, asked of the index, with what every hit's signals said."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from features.base import ClauseContext, Feature, Json
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.cohort import CohortBackground
from mappings.catalogue.products import PICTURES, feature_path
from mappings.search import request_body as queries
from mappings.search import results
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal

DEPTH = 50
"""Hits looked at per query: two pages, and most of what anybody sees."""


@dataclass(frozen=True)
class LabelledQuery:
    """A picture of which it is known what it shows: a value per feature, and the product's id.

    `excluded_image_id` is the stored picture that the query was made of, which must not be found.
    """

    values: Mapping[str, Json]
    product_id: str
    excluded_image_id: str | None = None


@dataclass(frozen=True)
class CalibrationExample:
    """What one query found: (product id, score in [0, 1] per feature that spoke), best first.

    `background` is the query's distance to the cohort, `background_without` the same had its
    product not been in the index.
    """

    product_id: str
    background: float
    background_without: float
    hits: tuple[tuple[str, Mapping[str, float]], ...]


def run_queries(
    shown: Iterable[LabelledQuery],
    catalogue: Catalogue,
    registry: Registry,
    weights: Mapping[str, float],
    background: CohortBackground,
) -> Iterator[CalibrationExample | None]:
    """Yield one example per picture, in order; None where the deciding feature saw nothing."""
    for one in shown:
        yield _run_query(one, catalogue, registry, weights, background)


def _run_query(
    one: LabelledQuery,
    catalogue: Catalogue,
    registry: Registry,
    weights: Mapping[str, float],
    background: CohortBackground,
) -> CalibrationExample | None:
    value = one.values.get(background.feature.name)
    if value is None:
        return None
    near = background.distance(value)
    apart = background.distance(value, without=one.product_id)
    if near is None or apart is None:
        return None
    signals = tuple(
        Signal(_excluding(registry[name], one.excluded_image_id), value, weights[name])
        for name, value in one.values.items()
        if weights.get(name, 0.0) > 0
    )
    query = Query(plan=Plan("exact", 0), signals=signals, size=DEPTH)
    page = results.read_results(catalogue.search(queries.build_body(query, registry)), query)
    hits = tuple(
        (hit.id, {name: signal["score"] for name, signal in hit.signals.items()})
        for hit in page.hits
    )
    return CalibrationExample(one.product_id, near, apart, hits)


class ExcludingFeature:
    """A feature that does not find one stored picture."""

    def __init__(self, feature: Feature, image_id: str) -> None:
        self.feature = feature
        self.image_id = image_id
        self.name, self.version = feature.name, feature.version
        self.default_weight = feature.default_weight
        self.proposes_candidates = feature.proposes_candidates

    def mapping(self) -> Json:
        """Return the feature's own mapping."""
        return self.feature.mapping()

    def extract(self, pictures: Sequence[Json]) -> list[Json | None]:
        """Return what the feature sees."""
        return self.feature.extract(pictures)

    def clause(self, value: Json, context: ClauseContext) -> Json:
        """Return the feature's clause, for all pictures but the one."""
        barred = {"term": {f"{PICTURES}.image_id": self.image_id}}
        return {
            "bool": {
                "must": [
                    self.feature.clause(value, replace(context, field=feature_path(self.feature)))
                ],
                "must_not": [barred],
            }
        }


def _excluding(feature: Feature, image_id: str | None) -> Feature:
    return feature if image_id is None else ExcludingFeature(feature, image_id)
