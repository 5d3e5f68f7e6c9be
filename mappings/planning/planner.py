"""Exact or approximate: which way one request finds its nearest pictures.

`script_score` compares with every filtered picture: exact, and its cost grows with their number.
`knn` walks an HNSW graph: fast, and loses neighbours. How many, and how fast, was measured on this
index (`mappings.catalogue.recall`): the planner takes the cheapest way that was seen to keep the
promise wherever the filtered set may lie, and exact comparison where none does or nothing is known.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from features.base import ApproximateSearch, ClauseContext, Json
from mappings.catalogue.products import PICTURES
from mappings.catalogue.recall import RecallFigure
from mappings.planning.statistics import Bounds, IndexStatistics
from mappings.search.plan import Plan

DEFAULT_RECALL = 0.99
"""Recall that is promised when nobody says otherwise."""

QUICK_EXACT_MS = 5.0
"""Exact comparison within this is not given up for anything faster."""

COUNTING_MS = 2.0
"""What counting a filtered set costs: it is done only where it may save more."""

MIN_K, K_PER_HIT = 200, 4
"""Neighbours asked for: so many, and so many for every hit of a page."""


@dataclass(frozen=True)
class PlanChoice:
    """A way, its cost, and what was measured of it at the least favourable share."""

    method: ApproximateSearch | None
    ms: float
    figure: RecallFigure


class Planner:
    """Plans requests that ask `features` by their graphs, for pages of `size` hits."""

    def __init__(
        self,
        census: IndexStatistics,
        features: Iterable[str],
        *,
        size: int,
        promised: float = DEFAULT_RECALL,
    ) -> None:
        self._census = census
        self._promised = promised
        self._least_k = max(MIN_K, K_PER_HIT * size)
        asked = sorted(set(features))
        table = census.recall
        self._ignored = ""
        if not asked:
            self._ignored = "nothing that was asked has a graph"
        elif table is None or not all(table.figures.get(name) for name in asked):
            self._ignored = "this index's recall was never measured (python -m indexer measure)"
        elif table.is_outgrown(census.pictures):
            self._ignored = "the index has outgrown its measurement (python -m indexer measure)"
        self._figures: Sequence[Sequence[RecallFigure]] = (
            [table.figures[name] for name in asked] if table and not self._ignored else []
        )

    def is_worth_counting(self, bounds: Bounds) -> bool:
        """Say whether to know the filtered set's size could save more than counting it costs."""
        if self._ignored or bounds.low == bounds.high:
            return False
        best = self._best(self._shares(bounds))
        if best is None:
            return False
        for share in self._shares(bounds):
            alone = self._best([share])
            there = self._cost(best.method, share)
            if alone and there is not None and there - alone.ms > COUNTING_MS:
                return True
        return False

    def plan(self, bounds: Bounds) -> Plan:
        """Return the cheapest way that keeps the promise for every size within the bounds."""
        if self._ignored:
            return Plan("exact", bounds.high, None, self._promised, None, self._ignored)
        choice = self._best(self._shares(bounds))
        if choice is None:
            raise ValueError("a table without exact comparison")
        kind = "approximate" if choice.method else "exact"
        why = self._reason(choice)
        return Plan(kind, bounds.high, choice.method, self._promised, choice.figure, why)

    def _reason(self, choice: PlanChoice) -> str:
        if choice.method:
            return (
                f"the cheapest way measured to find {self._promised:g} of the nearest or more: "
                f"{choice.figure.at_least:g} at least, p95 {choice.ms:g} ms"
            )
        if choice.ms <= QUICK_EXACT_MS:
            return f"comparing with every picture is quick here: p95 {choice.ms:g} ms"
        return f"no faster way was measured to find {self._promised:g} of the nearest"

    def _shares(self, bounds: Bounds) -> list[float]:
        """Return the measured shares of the index that the bounds lie between."""
        whole = max(1, self._census.products)
        known = sorted({figure.share for figure in self._figures[0]})
        below = [share for share in known if share * whole <= bounds.low]
        above = [share for share in known if share * whole >= bounds.high]
        first = below[-1] if below else known[0]
        last = above[0] if above else known[-1]
        return [share for share in known if first <= share <= max(first, last)]

    def _best(self, shares: Sequence[float]) -> PlanChoice | None:
        choices = [choice for way in self._ways() if (choice := self._choice(way, shares))]
        exact = next((choice for choice in choices if choice.method is None), None)
        if exact and exact.ms <= QUICK_EXACT_MS:
            return exact
        return min(choices, key=lambda choice: choice.ms, default=None)

    def _ways(self) -> list[ApproximateSearch | None]:
        """Return the ways measured for every feature that are wide enough for the page."""
        ways = dict.fromkeys(figure.method for figure in self._figures[0])
        return [way for way in ways if way is None or way.k >= self._least_k]

    def _choice(self, way: ApproximateSearch | None, shares: Sequence[float]) -> PlanChoice | None:
        """Return a way's cost and worst figure; None unless it keeps the promise everywhere."""
        ms, worst = 0.0, None
        for share in shares:
            found = self._found(way, share)
            if found is None or min(one.at_least for one in found) < self._kept(way):
                return None
            ms = max(ms, sum(one.p95_ms for one in found))
            worst = min((worst, *found) if worst else found, key=lambda one: one.at_least)
        return PlanChoice(way, ms, worst) if worst else None

    def _kept(self, way: ApproximateSearch | None) -> float:
        return self._promised if way else 0.0

    def _cost(self, way: ApproximateSearch | None, share: float) -> float | None:
        found = self._found(way, share)
        return None if found is None else sum(one.p95_ms for one in found)

    def _found(self, way: ApproximateSearch | None, share: float) -> list[RecallFigure] | None:
        """Return each feature's figure for a way at a share; None where one lacks it."""
        found = [
            figure
            for figures in self._figures
            for figure in figures
            if figure.method == way and figure.share == share
        ]
        return found if len(found) == len(self._figures) else None


def is_approximate(clause: Json) -> bool:
    """Say whether a feature's clause is answered approximately."""
    return "knn" in clause


PROBE_PARAMETERS = ApproximateSearch(1, 1)


def graph_features(asked: Iterable[tuple[Json, Json, str | None]]) -> list[str]:
    """Return the names of the features that would answer from a graph if asked approximately.

    `asked` are (feature, value, measure): a feature may have a graph for one measure alone.
    """
    return [
        feature.name
        for feature, value, measure in asked
        if is_approximate(
            feature.clause(
                value, ClauseContext(f"{PICTURES}.{feature.name}", PROBE_PARAMETERS, (), measure)
            )
        )
    ]
