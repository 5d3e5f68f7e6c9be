"""Finds candidates: pictures of an index that may show the same photo as the examined one.

One request asks for equal files, near hashes and near embeddings of several views together.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from app.trust.examination import compared_picture, signals
from app.trust.examination.candidate import Candidate
from app.trust.examination.compared_picture import VIEW_FEATURE, ComparedPicture
from app.trust.examination.evidence import ListingPicture
from features.base import Json
from features.geometry.keypoint_store import KeypointStore
from features.registry import Registry
from mappings.catalogue import products, versions
from mappings.catalogue.products import PICTURES, compared_pictures
from mappings.catalogue.vectors import VectorPacker
from mappings.engine.gateway import Gateway
from mappings.search import candidates
from mappings.search.candidates import FeatureQuery
from mappings.search.filters import Filters

PRODUCTS = 24
"""Candidate products per request."""


class CandidateSearch:
    """Asks one index for candidates and reads the answers. Thread-safe.

    `candidate_features` are the features that propose candidates; every feature that can measure
    a distance compares them.
    """

    def __init__(
        self,
        gateway: Gateway,
        index: str,
        registry: Registry,
        keypoints: KeypointStore,
        candidate_features: Collection[str],
    ) -> None:
        self._gateway = gateway
        self._index = index
        self._registry = registry
        self._keypoints = keypoints
        self._candidate_features = frozenset(candidate_features)
        self._vectors = VectorPacker(products.picture_properties(registry.values()))
        self._names = versions.feature_names_by_field(registry)
        self._measurable = signals.measurable_features(registry)

    def describe(
        self, product: Mapping[str, Json], document: Mapping[str, Json]
    ) -> ComparedPicture:
        """Return a picture of the index, ready to compare."""
        values = versions.values_by_feature(self._vectors.unpack(document), self._names)
        return compared_picture.describe_stored(product, values, self._keypoints)

    def search(self, pictures: Sequence[ComparedPicture], filters: Filters) -> list[Json]:
        """Return one answer per picture, in order; one request for all of them."""
        bodies = [_request(each, list(self._queries(each)), filters) for each in pictures]
        return self._gateway.search_many(self._index, bodies) if bodies else []

    def search_turns(
        self, examined: ComparedPicture, turns: Sequence[Json], filters: Filters, answer: Json
    ) -> Json:
        """Return the answer with the hits that the picture's quarter turns add."""
        body = _request(examined, list(self._view_queries(turns)), filters)
        (further,) = self._gateway.search_many(self._index, [body])
        hits = {hit["_id"]: hit for part in (further, answer) for hit in part["hits"]["hits"]}
        return {"hits": {"hits": list(hits.values())}}

    def read(self, examined: ComparedPicture, answer: Json) -> list[Candidate]:
        """Return every picture and part of the answer, except the examined picture's own."""
        return list(self._candidates(examined, answer))

    def _candidates(self, examined: ComparedPicture, answer: Json) -> Iterator[Candidate]:
        for hit in answer["hits"]["hits"]:
            product = hit["_source"]
            for document in compared_pictures(product.get(PICTURES, [])):
                picture = ListingPicture(product["id"], document["image_id"])
                if picture == examined.picture:
                    continue
                compared = self.describe(product, document)
                distances = signals.distances(examined, compared, self._measurable)
                nearest = self._embedding_distance(examined, compared, distances)
                yield Candidate(picture, compared, distances, nearest)

    def _embedding_distance(
        self,
        examined: ComparedPicture,
        candidate: ComparedPicture,
        distances: Mapping[str, float],
    ) -> float:
        """Return 1 − cosine from the examined picture's nearest view; 2 without any embedding."""
        nearest = distances.get(f"{VIEW_FEATURE}_distance", 2.0)
        feature, value = self._measurable.get(VIEW_FEATURE), candidate.values.get(VIEW_FEATURE)
        if feature is None or value is None:
            return nearest
        return min([nearest, *(feature.distance(view, value) for view in examined.views)])

    def _queries(self, examined: ComparedPicture) -> Iterator[FeatureQuery]:
        for name, value in examined.values.items():
            feature = self._registry.get(name)
            if feature is not None and name in self._candidate_features:
                yield FeatureQuery(feature, _to_json(value))
        yield from self._view_queries(examined.views)

    def _view_queries(self, views: Sequence[Json]) -> Iterator[FeatureQuery]:
        for view in views:
            yield FeatureQuery(self._registry[VIEW_FEATURE], _to_json(view))


def _request(examined: ComparedPicture, queries: Sequence[FeatureQuery], filters: Filters) -> Json:
    if examined.picture is not None:
        # A listing is no duplicate of itself.
        filters = replace(
            filters, excluded_ids=(*filters.excluded_ids, examined.picture.product_id)
        )
    return candidates.build_body(queries, filters, PRODUCTS)


def _to_json(value: Json) -> Json:
    """Return a value as it is sent: arrays as lists."""
    return value.tolist() if isinstance(value, np.ndarray) else value
