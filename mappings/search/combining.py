"""How the signals of one request become one score in [0, 1].

    average   Σ w·s / Σ w over everything asked: pictures, features and words
    any       the best picture's own mean, beside the words
    all       the worst picture's own mean, beside the words: each picture must agree
    unlike    (P + u·(1 − N)) / (1 + u): P the score of what is wanted, N of what is not (the
              nearest negative example's mean), u its say: unlikeness is one more signal

The engine adds (`bool`) and takes the greatest (`dis_max`). Everything else is said in those two:
the least of several is one minus the greatest of one minus each. No score is ever negative, which
the engine would refuse.
"""

from collections.abc import Iterable, Sequence

from features.base import ClauseContext, Json
from features.capabilities import ExpensiveQuery
from mappings.catalogue.products import EXPIRED_PHOTOS, PICTURES, feature_path
from mappings.search.query import ABOUT_WORDS, TEXT, Query, Signal
from mappings.search.word_clauses import WordQuery, field_weights

WORDS_LABEL = f"{TEXT}:{ABOUT_WORDS}"

TEXT_HALF_SCORE = 4.0
"""BM25 score that counts as half a match; the saturation of rank_feature: s / (s + half)."""

MIN_AGREEMENT = 1e-6
"""A product that some picture knows nothing of is no answer to "all of them"."""


def positive_clauses(query: Query) -> list[Json]:
    """Return the weighted clauses of all that is wanted; their scores add up to at most 1."""
    pictures = _pictures(query)
    parts = clause_shares(query)
    if _is_one_mean(query):
        flat = [_picture(s, query, parts[s.label]) for signals in pictures for s in signals]
        return [*flat, *_words(query, parts)]
    joined = _best(query, pictures) if query.combine == "any" else _worst(query, pictures)
    weight = max(_total(query, signals) for signals in pictures)
    return [_weighed(joined, weight / (weight + _words_total(query))), *_words(query, parts)]


def with_unlikeness(asked: Json, query: Query) -> Json:
    """Return the query for what `asked` finds, the better the less it is like `query.unlike`.

    Unlikeness is compared exactly, and only for what was found: outside a graph's neighbours
    everything would seem equally unlike.
    """
    parts = clause_shares(query)
    examples = [
        _every([_picture(s, query, parts[s.label], exact=True) for s in signals])
        for signals in _by_picture(query.unlike)
    ]
    unlikeness = _inverted({"dis_max": {"queries": examples}})
    say = query.unlike_weight
    return {
        "bool": {
            "must": [_weighed(asked, 1 / (1 + say))],
            "should": [_weighed(unlikeness, say / (1 + say))],
        }
    }


def word_filters(query: Query) -> list[Json]:
    """Return the clauses that words match, bare: to filter by, not to score."""
    asked = [_nested(s, query, exact=False) for s in query.signals if s.about == ABOUT_WORDS]
    return [_text(query), *asked] if query.words else asked


def clause_shares(query: Query) -> dict[str, float]:
    """Return, per clause's label, what a score of 1 adds to the mean it is part of.

    One mean over everything; but with `any` and `all` one per picture, and each negative example's.
    """
    pictures = _pictures(query)
    spoken = [(s.label, s.weight) for s in query.signals if s.about == ABOUT_WORDS]
    if query.words:
        spoken.append((WORDS_LABEL, query.words_weight))
    groups = [[(s.label, s.weight) for s in signals] for signals in pictures]
    totals = [_total(query, signals) for signals in pictures]
    everything = sum(totals) + _words_total(query)
    if _is_one_mean(query):
        totals = [everything] * len(groups)
    else:
        everything = max(totals) + _words_total(query)
    found = {label: weight / everything for label, weight in spoken}
    for group, total in zip(groups, totals, strict=True):
        found |= {label: weight / total for label, weight in group}
    for signals in _by_picture(query.unlike):
        found |= {s.label: s.weight / sum(one.weight for one in signals) for s in signals}
    return found


def picture_labels(query: Query) -> tuple[str, ...]:
    """Return the labels of the clauses that say which picture of a product matched best.

    It is the weightiest alone (with `any`, of each query picture): every clause that said so would
    run once more per hit, which took 15 of 39 ms at 10,000 products.
    """
    pictures = _pictures(query) if query.combine == "any" else []
    asked = pictures or [list(query.signals)]
    return tuple(max(signals, key=lambda s: s.weight).label for signals in asked if signals)


