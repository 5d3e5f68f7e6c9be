"""What Elasticsearch answered, in the terms of the question."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from features.base import Evident, Json
from mappings.combining import WORDS_LABEL, shares, shown_by, untold
from mappings.products import PICTURES, own
from mappings.query import DEEPEST, SIBLINGS
from mappings.question import Query, Signal

ROUNDING = 0.01
"""Share of a clause's best score below which what is left of a sum is nothing but rounding: sums
of 32-bit floats err by some 1e-7."""


@dataclass(frozen=True)
class Hit:
    """One product found. `signals` maps a feature to its score in [0, 1] and its evidence.

    Each signal's `share` is its part of what speaks for the hit; they add up to 1. `unlike` holds
    the same, without shares, for the negative examples. `image_id` is the product's own picture
    that matched best, or its first; `box` the part of it that did, as `crop` says it, or None for
    all of it. `siblings` are further products found that show the same photo.
    """

    id: str
    score: float
    signals: Mapping[str, Mapping[str, float]]
    image_id: str | None
    product: Mapping[str, Json]
    box: str | None = None
    unlike: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    siblings: int = 0


@dataclass(frozen=True)
class Results:
    """One page of hits. `total` counts products, also where a hit stands for several.

    The next page begins at the sort position `after` or, where one photo is one hit, once `skip`
    hits are left out; both are None on the last page.
    """

    hits: tuple[Hit, ...] = ()
    total: int = 0
    took_ms: int = 0
    partial: bool = False
    facets: Mapping[str, Json] = field(default_factory=dict)
    after: tuple[Json, ...] | None = None
    skip: int | None = None


def read(answer: Json, query: Query) -> Results:
    """Return the page from Elasticsearch's answer to `query`."""
    found = answer["hits"]["hits"]
    full = bool(found) and len(found) == query.size
    reached = query.skip + len(found)
    return Results(
        hits=tuple(_hit(hit, query) for hit in found),
        total=answer["hits"]["total"]["value"],
        took_ms=answer["took"],
        partial=bool(answer["timed_out"] or answer["_shards"]["failed"]),
        facets=_facets(answer.get("aggregations", {}).get("facets", {})),
        after=tuple(found[-1]["sort"]) if full and not query.by_photo else None,
        skip=reached if full and query.by_photo and reached < DEEPEST else None,
    )


def _hit(hit: Json, query: Query) -> Hit:
    source = hit["_source"]
    pictures = [picture["image_id"] for picture in own(source.get(PICTURES, []))]
    scores = _scores(hit, query)
    inner = hit.get("inner_hits", {})
    matched, box = _matched_picture(inner, scores, query)
    # A shopper's photo may match best; what is shown is a picture of the product's own.
    image_id = matched if matched in pictures else next(iter(pictures), None)
    siblings = inner[SIBLINGS]["hits"]["total"]["value"] - 1 if SIBLINGS in inner else 0
    return Hit(
        id=source["id"],
        score=query.scale.shown(float(hit["_score"] or 0.0)) if scores else 0.0,
        signals=_signals(scores, query),
        image_id=image_id,
        product=source,
        box=box,
        unlike=_unlike(scores, query),
        siblings=siblings,
    )


def _scores(hit: Json, query: Query) -> dict[str, float]:
    """Return what each clause added to the hit's score, by label; none of one that did not match.

    The clause without a name added what the others leave of the sum.
    """
    scores = dict(hit.get("matched_queries") or {})
    label = untold(query)
    if label is not None:
        left = float(hit["_score"] or 0.0) - sum(scores.values())
        if left > ROUNDING * shares(query)[label]:
            scores[label] = left
    return scores


def _signals(scores: Mapping[str, float], query: Query) -> dict[str, dict[str, float]]:
    """Return each feature's best signal of what is wanted, with its evidence and its share."""
    weights = {signal.label: signal.weight for signal in query.signals}
    weights[WORDS_LABEL] = query.words_weight
    best = _best(scores, query, weights)
    says = {name: weights[label] * score for name, (label, score) in best.items()}
    total = sum(says.values()) or 1.0
    return {
        name: {**_told(label, score, query.signals), "share": round(says[name] / total, 4)}
        for name, (label, score) in best.items()
    }


def _unlike(scores: Mapping[str, float], query: Query) -> dict[str, dict[str, float]]:
    """Return each feature's best signal of the negative examples, with its evidence."""
    best = _best(scores, query, {signal.label for signal in query.unlike})
    return {name: _told(label, score, query.unlike) for name, (label, score) in best.items()}


def _best(
    scores: Mapping[str, float], query: Query, labels: Collection[str]
) -> dict[str, tuple[str, float]]:
    """Return, per feature, the label and the score in [0, 1] of its best clause among these."""
    parts = shares(query)
    found: dict[str, tuple[str, float]] = {}
    for label in labels:
        if label in scores:
            name, score = label.partition(":")[0], min(1.0, scores[label] / parts[label])
            if score > found.get(name, ("", -1.0))[1]:
                found[name] = (label, score)
    return found


def _told(label: str, score: float, asked: Iterable[Signal]) -> dict[str, float]:
    """Return a clause's score and, where its feature can, the score in the feature's own terms."""
    told = {"score": round(score, 6)}
    for signal in asked:
        if signal.label == label and isinstance(signal.feature, Evident):
            told |= signal.feature.evidence(score, signal.measure)
    return told


def _matched_picture(
    inner: Json, scores: Mapping[str, float], query: Query
) -> tuple[str | None, str | None]:
    """Return the id of the picture that the best of the telling clauses matched, and its part."""
    labels = sorted(shown_by(query), key=lambda label: -scores.get(label, 0.0))
    hits = inner.get(labels[0], {}).get("hits", {}).get("hits", []) if labels else []
    if not hits:
        return None, None
    fields = hits[0]["fields"]
    # Elasticsearch has returned nested fields both under their path and flat.
    nested = fields.get(PICTURES)
    found = nested[0] if nested else {k.partition(".")[2]: v for k, v in fields.items()}
    box = found.get("box")
    return str(found["image_id"][0]), str(box[0]) if box else None


def _facets(counted: Json) -> dict[str, Json]:
    return {name: _facet(body) for name, body in counted.items() if isinstance(body, dict)}


def _facet(body: Json) -> Json:
    values = (body.get("pictures") or body)["values"]
    if "buckets" not in values:
        return {"min": values["min"], "max": values["max"], "count": values["count"]}
    return [
        {
            "value": bucket["key"],
            "count": bucket.get("products", bucket)["doc_count"],
        }
        for bucket in values["buckets"]
    ]
