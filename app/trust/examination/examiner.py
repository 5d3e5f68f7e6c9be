"""Examines a picture: finds candidates in one request, looks closely at the best, and judges.

The evidence ladder, cheap and certain first: the same file; the same pixels by hash, in all eight
turns; the nearest embeddings of several views; then, for the best of these, the geometric check.
The verdict model weighs all of it. A listing's own words are shown beside, and judge nothing.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from app.trust.examination import compared_picture, signals
from app.trust.examination.candidate import (
    MAX_DISTANCE,
    MAX_DISTANCE_IN_SWEEP,
    NEAR_HASH_BITS,
    Candidate,
)
from app.trust.examination.compared_picture import VIEW_FEATURE, ComparedPicture
from app.trust.examination.evidence import LABELS, Examination, Finding, ListingPicture
from app.trust.examination.verdict import VerdictModel
from core.threads import map_in_threads
from features.base import Json, Picture
from features.geometry.alignment import Alignment
from features.geometry.comparison import compare
from features.geometry.keypoint_store import KeypointStore
from features.geometry.non_match_cache import NonMatchCache
from features.geometry.view import PictureView
from features.registry import Registry
from mappings.catalogue import products, versions
from mappings.catalogue.products import PICTURES, own_pictures
from mappings.catalogue.vectors import VectorPacker
from mappings.engine.gateway import Gateway
from mappings.search import candidates
from mappings.search.candidates import FeatureQuery
from mappings.search.filters import Filters

PRODUCTS = 24
"""Candidate products a request brings."""

MAX_ALIGNED = 12
"""Pictures that get the geometric check; the time of a check is theirs. Of the other candidates
only those near by hash are judged."""

MAX_CACHED_ALIGNMENTS = 50_000
"""Alignments of stored pictures kept in memory: a sweep meets every pair from both its ends."""

ALIGNMENT_THREADS = 2
"""Threads for the geometric check: OpenCV works outside Python's lock."""


@dataclass(frozen=True)
class StoredPicture:
    """A stored product and one of its picture documents, with vectors."""

    product: Mapping[str, Json]
    document: Mapping[str, Json]


class PictureExaminer(Protocol):
    """What compares stored pictures with an index, as an `Examiner` does."""

    def examine_stored(
        self, batch: Sequence[StoredPicture], filters: Filters | None = None
    ) -> list[Examination]:
        """Return one examination per picture, in order, against the products that pass."""
        ...


