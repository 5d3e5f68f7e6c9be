"""Combines the signals of one request into one score in [0, 1].

    average   Σ w·s / Σ w over all signals: pictures, features and words
    any       the best picture's own mean, beside the words
    all       the worst picture's own mean, beside the words: each picture must agree
    unlike    (P + u·(1 − N)) / (1 + u): P the score of the positive signals, N the mean of the
              nearest negative example, u its weight: unlikeness is one more signal

The engine adds scores (`bool`) and takes the greatest (`dis_max`). Everything else is built from
these two: the least of several is one minus the greatest of one minus each. No score is ever
negative, which the engine would refuse.
"""

from collections.abc import Iterable, Sequence

from features.base import ApproximateSearch, ClauseContext, Json
from features.capabilities import ExpensiveQuery
from mappings.catalogue.products import EXPIRED_PHOTOS, PICTURES, feature_path
from mappings.search.query import ABOUT_WORDS, TEXT, Query, Signal
from mappings.search.shown_text import READ_TEXT
from mappings.search.word_clauses import WordQuery, field_weights

WORDS_LABEL = f"{TEXT}:{ABOUT_WORDS}"

READ_TEXT_LABEL = f"{READ_TEXT}:photo"

TEXT_HALF_SCORE = 4.0
"""BM25 score that counts as half a match; the saturation of rank_feature: s / (s + half)."""

MIN_AGREEMENT = 1e-6
"""A product that one of the pictures doesn't match at all is no hit of `all`."""


def positive_clauses(query: Query) -> list[Json]:
    """Return the weighted clauses of the positive signals; their scores add up to at most 1."""
    pictures = _pictures(query)
    parts = clause_shares(query)
    if _is_one_mean(query):
        flat = [_picture(s, query, parts[s.label]) for signals in pictures for s in signals]
        return [*flat, *_words(query, parts)]
    joined = _best(query, pictures) if query.combine == "any" else _worst(query, pictures)
    weight = max(_total(query, signals) for signals in pictures)
    return [_weighted(joined, weight / (weight + _words_total(query))), *_words(query, parts)]


def with_unlikeness(positive: Json, query: Query) -> Json:
    """Return `positive` with scores that fall with likeness to the negative examples.

    Unlikeness is compared exactly, and only for hits: outside a graph's neighbours everything
    would seem equally unlike.
    """
    parts = clause_shares(query)
    examples = [
        _every([_picture(s, query, parts[s.label], exact=True) for s in signals])
        for signals in _by_picture(query.unlike)
    ]
    unlikeness = _inverted({"dis_max": {"queries": examples}})
    weight = query.unlike_weight
    return {
        "bool": {
            "must": [_weighted(positive, 1 / (1 + weight))],
            "should": [_weighted(unlikeness, weight / (1 + weight))],
        }
    }


def clause_shares(query: Query) -> dict[str, float]:
    """Return what a score of 1 in each clause, by label, adds to its mean.

    There is one mean over everything, but with `any` and `all` one per picture, and one per
    negative example.
    """
    pictures = _pictures(query)
    weights = [(s.label, s.weight) for s in query.signals if s.about == ABOUT_WORDS]
    if query.words:
        weights.append((WORDS_LABEL, query.words_weight))
    if query.read_text_clause is not None:
        weights.append((READ_TEXT_LABEL, query.read_text_weight))
    groups = [[(s.label, s.weight) for s in signals] for signals in pictures]
    totals = [_total(query, signals) for signals in pictures]
    everything = sum(totals) + _words_total(query)
    if _is_one_mean(query):
        totals = [everything] * len(groups)
    else:
        everything = max(totals) + _words_total(query)
    by_label = {label: weight / everything for label, weight in weights}
    for group, total in zip(groups, totals, strict=True):
        by_label |= {label: weight / total for label, weight in group}
    for signals in _by_picture(query.unlike):
        by_label |= {s.label: s.weight / sum(signal.weight for signal in signals) for s in signals}
    return by_label


def picture_labels(query: Query) -> tuple[str, ...]:
    """Return the labels of the clauses that report which picture of a product matched best.

    Only the clause of the greatest weight does (with `any`, one per query picture): each that
    reports runs once more per hit. All of them took 15 of 39 ms at 10,000 products.
    """
    pictures = _pictures(query) if query.combine == "any" else []
    groups = pictures or [list(query.signals)]
    return tuple(max(signals, key=lambda s: s.weight).label for signals in groups if signals)


def unnamed_clause_label(query: Query) -> str | None:
    """Return the label of the clause that has no name, or None where all have one.

    A named clause runs once more in every segment that holds a hit, to report its score. Where the
    score is one sum, the score of an unnamed clause is the sum less the others.
    *Measured*: PDQ's name took 7 of 28 ms at 100,000 products in four segments.
    """
    if query.unlike or not _is_one_mean(query):
        return None
    costly = (
        s
        for s in query.signals
        if isinstance(s.feature, ExpensiveQuery) and s.feature.is_expensive_query
    )
    return next((signal.label for signal in costly), None)


def _is_one_mean(query: Query) -> bool:
    """Say whether the positive clauses are simply added up."""
    return query.combine == "average" or len(_pictures(query)) < 2


def _pictures(query: Query) -> list[list[Signal]]:
    return _by_picture(s for s in query.signals if s.about != ABOUT_WORDS)


