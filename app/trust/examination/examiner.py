"""Examines pictures: finds candidates in one request, aligns the best, and judges each pair.

The evidence, from certain to costly: the same file; near hashes in all eight turns; near
embeddings of several views; for the best of these, the geometric check. The verdict model weighs
all of it. The text of the two listings is compared too, and does not influence the verdict.
"""

import math
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from app.trust.examination import compared_picture, signals
from app.trust.examination.aligner import PictureAligner, detect_in_background
from app.trust.examination.candidate import (
    MAX_DISTANCE,
    MAX_DISTANCE_IN_SWEEP,
    NEAR_HASH_BITS,
    Candidate,
)
from app.trust.examination.candidate_places import choose_places
from app.trust.examination.candidate_search import CandidateSearch
from app.trust.examination.compared_picture import ComparedPicture
from app.trust.examination.difference import name_difference, text_lines
from app.trust.examination.evidence import Examination, PairFinding, merge, strongest
from app.trust.examination.goods_agreement import goods_agreement
from app.trust.examination.placement import between_wholes
from app.trust.examination.stored_pictures import StoredPicture
from app.trust.examination.verdict import VerdictModel
from features.base import Json, Picture
from features.geometry.alignment import Alignment
from features.geometry.keypoint_store import KeypointStore
from features.geometry.non_match_cache import NonMatchCache
from features.geometry.view import PictureView
from features.registry import Registry
from mappings.catalogue.products import PICTURES, own_pictures, parts_of
from mappings.engine.gateway import Gateway
from mappings.search.filters import Filters

MAX_ALIGNED = 12
"""Pictures that get the geometric check, which takes most of a check's time. Of the other
candidates only those near by hash are judged."""

FEW_PARTS, MAX_ALIGNED_OF_MANY = 3, 6
"""A picture with more parts than this, itself included, has so many places for each of them."""

SAME_PDQ_BITS, MAX_P_UNALIGNED = 31, 0.45
"""Pictures that can't be laid over each other need a PDQ hash this near to be more than doubtful: a
reviewer's queue begins at .5. *Measured*: of the bench's 3,791 such pairs 10 had a P of .5 or
more, and 4 of these were dyed goods and another trim."""

MIN_GOODS_AGREEMENT, MAX_P_DIFFERENT_INSIDE = 0.5, 0.4
"""Correlation inside goods on another ground below which they aren't one photo, and P(same photo)
at most then. Drawn copies have .997, another shirt of one cut .18."""