class Examiner:
    """Examines pictures against one index: the products', or the banks'. Thread-safe."""

    def __init__(
        self,
        gateway: Gateway,
        index: str,
        registry: Registry,
        shelf: KeypointStore,
        strangers: NonMatchCache,
        model: VerdictModel,
        finders: Collection[str],
    ) -> None:
        """`finders` are the features asked for candidates; every feature that can compares."""
        self._gateway = gateway
        self._index = index
        self._registry = registry
        self._shelf = shelf
        self._strangers = strangers
        self._model = model
        self._vectors = VectorPacker(products.picture_properties(registry.values()))
        self._names = versions.feature_names_by_field(registry)
        self._finders = frozenset(finders)
        self._known: dict[tuple[str, str], Alignment] = {}
        self._comparing = signals.measurable_features(registry)
        self._proving = signals.file_proving_features(registry)

    def examine_upload(
        self,
        picture: Picture,
        *,
        listing: Mapping[str, Json] | None = None,
        filters: Filters | None = None,
    ) -> Examination:
        """Examine a picture that is not in the index; `listing` is what is known of its product."""
        view = PictureView.of(picture.pixels)
        with _detecting([lambda: view]) as done:
            seen = compared_picture.describe_upload(
                picture, self._registry, listing=listing, view=view
            )
            return self._examined([seen], filters or Filters(), done)[0]

    def examine_product(
        self, product: Mapping[str, Json], filters: Filters | None = None
    ) -> tuple[Examination, ...]:
        """Examine every picture of a stored product (with vectors) against all other products.

        As an upload is: in all its views, where its thumbnail is there to see them.
        """
        sides = []
        for one in own_pictures(product.get(PICTURES, [])):
            known = self._stored(product, one)
            sides.append(compared_picture.with_query_views(known, self._registry))
        with _detecting([one.view for one in sides]) as done:
            return tuple(self._examined(sides, filters or Filters(), done))

    def examine_stored(
        self, batch: Sequence[StoredPicture], filters: Filters | None = None
    ) -> list[Examination]:
        """Examine stored pictures, one examination each, in order. One request for all of them.

        They are asked by their stored values alone, which is quick: a sweep examines every pair
        from both its ends, and a turned copy is near enough by its embedding from one of them.
        """
        sides = [self._stored(one.product, one.document) for one in batch]
        with _detecting([one.view for one in sides]) as done:
            return self._examined(sides, filters or Filters(), done, MAX_DISTANCE_IN_SWEEP)

    def _stored(self, product: Mapping[str, Json], picture: Mapping[str, Json]) -> ComparedPicture:
        known = versions.values_by_feature(self._vectors.unpack(picture), self._names)
        return compared_picture.describe_stored(product, known, self._shelf)

    def _examined(
        self,
        sides: Sequence[ComparedPicture],
        filters: Filters,
        detected: Callable[[], None],
        unlike: float = MAX_DISTANCE,
    ) -> list[Examination]:
        bodies = [_request(one, self._questions(one), filters) for one in sides]
        answers = self._gateway.search_many(self._index, bodies) if bodies else []
        detected()
        return [
            self._examination(one, answer, filters, unlike)
            for one, answer in zip(sides, answers, strict=True)
        ]

    def _examination(
        self, examined: ComparedPicture, answer: Json, filters: Filters, unlike: float
    ) -> Examination:
        found = list(self._candidates(examined, answer))
        if not any(one.is_near_by_embedding for one in found) and (turns := examined.turns()):
            examined = replace(examined, views=(*examined.views, *turns))
            answer = self._also(answer, _request(examined, self._viewed(turns), filters))
            found = list(self._candidates(examined, answer))
        findings, blank = self._findings(examined, found, unlike), _is_blank(examined)
        if blank:  # all that can be said of it is that a file is the same
            findings = tuple(one for one in findings if one.label == "same_file")
        return Examination(examined.picture, findings, blank, _listings(answer))

    def _questions(self, examined: ComparedPicture) -> Iterator[FeatureQuery]:
        for name, value in examined.values.items():
            feature = self._registry.get(name)
            if feature is not None and name in self._finders:
                yield FeatureQuery(feature, _plain(value))
        yield from self._viewed(examined.views)

    def _viewed(self, views: Sequence[Json]) -> Iterator[FeatureQuery]:
        for view in views:
            yield FeatureQuery(self._registry[VIEW_FEATURE], _plain(view))

    def _also(self, answer: Json, body: Json) -> Json:
        """Return an answer with the hits of a further request."""
        (further,) = self._gateway.search_many(self._index, [body])
        hits = {hit["_id"]: hit for one in (further, answer) for hit in one["hits"]["hits"]}
        return {"hits": {"hits": list(hits.values())}}

    def _findings(
        self, examined: ComparedPicture, found: Sequence[Candidate], unlike: float
    ) -> tuple[Finding, ...]:
        candidates = sorted(
            (one for one in found if one.is_within(unlike)), key=lambda one: one.sort_key
        )
        pictures = list(dict.fromkeys(one.image_id for one in candidates))[:MAX_ALIGNED]
        alignments = self._alignments(examined, pictures)
        findings = [
            self._finding(examined, one, alignments.get(one.image_id))
            for one in candidates
            if one.is_near_by_hash or one.image_id in pictures
        ]
        findings.sort(key=lambda one: (_rank(one.label), -one.p_same_photo, one.picture))
        return tuple(findings)

    def _candidates(self, examined: ComparedPicture, answer: Json) -> Iterator[Candidate]:
        """Yield every picture of the answer beside the examined one."""
        for hit in answer["hits"]["hits"]:
            product = hit["_source"]
            for picture in own_pictures(product.get(PICTURES, [])):
                party = ListingPicture(product["id"], picture["image_id"])
                if party == examined.picture:
                    continue
                stored = self._stored(product, picture)
                distances = signals.distances(examined, stored, self._comparing)
                far = self._far(examined, stored, distances)
                yield Candidate(party, stored, distances, far)

    def _far(
        self, examined: ComparedPicture, stored: ComparedPicture, distances: Mapping[str, float]
    ) -> float:
        """Return 1 − cosine from the nearest view of the examined picture; 2 if none was had."""
        nearest = distances.get(f"{VIEW_FEATURE}_distance", 2.0)
        feature, theirs = self._comparing.get(VIEW_FEATURE), stored.values.get(VIEW_FEATURE)
        if feature is None or theirs is None:
            return nearest
        return min([nearest, *(feature.distance(one, theirs) for one in examined.views)])

    def _alignments(
        self, examined: ComparedPicture, image_ids: Sequence[str]
    ) -> Mapping[str, Alignment | None]:
        """Return image id → alignment; the same picture in several listings is laid once."""
        ours = examined.view()
        if ours is None:
            return {}
        laid = map_in_threads(
            lambda other: self._laid(examined, ours, other), image_ids, ALIGNMENT_THREADS
        )
        return dict(zip(image_ids, laid, strict=True))

    def _laid(self, examined: ComparedPicture, ours: PictureView, other: str) -> Alignment | None:
        own = examined.picture.image_id if examined.picture else None
        if own and (other, own) in self._known:
            return self._known[other, own].inverted()
        if own and self._strangers.contains(own, other):
            return None
        theirs = self._shelf.view(other)
        if theirs is None:
            return None
        laid = compare(ours, theirs)
        if own and laid is None:
            self._strangers.add(own, other)
        elif own and laid and len(self._known) < MAX_CACHED_ALIGNMENTS:
            self._known[own, other] = laid
        return laid

    def _finding(
        self, examined: ComparedPicture, one: Candidate, alignment: Alignment | None
    ) -> Finding:
        seen = {**one.distances, **signals.alignment_signals(alignment)}
        judged = self._model.predict(seen)
        same_file = signals.is_same_file(examined, one.compared, self._proving)
        return Finding(
            picture=one.picture,
            label="same_file" if same_file else self._model.label(judged),
            p_same_photo=1.0 if same_file else judged.p_same_photo,
            p_same_product=1.0 if same_file else judged.p_same_product,
            signals={**seen, **signals.listing_signals(examined.listing, one.compared.listing)},
            contributions=judged.contributions,
            alignment=alignment,
        )


