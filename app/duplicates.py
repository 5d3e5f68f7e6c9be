"""The duplicate check: the rungs a hash can prove, then what merely looks alike.

Both answers come from one hybrid request and stay two answers: a hit is `same_file` or
`same_photo` only when a feature that proves it matched, and `looks_alike` otherwise.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from app.searcher import Answer, Searcher, SearchRequest
from app.settings import LOOKS_ALIKE
from features.base import Json, Proving
from features.errors import InvalidQuery
from features.registry import Registry
from mappings.results import Hit

RUNGS = ("same_file", "same_photo", "looks_alike")
"""The labels, strongest first; `none` and `no_signal` are verdicts without a match."""

PROOF_WEIGHT = 4.0
"""Proof outweighs any look-alike, so that a page of hits begins with what is proved."""


@dataclass(frozen=True)
class Match:
    """One product and how it relates to the picture checked."""

    label: str
    hit: Hit


@dataclass(frozen=True)
class Check:
    """The verdict is the strongest label found, `none`, or `no_signal`."""

    verdict: str
    matches: tuple[Match, ...]
    answer: Answer


class DuplicateCheck:
    """Says whether a picture is already in the catalogue."""

    def __init__(self, searcher: Searcher) -> None:
        self._searcher = searcher

    def check(self, request: SearchRequest) -> Check:
        """Return the verdict on one picture, upload or product; raises InvalidQuery for others."""
        if len(request.images) + len(request.product_ids) + bool(request.picture) != 1:
            raise InvalidQuery("a duplicate check takes one picture, or one product_id")
        if request.words:
            raise InvalidQuery("a duplicate check takes no words")
        registry = self._searcher.registry
        weights = {
            name: PROOF_WEIGHT for name, feature in registry.items() if isinstance(feature, Proving)
        }
        answer = self._searcher.search(replace(request, weights={**weights, **request.weights}))
        matches = [Match(label(hit, registry), hit) for hit in answer.results.hits]
        likely = tuple(
            sorted(
                (match for match in matches if match.label != "none"),
                key=lambda match: RUNGS.index(match.label),
            )
        )
        verdict = "no_signal" if answer.no_signal else likely[0].label if likely else "none"
        return Check(verdict, likely, answer)


def proved(names: Iterable[str], registry: Registry) -> set[str]:
    """Return the rungs that the features of these names prove by having matched."""
    rungs: set[str] = set()
    for name in names:
        feature = registry.get(name)
        if isinstance(feature, Proving):
            rungs.add(feature.proves)
    return rungs


def label(hit: Hit, registry: Registry) -> str:
    """Return the strongest rung a hit's signals reach, or `none`.

    A look-alike is at least LOOKS_ALIKE by its embedding: below it, nearest means little.
    """
    rungs = proved(hit.signals, registry)
    for rung in RUNGS:
        if rung in rungs:
            return rung
    near: Mapping[str, Json] = hit.signals.get("embedding", {})
    return "looks_alike" if near.get("score", 0.0) >= LOOKS_ALIKE else "none"
