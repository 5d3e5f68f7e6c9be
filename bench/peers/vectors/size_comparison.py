"""Compare the stores' figures at one size with ours."""

from dataclasses import dataclass, field

from bench.peers.vectors.store_measurement import EffortFigures, StoreFigures
from bench.peers.vectors.stores.roster import BASELINE, STORES
from bench.statistics.metrics import percentile


@dataclass(frozen=True)
class SizeComparison:
    """The figures of one size, added store by store.

    `recall_goals` is, by filter, the recall that counts as equal to ours; `absent` maps a store
    that was not measured to the reason.
    """

    size: int
    recall_goals: dict[str, float]
    results: dict[str, StoreFigures] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def best(self, name: str, filtered: str) -> EffortFigures:
        """Return the first effort that reaches the recall goal, or else the fastest of the best
        recall."""
        rungs = self.results[name].efforts[filtered]
        for rung in rungs:
            if rung.recall >= self.recall_goals[filtered]:
                return rung
        return max(rungs, key=lambda rung: (rung.recall, -rung.p95))

    def reaches(self, name: str, filtered: str) -> bool:
        """Return whether a store reaches the recall goal."""
        return self.best(name, filtered).recall >= self.recall_goals[filtered]

    def ratio(self, name: str, filtered: str, *, engine: bool = False) -> float | None:
        """Return a peer's p95 over ours (or over our engine's) at equal recall.

        None if its recall is lower, for our own stores, without a baseline, and if the engine took
        less than a millisecond.
        """
        if BASELINE not in self.results or STORES[name].is_ours or not self.reaches(name, filtered):
            return None
        baseline = self.best(BASELINE, filtered)
        base = percentile(baseline.engine_ms, 95) if engine else baseline.p95
        return self.best(name, filtered).p95 / base if base else None
