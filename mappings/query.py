"""The hybrid query: metadata filter, pictures, near-duplicates and words in one request body.

Functions from values to JSON: no client, no clock, no configuration. Every clause has a `_name`
and its weight as `boost`; the weights of one request add up to 1 and every clause scores in
[0, 1], so a hit's score is the weighted mean of its signals, and Elasticsearch reports each.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from features.base import Ask, Feature, Json
from features.registry import Registry
from features.vector import finds_words
from mappings import filters as facet_filters
from mappings.filters import Filters
from mappings.plan import Plan
from mappings.products import EXPIRED, PICTURES, path

TEXT = "text"
"""The signal name of the words found in a product's own fields."""

WORDS = "words"
"""What a signal is about that was read from words."""

TEXT_FIELDS = (
    "title^3", "title.cjk^3", "brand.words^2", "category.words^2", "color.words^2",
    "description", "description.cjk",
)  # fmt: skip

TEXT_HALF = 4.0
"""BM25 score that counts as half a match; the saturation of rank_feature: s / (s + half)."""


@dataclass(frozen=True)
class Signal:
    """One feature asked with one value.

    `about` names what it was read from: the number of the query picture, or "words".
    """

    feature: Feature
    value: Json
    weight: float
    about: str = "0"
    measure: str | None = None

    @property
    def label(self) -> str:
        """The clause's `_name`, unique in its request."""
        return f"{self.feature.name}:{self.about}"

    @property
    def is_near(self) -> bool:
        """Whether it matches whatever is nearest; others match only where words are found."""
        return self.about != WORDS or not finds_words(self.feature)


@dataclass(frozen=True)
class Query:
    """Everything one request asks.

    `after` is the sort position of the last hit before this page. With neither signals nor words
    the answer is empty unless `browse` says that the filtered catalogue itself is wanted.
    """

    plan: Plan
    signals: tuple[Signal, ...] = ()
    words: str = ""
    words_weight: float = 1.0
    filters: Filters = field(default_factory=Filters)
    facets: tuple[str, ...] = ()
    size: int = 20
    min_score: float = 0.0
    after: tuple[Json, ...] | None = None
    browse: bool = False


def body(query: Query, registry: Registry) -> Json:
    """Return the request body. Raises UnknownName for a facet nobody knows."""
    matching = [] if any(s.is_near for s in query.signals) else _word_clauses(query, None)
    asked: Json = {
        "query": _question(query),
        "size": query.size,
        "track_total_hits": True,
        "track_scores": True,
        # The id breaks ties, so pages never overlap.
        "sort": [{"_score": "desc"}, {"id": "asc"}],
        "_source": {"excludes": [path(feature) for feature in registry.values()]},
    }
    if query.min_score > 0:
        asked["min_score"] = query.min_score
    if query.after is not None:
        asked["search_after"] = list(query.after)
    counted: list[Json] = [_any(matching)] if matching else []
    if aggregations := facet_filters.facets(query.facets, query.filters, counted, registry):
        asked["aggs"] = aggregations
    return asked


def _question(query: Query) -> Json:
    total = sum(s.weight for s in query.signals) + (query.words_weight if query.words else 0.0)
    should = [_picture_clause(s, query, total) for s in query.signals if s.about != WORDS]
    should += _word_clauses(query, total)
    if not should:
        if not query.browse:
            return {"match_none": {}}
        return {"bool": {"filter": query.filters.clauses() or [{"match_all": {}}]}}
    return {
        "bool": {
            "filter": query.filters.clauses(),
            "should": should,
            "minimum_should_match": 1,
        }
    }


def _picture_clause(signal: Signal, query: Query, total: float | None) -> Json:
    ask = Ask(
        field=path(signal.feature),
        approximate=query.plan.approximate,
        filters=tuple(query.filters.clauses(inside=True)),
        measure=signal.measure,
    )
    nested: Json = {
        "path": PICTURES,
        "score_mode": "max",
        # Outside a `knn`, which a filter that nearly every picture passes would only slow down: a
        # photo that is over takes a neighbour's place until `indexer expire` has been there.
        "query": {
            "bool": {"must": [signal.feature.clause(signal.value, ask)], "must_not": [EXPIRED]}
        },
    }
    if total is None:
        return {"nested": nested}
    if signal.label == shown_by(query):
        nested["inner_hits"] = {
            "name": signal.label,
            "size": 1,
            "_source": False,
            "docvalue_fields": [f"{PICTURES}.image_id", f"{PICTURES}.box"],
        }
    # Weighed from outside: a `boost` reaches into the clause, and a script_score there compares
    # its min_score with the boosted score, so that no hash would ever match at a small weight.
    return {
        "function_score": {
            "query": {"nested": nested},
            "weight": signal.weight / total,
            "_name": signal.label,
        }
    }


def shown_by(query: Query) -> str | None:
    """Return the label of the clause that says which picture of a product matched best.

    It is the weightiest alone: every clause that said so would run once more per hit, which took
    15 of 39 ms at 10,000 products.
    """
    heaviest = max(query.signals, key=lambda signal: signal.weight, default=None)
    return heaviest.label if heaviest else None


def _word_clauses(query: Query, total: float | None) -> list[Json]:
    """Return the clauses that words match, weighted by `total`, or bare for a filter."""
    clauses = [_picture_clause(s, query, total) for s in query.signals if s.about == WORDS]
    if not query.words:
        return clauses
    fields: Sequence[str] = list(TEXT_FIELDS)
    matched: Json = {"multi_match": {"query": query.words, "type": "most_fields", "fields": fields}}
    if total is None:
        return [matched, *clauses]
    saturated = {
        "query": matched,
        "script": {"source": "_score / (_score + params.half)", "params": {"half": TEXT_HALF}},
        "_name": f"{TEXT}:words",
        "boost": query.words_weight / total,
    }
    return [{"script_score": saturated}, *clauses]


def _any(clauses: Sequence[Json]) -> Json:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}