class Examiner:
    """Examines pictures against one index: the products', or the banks'. Thread-safe."""

    def __init__(
        self,
        gateway: Gateway,
        index: str,
        registry: Registry,
        keypoints: KeypointStore,
        non_matches: NonMatchCache,
        model: VerdictModel,
        candidate_features: Collection[str],
    ) -> None:
        """`candidate_features` propose candidates; all features that can compare the pairs."""
        self._registry = registry
        self._search = CandidateSearch(gateway, index, registry, keypoints, candidate_features)
        self._aligner = PictureAligner(keypoints, non_matches)
        self._model = model
        self._file_proving = signals.file_proving_features(registry)
        self._measurable = signals.measurable_features(registry)

    def examine_upload(
        self,
        picture: Picture,
        *,
        listing: Mapping[str, Json] | None = None,
        filters: Filters | None = None,
    ) -> Examination:
        """Examine a picture that is not in the index; `listing` is what is known of its product."""
        view = PictureView.of(picture.pixels)
        with detect_in_background([lambda: view]) as wait:
            whole = compared_picture.describe_upload(
                picture, self._registry, listing=listing, view=view
            )
            parts = compared_picture.describe_parts(picture, self._registry, listing=listing)
            with detect_in_background([part.view for part in parts]) as wait_for_parts:
                return self._examine(
                    [[whole, *parts]], filters or Filters(), lambda: (wait(), wait_for_parts())
                )[0]

    def examine_product(
        self, product: Mapping[str, Json], filters: Filters | None = None
    ) -> tuple[Examination, ...]:
        """Examine every picture of a stored product (with vectors) against all other products.

        Each is examined in several views, as an upload is, if its thumbnail is there.
        """
        groups = [
            [compared_picture.with_query_views(whole, self._registry), *parts]
            for whole, *parts in (
                self._describe(product, document)
                for document in own_pictures(product.get(PICTURES, []))
            )
        ]
        with detect_in_background(_views(groups)) as wait:
            return tuple(self._examine(groups, filters or Filters(), wait))

    def examine_stored(
        self, batch: Sequence[StoredPicture], filters: Filters | None = None
    ) -> list[Examination]:
        """Examine stored pictures, one examination each, in order. One request for all of them.

        Candidates are found by the stored values alone, which is quick: a sweep examines every
        pair from both its ends, and from one of them a turned copy is near by its embedding.
        """
        groups = [self._describe(stored.product, stored.document) for stored in batch]
        with detect_in_background(_views(groups)) as wait:
            return self._examine(groups, filters or Filters(), wait, MAX_DISTANCE_IN_SWEEP)

    def _describe(
        self, product: Mapping[str, Json], document: Mapping[str, Json]
    ) -> list[ComparedPicture]:
        """Return a stored picture, then its parts."""
        parts = parts_of(product.get(PICTURES, []), document["image_id"])
        return [self._search.describe(product, each) for each in (document, *parts)]

    def _examine(
        self,
        groups: Sequence[Sequence[ComparedPicture]],
        filters: Filters,
        wait_for_keypoints: Callable[[], object],
        max_distance: float = MAX_DISTANCE,
    ) -> list[Examination]:
        """Examine groups of a whole picture and its parts; return one examination each."""
        answers = iter(self._search.search([one for group in groups for one in group], filters))
        wait_for_keypoints()
        return [
            merge(
                [
                    self._examination(picture, answer, filters, max_distance, len(group))
                    for picture, answer in zip(group, answers, strict=False)
                ]
            )
            for group in groups
        ]

    def _examination(
        self,
        examined: ComparedPicture,
        answer: Json,
        filters: Filters,
        max_distance: float,
        group_size: int,
    ) -> Examination:
        candidates = self._search.read(examined, answer)
        is_near = any(candidate.is_near_by_embedding for candidate in candidates)
        if not is_near and (turns := examined.turns()):
            examined = replace(examined, views=(*examined.views, *turns))
            answer = self._search.search_turns(examined, turns, filters, answer)
            candidates = self._search.read(examined, answer)
        places = MAX_ALIGNED if group_size <= FEW_PARTS else MAX_ALIGNED_OF_MANY
        findings = self._findings(examined, candidates, max_distance, places)
        is_blank = _is_blank(examined)
        if is_blank:  # only an equal file is evidence for a blank picture
            findings = tuple(finding for finding in findings if finding.label == "same_file")
        return Examination(examined.picture, findings, is_blank, _listings(answer))

    def _findings(
        self,
        examined: ComparedPicture,
        candidates: Sequence[Candidate],
        max_distance: float,
        places: int,
    ) -> tuple[PairFinding, ...]:
        within = sorted(
            (candidate for candidate in candidates if candidate.is_within(max_distance)),
            key=lambda candidate: candidate.sort_key,
        )
        chosen = choose_places(within, places, self._measurable)
        alignments = self._aligner.align(examined, chosen)
        findings = [
            self._finding(examined, candidate, alignments.get(candidate.view_id))
            for candidate in within
            if candidate.is_near_by_hash or candidate.view_id in chosen
        ]
        return strongest(findings)

    def _finding(
        self, examined: ComparedPicture, candidate: Candidate, alignment: Alignment | None
    ) -> PairFinding:
        evidence = {**candidate.distances, **signals.alignment_signals(alignment)}
        prediction = self._model.predict(evidence)
        if alignment is None:
            is_hash_near = evidence.get("pdq_distance", math.inf) <= SAME_PDQ_BITS
            most = 1.0 if is_hash_near else MAX_P_UNALIGNED
        else:
            differs = _differs_inside(examined, candidate.compared, alignment)
            most = MAX_P_DIFFERENT_INSIDE if differs else 1.0
        prediction = replace(prediction, p_same_photo=min(prediction.p_same_photo, most))
        same_file = signals.is_same_file(examined, candidate.compared, self._file_proving)
        listings = signals.listing_signals(examined.listing, candidate.compared.listing)
        label = "same_file" if same_file else self._model.label(prediction)
        whole = alignment and between_wholes(
            alignment, examined.placement, candidate.compared.placement
        )
        return PairFinding(
            picture=candidate.picture,
            label=label,
            p_same_photo=1.0 if same_file else prediction.p_same_photo,
            p_same_product=1.0 if same_file else prediction.p_same_product,
            signals={**evidence, **listings},
            contributions=prediction.contributions,
            alignment=whole,
            difference=name_difference(
                label, evidence, whole, text_lines(candidate.compared.values)
            ),
        )


def _differs_inside(
    examined: ComparedPicture, candidate: ComparedPicture, alignment: Alignment
) -> bool:
    """Say whether goods agree in their outline alone; asked only where a ground was changed."""
    if not (examined.is_on_other_ground or candidate.is_on_other_ground):
        return False
    view, other = examined.view(), candidate.view()
    if view is None or other is None:
        return False
    agreement = goods_agreement(view, other, alignment)
    return agreement is not None and agreement < MIN_GOODS_AGREEMENT


def _is_blank(examined: ComparedPicture) -> bool:
    """Say whether a picture shows nothing: it has neither a perceptual hash nor keypoints.

    A network gives a value for any picture, for a white square too; that is no evidence.
    """
    view = examined.view()
    is_hashed = any(name.removesuffix("_distance") in examined.values for name in NEAR_HASH_BITS)
    return not is_hashed and (view is None or not len(view.keypoints))


def _listings(answer: Json) -> dict[str, dict[str, Json]]:
    return {
        hit["_source"]["id"]: {k: v for k, v in hit["_source"].items() if k != PICTURES}
        for hit in answer["hits"]["hits"]
    }


def _views(
    groups: Sequence[Sequence[ComparedPicture]],
) -> list[Callable[[], PictureView | None]]:
    return [picture.view for group in groups for picture in group]
