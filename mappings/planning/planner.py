"""Chooses how a request finds its nearest pictures: exactly or approximately.

`script_score` compares with every filtered picture: exact, and its cost grows with their number.
`knn` walks an HNSW graph: fast, but misses neighbours. How many and how fast is measured on the
index itself (`mappings.catalogue.recall`). The planner takes the cheapest method that reached the
promised recall wherever the filtered set may lie, and exact comparison where none did or nothing
was measured.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from features.base import ApproximateSearch, ClauseContext, Json
from mappings.catalogue.products import PICTURES
from mappings.catalogue.recall import RecallFigure
from mappings.planning.statistics import Bounds, IndexStatistics
from mappings.search.plan import Plan

DEFAULT_RECALL = 0.99
"""Recall promised by default."""

QUICK_EXACT_MS = 5.0
"""Exact comparison this fast is always kept."""

COUNTING_MS = 2.0
"""Cost of counting a filtered set: done only where it may save more."""

MIN_K, K_PER_HIT = 200, 4
"""Fewest neighbours to ask for, and neighbours per hit of a page."""


@dataclass(frozen=True)
class PlanChoice:
    """A method, its cost, and its figure at the least favourable share."""

    method: ApproximateSearch | None
    ms: float
    figure: RecallFigure


class Planner:
    """Plans requests that ask `features` by their graphs, for pages of `size` hits."""

    def __init__(
        self,
        statistics: IndexStatistics,
        features: Iterable[str],
        *,
        size: int,
        promised: float = DEFAULT_RECALL,
    ) -> None:
        self._statistics = statistics
        self._promised = promised
        self._least_k = max(MIN_K, K_PER_HIT * size)
        names = sorted(set(features))
        table = statistics.recall
        self._ignored = ""
        if not names:
            self._ignored = "no feature of this search has a graph"
        elif table is None or not all(table.figures.get(name) for name in names):
            self._ignored = "this index's recall was never measured (python -m indexer measure)"
        elif table.is_outgrown(statistics.pictures):
            self._ignored = "the index has outgrown its measurement (python -m indexer measure)"
        self._figures: Sequence[Sequence[RecallFigure]] = (
            [table.figures[name] for name in names] if table and not self._ignored else []
        )

    def is_worth_counting(self, bounds: Bounds) -> bool:
        """Say whether knowing the filtered set's size could save more than counting costs."""
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
        """Return the cheapest plan that keeps the promise for every size within the bounds."""
        if self._ignored:
            return Plan("exact", bounds.high, None, self._promised, None, self._ignored)
        choice = self._best(self._shares(bounds))
        if choice is None:
            raise ValueError("a table without exact comparison")
        kind = "approximate" if choice.method else "exact"
        reason = self._reason(choice)
        return Plan(kind, bounds.high, choice.method, self._promised, choice.figure, reason)

    def _reason(self, choice: PlanChoice) -> str:
        if choice.method:
            return (
                f"the cheapest measured method to find {self._promised:g} of the nearest or more: "
                f"{choice.figure.at_least:g} at least, p95 {choice.ms:g} ms"
            )
        if choice.ms <= QUICK_EXACT_MS:
            return f"comparing with every picture is quick here: p95 {choice.ms:g} ms"
        return f"no faster method was measured to find {self._promised:g} of the nearest"

    def _shares(self, bounds: Bounds) -> list[float]:
        """Return the measured shares of the index that enclose the bounds."""
        whole = max(1, self._statistics.products)
        known = sorted({figure.share for figure in self._figures[0]})
        below = [share for share in known if share * whole <= bounds.low]
        above = [share for share in known if share * whole >= bounds.high]
        first = below[-1] if below else known[0]
        last = above[0] if above else known[-1]
        return [share for share in known if first <= share <= max(first, last)]

    def _best(self, shares: Sequence[float]) -> PlanChoice | None:
        choices = [choice for method in self._methods() if (choice := self._choice(method, shares))]
        exact = next((choice for choice in choices if choice.method is None), None)
        if exact and exact.ms <= QUICK_EXACT_MS:
            return exact
        return min(choices, key=lambda choice: choice.ms, default=None)

    def _methods(self) -> list[ApproximateSearch | None]:
        """Return the measured methods with enough neighbours for the page."""
        methods = dict.fromkeys(figure.method for figure in self._figures[0])
        return [method for method in methods if method is None or method.k >= self._least_k]

    def _choice(
        self, method: ApproximateSearch | None, shares: Sequence[float]
    ) -> PlanChoice | None:
        """Return a method's cost and worst figure; None unless it always keeps the promise."""
        ms, worst = 0.0, None
        for share in shares:
            measured = self._figures_at(method, share)
            if measured is None or min(figure.at_least for figure in measured) < self._required(
                method
            ):
                return None
            ms = max(ms, sum(figure.p95_ms for figure in measured))
            worst = min(
                (worst, *measured) if worst else measured, key=lambda figure: figure.at_least
            )
        return PlanChoice(method, ms, worst) if worst else None

    def _required(self, method: ApproximateSearch | None) -> float:
        return self._promised if method else 0.0

    def _cost(self, method: ApproximateSearch | None, share: float) -> float | None:
        measured = self._figures_at(method, share)
        return None if measured is None else sum(figure.p95_ms for figure in measured)

    def _figures_at(
        self, method: ApproximateSearch | None, share: float
    ) -> list[RecallFigure] | None:
        """Return each feature's figure for a method at a share; None where one has none."""
        measured = [
            figure
            for figures in self._figures
            for figure in figures
            if figure.method == method and figure.share == share
        ]
        return measured if len(measured) == len(self._figures) else None


def is_approximate(clause: Json) -> bool:
    """Say whether a feature's clause is answered approximately."""
    return "knn" in clause


PROBE_PARAMETERS = ApproximateSearch(1, 1)


def graph_features(queries: Iterable[tuple[Json, Json, str | None]]) -> list[str]:
    """Return the names of the features that can answer from a graph.

    `queries` are (feature, value, measure): a feature may have a graph for one measure only.
    """
    return [
        feature.name
        for feature, value, measure in queries
        if is_approximate(
            feature.clause(
                value, ClauseContext(f"{PICTURES}.{feature.name}", PROBE_PARAMETERS, (), measure)
            )
        )
    ]