def unnamed_clause_label(query: Query) -> str | None:
    """Return the label of the clause that bears no name, or None where each bears one.

    A clause with a name runs once more in every segment that holds a hit, to say what it scored.
    Where the score is one sum, what the others leave of it is the score of one that bears none.
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
    """Say whether the clauses of all that is wanted are added up, and nothing else done to them."""
    return query.combine == "average" or len(_pictures(query)) < 2


def _pictures(query: Query) -> list[list[Signal]]:
    return _by_picture(s for s in query.signals if s.about != ABOUT_WORDS)


def _by_picture(signals: Iterable[Signal]) -> list[list[Signal]]:
    found: dict[str, list[Signal]] = {}
    for signal in signals:
        found.setdefault(signal.about, []).append(signal)
    return list(found.values())


def _total(query: Query, signals: Sequence[Signal]) -> float:
    """Return what one picture's mean is taken over: calibrated, the same for every picture."""
    return query.scale.total or sum(signal.weight for signal in signals)


def _words_total(query: Query) -> float:
    spoken = sum(s.weight for s in query.signals if s.about == ABOUT_WORDS)
    return spoken + (query.words_weight if query.words else 0.0)


def _best(query: Query, pictures: Sequence[Sequence[Signal]]) -> Json:
    parts = clause_shares(query)
    each = [_any([_picture(s, query, parts[s.label]) for s in signals]) for signals in pictures]
    return {"dis_max": {"queries": each}}


def _worst(query: Query, pictures: Sequence[Sequence[Signal]]) -> Json:
    """Return the query that scores by the picture that agrees least.

    A graph chooses the candidates picture by picture, and a neighbour of one is rarely among those
    of another: whatever any of them brings is compared with all of them.
    """
    parts = clause_shares(query)
    each = [
        _inverted(_every([_picture(s, query, parts[s.label], exact=True) for s in signals]))
        for signals in pictures
    ]
    least = _inverted({"dis_max": {"queries": each}}, above=MIN_AGREEMENT)
    if query.plan.approximate is None:
        return least
    near = [_nested(s, query, exact=False) for signals in pictures for s in signals]
    return {"bool": {"filter": [_any(near)], "must": [least]}}


def _picture(signal: Signal, query: Query, share: float, *, exact: bool = False) -> Json:
    """Return one picture's clause, named unless it is `untold`, scoring at most `share`."""
    asked = _nested(signal, query, exact=exact)
    if signal.label in picture_labels(query):
        asked["nested"]["inner_hits"] = {
            "name": signal.label,
            "size": 1,
            "_source": False,
            "docvalue_fields": [f"{PICTURES}.image_id", f"{PICTURES}.box"],
        }
    return _weighed(
        asked, share, None if signal.label == unnamed_clause_label(query) else signal.label
    )


def _nested(signal: Signal, query: Query, *, exact: bool) -> Json:
    ask = ClauseContext(
        field=feature_path(signal.feature),
        approximate=None if exact else query.plan.approximate,
        filters=tuple(query.filters.clauses(in_picture=True)),
        measure=signal.measure,
    )
    clause = signal.feature.clause(signal.value, ask)
    # Outside a `knn`, which a filter that nearly every picture passes would only slow down: a photo
    # that is over takes a neighbour's place until `indexer expire` has been there.
    living = {"bool": {"must": [clause], "must_not": [EXPIRED_PHOTOS]}}
    return {"nested": {"path": PICTURES, "score_mode": "max", "query": living}}


def _words(query: Query, parts: dict[str, float]) -> list[Json]:
    asked = [_picture(s, query, parts[s.label]) for s in query.signals if s.about == ABOUT_WORDS]
    if not query.words:
        return asked
    saturated = {
        "query": _text(query),
        "script": {
            "source": "_score / (_score + params.half)",
            "params": {"half": TEXT_HALF_SCORE},
        },
        "_name": WORDS_LABEL,
        "boost": parts[WORDS_LABEL],
    }
    return [{"script_score": saturated}, *asked]


def _text(query: Query) -> Json:
    weights = field_weights(query.fields.word_weights)
    return WordQuery(weights, query.corrections).body(query.understood)


def _weighed(asked: Json, weight: float, name: str | None = None) -> Json:
    """Return a query whose score is `weight` times that of another.

    From outside: a `boost` reaches into the clause, and a script_score there compares its min_score
    with the boosted score, so that no hash would ever match at a small weight.
    """
    named = {"_name": name} if name else {}
    return {"function_score": {"query": asked, "weight": weight, **named}}


def _any(clauses: Sequence[Json]) -> Json:
    return {"bool": {"should": list(clauses), "minimum_should_match": 1}}


def _every(clauses: Sequence[Json]) -> Json:
    """Return the query that finds everything, and scores by the clauses: 0 where none matches."""
    return {"bool": {"must": [{"match_all": {"boost": 0}}], "should": list(clauses)}}


def _inverted(asked: Json, above: float | None = None) -> Json:
    """Return the query that scores 1 minus another's score, `above` a bound if there is one."""
    # Rounding may carry a mean past 1.
    script = {"source": "Math.max(0, 1 - _score)"}
    bound = {} if above is None else {"min_score": above}
    return {"script_score": {"query": asked, "script": script, **bound}}
