"""Reads Elasticsearch's answer in the terms of the query."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from features.base import Json
from features.capabilities import Explaining
from mappings.catalogue.products import ITEM_GROUP, PICTURES, own_pictures
from mappings.search.collapsing import (
    MAX_RESULT_WINDOW,
    SIBLINGS,
    is_counted,
    read_total,
)
from mappings.search.combining import (
    READ_TEXT_LABEL,
    WORDS_LABEL,
    clause_shares,
    picture_labels,
    unnamed_clause_label,
)
from mappings.search.facets import read_facets
from mappings.search.query import Query
from mappings.search.variants import Variants

ROUNDING = 1e-6
"""A remainder below this, of a sum of at most 1, is rounding: 32-bit floats err by about 1e-7."""


@dataclass(frozen=True)
class Hit:
    """A product that a search found. `signals` maps a feature to its score and evidence.

    Scores are in [0, 1]. A signal's `share` is its part of the hit's score; shares add up to 1.
    `unlike` holds the same, without shares, for the negative examples. `image_id` is the product's
    own picture that matched best, or its first; `box` the matching part of it in the form of
    `crop`, None for all of it. `siblings` counts further hits that show the same photo,
    `variants` the catalogue's further variants of the product.
    """

    id: str
    score: float
    signals: Mapping[str, Mapping[str, float]]
    image_id: str | None
    product: Mapping[str, Json]
    box: str | None = None
    unlike: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    siblings: int = 0
    variants: Variants = field(default_factory=Variants)


@dataclass(frozen=True)
class Results:
    """One page of hits.

    `total` counts the hits of all pages, a product with its variants once where they are one hit;
    products that show the same photo count one by one. `is_total_exact` is False where it is an
    estimate. `products` counts everything found. The next page begins at the sort position `after`
    or, where hits stand for several products, once `skip` hits are left out; both are None on the
    last page.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    is_total_exact: bool = True
    products: int = 0
    took_ms: int = 0
    partial: bool = False
    facets: Mapping[str, Json] = field(default_factory=dict)
    after: tuple[Json, ...] | None = None
    skip: int | None = None

    def only(self) -> "Results":
        """Return these hits as all there are, without a page that follows."""
        count = len(self.hits)
        return replace(self, total=count, is_total_exact=True, after=None, skip=None)


def read_results(answer: Json, query: Query) -> Results:
    """Return the page from Elasticsearch's answer to `query`."""
    hits = answer["hits"]["hits"]
    full = bool(hits) and len(hits) == query.size
    reached = query.skip + len(hits)
    reading = _Reading(query)
    total = read_total(answer, query)
    is_by_number = is_counted(query)
    return Results(
        hits=tuple(reading.hit(hit) for hit in hits),
        total=total.hits,
        is_total_exact=total.is_exact,
        products=answer["hits"]["total"]["value"],
        took_ms=answer["took"],
        partial=bool(answer["timed_out"] or answer["_shards"]["failed"]),
        facets=read_facets(
            answer.get("aggregations", {}), query.facets, query.fields, query.filters.currency
        ),
        after=tuple(hits[-1]["sort"]) if full and not is_by_number else None,
        skip=reached if full and is_by_number and reached < MAX_RESULT_WINDOW else None,
    )


class _Reading:
    """Reads the hits of one answer; what holds for all of them is computed once."""

    def __init__(self, query: Query) -> None:
        self._query = query
        self._parts = clause_shares(query)
        self._unnamed = unnamed_clause_label(query)
        self._shown = picture_labels(query)
        self._weights = {signal.label: signal.weight for signal in query.signals}
        self._weights[WORDS_LABEL] = query.words_weight
        self._weights[READ_TEXT_LABEL] = query.read_text_weight
        self._unlike = {signal.label for signal in query.unlike}
        self._evident = {
            signal.label: (signal.feature, signal.measure)
            for signal in (*query.signals, *query.unlike)
            if isinstance(signal.feature, Explaining)
        }

    def hit(self, hit: Json) -> Hit:
        """Return one hit."""
        source = hit["_source"]
        pictures = [picture["image_id"] for picture in own_pictures(source.get(PICTURES, []))]
        scores = self._scores(hit)
        inner = hit.get("inner_hits", {})
        matched, box = self._matched_picture(inner, scores)
        # A shopper's photo may match best, but pages show only the product's own pictures.
        image_id = matched if matched in pictures else next(iter(pictures), None)
        siblings = self._siblings(inner, source)
        return Hit(
            id=source["id"],
            score=self._query.scale.displayed_score(float(hit["_score"] or 0.0)) if scores else 0.0,
            signals=self._signals(scores),
            image_id=image_id,
            product=source,
            box=box,
            unlike=self._evidence(self._best(scores, self._unlike)),
            siblings=siblings,
        )

    def _siblings(self, inner: Json, product: Json) -> int:
        """Return how many further hits show the same photo, where hits are collapsed by photo."""
        is_by_photo = self._query.collapse == "photo" or ITEM_GROUP not in product
        if SIBLINGS not in inner or not is_by_photo:
            return 0
        return int(inner[SIBLINGS]["hits"]["total"]["value"]) - 1

    def _scores(self, hit: Json) -> dict[str, float]:
        """Return what each matching clause added to the hit's score, by label.

        The unnamed clause added what the others leave of the sum.
        """
        scores = dict(hit.get("matched_queries") or {})
        if self._unnamed is not None:
            left = float(hit["_score"] or 0.0) - sum(scores.values())
            if left > ROUNDING:
                scores[self._unnamed] = left
        return scores

    def _signals(self, scores: Mapping[str, float]) -> dict[str, dict[str, float]]:
        """Return each feature's best positive signal, with its evidence and its share."""
        best = self._best(scores, self._weights)
        weighted = {name: self._weights[label] * score for name, (label, score) in best.items()}
        total = sum(weighted.values()) or 1.0
        evidence = self._evidence(best)
        return {
            name: {**evidence[name], "share": round(weighted[name] / total, 4)} for name in best
        }

    def _best(
        self, scores: Mapping[str, float], labels: Collection[str]
    ) -> dict[str, tuple[str, float]]:
        """Return, per feature, the label and the score in [0, 1] of its best clause among these."""
        best: dict[str, tuple[str, float]] = {}
        for label in labels:
            if label in scores:
                name = label.partition(":")[0]
                score = min(1.0, scores[label] / self._parts[label])
                if score > best.get(name, ("", -1.0))[1]:
                    best[name] = (label, score)
        return best

    def _evidence(self, best: Mapping[str, tuple[str, float]]) -> dict[str, dict[str, float]]:
        """Return each clause's score and its feature's evidence, where it gives any."""
        evidence = {name: {"score": round(score, 6)} for name, (_, score) in best.items()}
        for name, (label, score) in best.items():
            if label in self._evident:
                feature, measure = self._evident[label]
                evidence[name] |= feature.evidence(score, measure)
        return evidence

    def _matched_picture(
        self, inner: Json, scores: Mapping[str, float]
    ) -> tuple[str | None, str | None]:
        """Return the id of the picture that the best reporting clause matched, and its box."""
        labels = sorted(self._shown, key=lambda label: -scores.get(label, 0.0))
        hits = inner.get(labels[0], {}).get("hits", {}).get("hits", []) if labels else []
        if not hits:
            return None, None
        fields = hits[0]["fields"]
        # Elasticsearch has returned nested fields both under their path and flat.
        nested = fields.get(PICTURES)
        picture = nested[0] if nested else {k.partition(".")[2]: v for k, v in fields.items()}
        box = picture.get("box")
        return str(picture["image_id"][0]), str(box[0]) if box else None
