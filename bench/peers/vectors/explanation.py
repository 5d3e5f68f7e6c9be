"""Where peers beat us: by how much, why, and what would close it, said from the figures."""

from collections.abc import Iterator, Mapping

from bench.peers.vectors.size_comparison import SizeComparison
from bench.peers.vectors.stores.roster import BASELINE, STORES
from bench.statistics.metrics import percentile

GRAPH = "ours-knn"


def explain_losses(standing: SizeComparison) -> Iterator[str]:
    """Yield what the figures say of where peers beat us: by how much, why, what would close it."""
    if BASELINE not in standing.results:
        return
    winners: set[str] = set()
    for filtered in standing.recall_goals:
        ratios = {name: standing.ratio(name, filtered) for name in standing.results}
        won = {name: ratio for name, ratio in ratios.items() if ratio is not None and ratio < 1}
        winners |= won.keys()
        yield f"- {filtered}: {_lost(standing, filtered, won)}{_graph(standing, filtered)}"
    exact = sorted(name for name in winners if STORES[name].is_exact)
    walked = sorted(winners.difference(exact))
    if winners:
        yield (
            "- Why, for all: peers are called inside the process that asks. Ours sends a whole "
            "search to a server, which answers from durable, filterable documents that others "
            "write meanwhile; a vector alone is some 5 kB of JSON on the way."
        )
    if exact:
        yield (
            f"- Why, for {', '.join(exact)}: they compare one block of memory with wide "
            "instructions, where Elasticsearch calls a script for every picture. What would close "
            "it: more shards and cores for one question, int8 vectors, or the graph where its "
            "recall is enough."
        )
    if walked:
        yield (
            f"- Why, for {', '.join(walked)}: lists, trees or a graph spare them most "
            "comparisons. What would close it: the planner taking the graph earlier, where it is "
            "measured to hold the recall."
        )


def _lost(standing: SizeComparison, filtered: str, won: Mapping[str, float]) -> str:
    """Say who is faster, by how much, and where our own time goes."""
    if not won:
        return "no peer with equal recall is faster than ours."
    names = ", ".join(
        f"{name} {_times(1 / ratio)}" for name, ratio in sorted(won.items(), key=lambda one: one[1])
    )
    ours = standing.best(BASELINE, filtered)
    engine = percentile(ours.engine_ms, 50)
    told = (
        f"faster at p95 are {names}. Of our median of {ours.p50:.1f} ms the engine takes "
        f"{engine:.0f}; the way to it and back, {max(0.0, ours.p50 - engine):.1f}."
    )
    slower = sorted(
        name for name in won if (standing.ratio(name, filtered, engine=True) or 0.0) >= 1
    )
    return told + (f" Our engine alone is no slower than {', '.join(slower)}." if slower else "")


def _times(factor: float) -> str:
    return f"{factor:,.0f}×" if factor >= 10 else f"{factor:.1f}×"


def _graph(standing: SizeComparison, filtered: str) -> str:
    """Say what our own graph would have given."""
    if GRAPH not in standing.results:
        return ""
    ours, walked = standing.best(BASELINE, filtered), standing.best(GRAPH, filtered)
    told = f" Our graph with {walked.effort} candidates: recall {walked.recall:.3f}"
    if not standing.reaches(GRAPH, filtered):
        return f"{told}, which is too little."
    quicker = "quicker" if walked.p95 < ours.p95 else "no quicker"
    return f"{told}, p95 {walked.p95:.1f} ms, {quicker} than what was chosen."
