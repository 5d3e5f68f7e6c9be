"""Runs queries whose right product is known, and keeps the scores of all hits' signals."""

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
"""Hits used per query: two pages, which is most of what people see."""


@dataclass(frozen=True)
class LabelledQuery:
    """A picture whose product is known: a value per feature, and the product's id.

    `excluded_image_id` is the stored picture that the query was made of, which must not be found.
    """

    values: Mapping[str, Json]
    product_id: str
    excluded_image_id: str | None = None


@dataclass(frozen=True)
class CalibrationExample:
    """The hits of one query: (product id, score in [0, 1] per matching feature), best first.

    `background` is the query's distance to the cohort; `background_without` is the same if its
    product were not in the index.
    """

    product_id: str
    background: float
    background_without: float
    hits: tuple[tuple[str, Mapping[str, float]], ...]


def run_queries(
    labelled: Iterable[LabelledQuery],
    catalogue: Catalogue,
    registry: Registry,
    weights: Mapping[str, float],
    background: CohortBackground,
) -> Iterator[CalibrationExample | None]:
    """Yield one example per query, in order; None if it lacks a value of the cohort's feature."""
    for query in labelled:
        yield _run_query(query, catalogue, registry, weights, background)


def _run_query(
    labelled: LabelledQuery,
    catalogue: Catalogue,
    registry: Registry,
    weights: Mapping[str, float],
    background: CohortBackground,
) -> CalibrationExample | None:
    value = labelled.values.get(background.feature.name)
    if value is None:
        return None
    distance = background.distance(value)
    distance_without = background.distance(value, without=labelled.product_id)
    if distance is None or distance_without is None:
        return None
    signals = tuple(
        Signal(_excluding(registry[name], labelled.excluded_image_id), value, weights[name])
        for name, value in labelled.values.items()
        if weights.get(name, 0.0) > 0
    )
    query = Query(plan=Plan("exact", 0), signals=signals, size=DEPTH)
    page = results.read_results(catalogue.search(queries.build_body(query, registry)), query)
    hits = tuple(
        (hit.id, {name: signal["score"] for name, signal in hit.signals.items()})
        for hit in page.hits
    )
    return CalibrationExample(labelled.product_id, distance, distance_without, hits)


class ExcludingFeature:
    """A feature whose clause excludes one stored picture."""

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
        """Return the feature's own values."""
        return self.feature.extract(pictures)

    def clause(self, value: Json, context: ClauseContext) -> Json:
        """Return the feature's clause, restricted to all other pictures."""
        excluded = {"term": {f"{PICTURES}.image_id": self.image_id}}
        return {
            "bool": {
                "must": [
                    self.feature.clause(value, replace(context, field=feature_path(self.feature)))
                ],
                "must_not": [excluded],
            }
        }


def _excluding(feature: Feature, image_id: str | None) -> Feature:
    return feature if image_id is None else ExcludingFeature(feature, image_id)