def _request(
    examined: ComparedPicture, questions: Iterable[FeatureQuery], filters: Filters
) -> Json:
    return candidates.build_body(list(questions), _apart_from_itself(examined, filters), PRODUCTS)


@contextmanager
def _detecting(views: Sequence[Callable[[], PictureView | None]]) -> Iterator[Callable[[], None]]:
    """Find keypoints beside what is done meanwhile: it takes as long as looking and asking.

    What is given waits for them, and raises what finding them did.
    """
    with ThreadPoolExecutor(1) as beside:
        found = [beside.submit(_detect, view) for view in views]

        def done() -> None:
            for one in found:
                one.result()

        yield done


def _detect(view: Callable[[], PictureView | None]) -> None:
    known = view()
    if known is not None:
        known.keypoints  # noqa: B018 – kept from now on


def _is_blank(examined: ComparedPicture) -> bool:
    """Say whether nothing can be seen in a picture: no hash would describe it, no keypoint found.

    A network has an opinion of any picture, of a white square too; that is no evidence.
    """
    view = examined.view()
    hashed = any(name.removesuffix("_distance") in examined.values for name in NEAR_HASH_BITS)
    return not hashed and (view is None or not len(view.keypoints))


def _listings(answer: Json) -> dict[str, dict[str, Json]]:
    return {
        hit["_source"]["id"]: {k: v for k, v in hit["_source"].items() if k != PICTURES}
        for hit in answer["hits"]["hits"]
    }


def _plain(value: Json) -> Json:
    """Return a value as it is sent: arrays as lists."""
    return value.tolist() if isinstance(value, np.ndarray) else value


def _apart_from_itself(examined: ComparedPicture, filters: Filters) -> Filters:
    """Return the filters without the examined picture's own listing."""
    if examined.picture is None:
        return filters
    return replace(filters, excluded_ids=(*filters.excluded_ids, examined.picture.product_id))


def _rank(label: str) -> int:
    return LABELS.index(label) if label in LABELS else len(LABELS)
