"""How everybody did at one size, against ours."""

from dataclasses import dataclass, field

from bench.peers.vectors.store_measurement import EffortFigures, StoreFigures
from bench.peers.vectors.stores.roster import BASELINE, STORES
from bench.statistics.metrics import percentile


@dataclass(frozen=True)
class SizeComparison:
    """The figures of one size, which come in one contestant after the other.

    `enough` is by filter the recall that counts as equal to ours; `left_out` says why.
    """

    size: int
    recall_goals: dict[str, float]
    results: dict[str, StoreFigures] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def best(self, name: str, filtered: str) -> EffortFigures:
        """Return the first effort with recall enough, or else the quickest of the best recall."""
        rungs = self.results[name].efforts[filtered]
        for rung in rungs:
            if rung.recall >= self.recall_goals[filtered]:
                return rung
        return max(rungs, key=lambda rung: (rung.recall, -rung.p95))

    def reaches(self, name: str, filtered: str) -> bool:
        """Say whether a contestant's recall equals ours."""
        return self.best(name, filtered).recall >= self.recall_goals[filtered]

    def ratio(self, name: str, filtered: str, *, engine: bool = False) -> float | None:
        """Return a peer's p95 over ours (or over our engine's) at equal recall.

        None where its recall never is, for our own ways, without our own, and where the engine
        took less than the millisecond it counts in.
        """
        if BASELINE not in self.results or STORES[name].is_ours or not self.reaches(name, filtered):
            return None
        baseline = self.best(BASELINE, filtered)
        base = percentile(baseline.engine_ms, 95) if engine else baseline.p95
        return self.best(name, filtered).p95 / base if base else None