def _by_picture(signals: Iterable[Signal]) -> list[list[Signal]]:
    by_label: dict[str, list[Signal]] = {}
    for signal in signals:
        by_label.setdefault(signal.about, []).append(signal)
    return list(by_label.values())


def _total(query: Query, signals: Sequence[Signal]) -> float:
    """Return the total weight of one picture's mean; once calibrated, the same for all."""
    return query.scale.total or sum(signal.weight for signal in signals)


def _words_total(query: Query) -> float:
    total = sum(s.weight for s in query.signals if s.about == ABOUT_WORDS)
    total += query.words_weight if query.words else 0.0
    return total + (query.read_text_weight if query.read_text_clause is not None else 0.0)


def _best(query: Query, pictures: Sequence[Sequence[Signal]]) -> Json:
    parts = clause_shares(query)
    each = [_any([_picture(s, query, parts[s.label]) for s in signals]) for signals in pictures]
    return {"dis_max": {"queries": each}}


def _worst(query: Query, pictures: Sequence[Sequence[Signal]]) -> Json:
    """Return the query that scores by the picture that matches least.

    A graph finds candidates picture by picture, and a neighbour of one picture is rarely among
    those of another. So every candidate is compared exactly with all pictures.
    """
    parts = clause_shares(query)
    each = [
        _inverted(_every([_picture(s, query, parts[s.label], exact=True) for s in signals]))
        for signals in pictures
    ]
    least = _inverted({"dis_max": {"queries": each}}, above=MIN_AGREEMENT)
    if query.plan.approximate is None:
        return least
    near = [
        _nested(s, query, approximate=query.plan.approximate)
        for signals in pictures
        for s in signals
    ]
    return {"bool": {"filter": [_any(near)], "must": [least]}}


def _picture(signal: Signal, query: Query, share: float, *, exact: bool = False) -> Json:
    """Return one picture's clause, named unless it is the unnamed one, scoring at most `share`.

    An approximate clause only chooses products; all pictures of these are compared exactly. Codes
    of one bit often take the wrong one of a product's pictures for the nearest, and the engine
    scores `inner_hits` by the codes alone.
    """
    compared = _nested(signal, query, approximate=None)
    approximate = None if exact else query.plan.approximate
    nearest = _nested(signal, query, approximate=approximate) if approximate else compared
    is_chosen_by_itself = nearest == compared
    if signal.label in picture_labels(query):
        compared["nested"]["inner_hits"] = {
            "name": signal.label,
            "size": 1,
            "_source": False,
            "docvalue_fields": [f"{PICTURES}.image_id", f"{PICTURES}.box"],
        }
    named = None if signal.label == unnamed_clause_label(query) else signal.label
    clause = _weighted(compared, share, named)
    # Outside what is named or shows its pictures, which runs once more for the hits: the choice
    # compares all codes.
    return clause if is_chosen_by_itself else {"bool": {"filter": [nearest], "must": [clause]}}


def _nested(signal: Signal, query: Query, *, approximate: ApproximateSearch | None) -> Json:
    ask = ClauseContext(
        field=feature_path(signal.feature),
        approximate=approximate,
        filters=tuple(query.filters.clauses(in_picture=True)),
        measure=signal.measure,
    )
    clause = signal.feature.clause(signal.value, ask)
    # Not inside the `knn`, which a filter that nearly every picture passes would only slow down: an
    # expired photo takes a neighbour's place until `indexer expire` removes it.
    living = {"bool": {"must": [clause], "must_not": [EXPIRED_PHOTOS]}}
    return {"nested": {"path": PICTURES, "score_mode": "max", "query": living}}


def _words(query: Query, parts: dict[str, float]) -> list[Json]:
    clauses = [_picture(s, query, parts[s.label]) for s in query.signals if s.about == ABOUT_WORDS]
    if (shown := query.read_text_clause) is not None:
        clauses.append(_weighted(shown, parts[READ_TEXT_LABEL], READ_TEXT_LABEL))
    if not query.words:
        return clauses
    saturated = {
        "query": _text(query),
        "script": {
            "source": "_score / (_score + params.half)",
            "params": {"half": TEXT_HALF_SCORE},
        },
        "_name": WORDS_LABEL,
        "boost": parts[WORDS_LABEL],
    }
    return [{"script_score": saturated}, *clauses]


def _text(query: Query) -> Json:
    weights = field_weights(query.fields.word_weights)
    return WordQuery(weights, query.corrections).body(query.understood)


def _weighted(clause: Json, weight: float, name: str | None = None) -> Json:
    """Return a query whose score is `weight` times that of another.

    The weight is applied from outside: a `boost` changes the clause's own scores, which a
    script_score compares with its min_score, so no hash would match at a small weight.
    """
    named = {"_name": name} if name else {}
    return {"function_score": {"query": clause, "weight": weight, **named}}


def _any(clauses: Sequence[Json]) -> Json:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}


def _every(clauses: Sequence[Json]) -> Json:
    """Return a query that matches everything and scores by the clauses: 0 where none matches."""
    return {"bool": {"must": [{"match_all": {"boost": 0}}], "should": list(clauses)}}


def _inverted(clause: Json, above: float | None = None) -> Json:
    """Return a query that scores 1 minus another's score, for scores of at least `above`."""
    # Rounding may carry a mean past 1.
    script = {"source": "Math.max(0, 1 - _score)"}
    bound = {} if above is None else {"min_score": above}
    return {"script_score": {"query": clause, "script": script, **bound}}
