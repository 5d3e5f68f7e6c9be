"""What Elasticsearch answered, in the terms of the question."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from features.base import Evident, Json
from mappings.products import PICTURES, own
from mappings.query import TEXT, Query, shown_by


@dataclass(frozen=True)
class Hit:
    """One product found. `signals` maps a feature to its score in [0, 1] and its evidence.

    `image_id` is the product's own picture that matched best, or its first; `box` the part of it
    that did, as `crop` says it, or None for all of it.
    """

    id: str
    score: float
    signals: Mapping[str, Mapping[str, float]]
    image_id: str | None
    product: Mapping[str, Json]
    box: str | None = None


@dataclass(frozen=True)
class Results:
    """One page of hits. `after` is where the next page begins, None on the last one."""

    hits: tuple[Hit, ...] = ()
    total: int = 0
    took_ms: int = 0
    partial: bool = False
    facets: Mapping[str, Json] = field(default_factory=dict)
    after: tuple[Json, ...] | None = None


def read(answer: Json, query: Query) -> Results:
    """Return the page from Elasticsearch's answer to `query`."""
    found = answer["hits"]["hits"]
    full = bool(found) and len(found) == query.size
    shown = shown_by(query)
    return Results(
        hits=tuple(_hit(hit, query, shown) for hit in found),
        total=answer["hits"]["total"]["value"],
        took_ms=answer["took"],
        partial=bool(answer["timed_out"] or answer["_shards"]["failed"]),
        facets=_facets(answer.get("aggregations", {}).get("facets", {})),
        after=tuple(found[-1]["sort"]) if full else None,
    )


def _hit(hit: Json, query: Query, shown: str | None) -> Hit:
    scores: Mapping[str, float] = hit.get("matched_queries") or {}
    signals = _signals(scores, query)
    source = hit["_source"]
    pictures = [picture["image_id"] for picture in own(source.get(PICTURES, []))]
    score = float(hit["_score"] or 0.0) if scores else 0.0
    matched, box = _matched_picture(hit, shown)
    # A shopper's photo may match best; what is shown is a picture of the product's own.
    image_id = matched if matched in pictures else next(iter(pictures), None)
    return Hit(source["id"], min(1.0, score), signals, image_id, source, box)


def _signals(scores: Mapping[str, float], query: Query) -> dict[str, dict[str, float]]:
    """Return each feature's best signal, with its evidence."""
    weights = {s.label: s.weight for s in query.signals}
    if query.words:
        weights[f"{TEXT}:words"] = query.words_weight
    total = sum(weights.values())
    asked = {s.label: s for s in query.signals}
    signals: dict[str, dict[str, float]] = {}
    for label, score in scores.items():
        name = label.partition(":")[0]
        raw = min(1.0, score * total / weights[label])
        if raw > signals.get(name, {}).get("score", -1.0):
            signal = asked.get(label)
            restated = (
                signal.feature.evidence(raw, signal.measure)
                if signal is not None and isinstance(signal.feature, Evident)
                else {}
            )
            signals[name] = {"score": round(raw, 6), **restated}
    return signals


def _matched_picture(hit: Json, label: str | None) -> tuple[str | None, str | None]:
    """Return the id of the picture that matched best, and which part of it did."""
    inner = hit.get("inner_hits", {}).get(label, {}).get("hits", {}).get("hits", [])
    if not inner:
        return None, None
    fields = inner[0]["fields"]
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
