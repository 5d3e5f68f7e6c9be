"""Explain from the figures where peers are faster, why, and what would close the gap."""

from collections.abc import Iterator, Mapping

from bench.peers.vectors.size_comparison import SizeComparison
from bench.peers.vectors.stores.roster import BASELINE, STORES
from bench.statistics.metrics import percentile

GRAPH = "ours-knn"


def explain_losses(comparison: SizeComparison) -> Iterator[str]:
    """Yield Markdown lines on where peers are faster, why, and what would close the gap."""
    if BASELINE not in comparison.results:
        return
    winners: set[str] = set()
    for filtered in comparison.recall_goals:
        ratios = {name: comparison.ratio(name, filtered) for name in comparison.results}
        won = {name: ratio for name, ratio in ratios.items() if ratio is not None and ratio < 1}
        winners |= won.keys()
        yield f"- {filtered}: {_lost(comparison, filtered, won)}{_graph(comparison, filtered)}"
    exact = sorted(name for name in winners if STORES[name].is_exact)
    approximate = sorted(winners.difference(exact))
    if winners:
        yield (
            "- Why, for all: a peer is a function call inside the client's process. Ours "
            "sends a whole search to a server, which answers from durable, filterable "
            "documents that others can write meanwhile; a vector alone is about 5 kB of JSON."
        )
    if exact:
        yield (
            f"- Why, for {', '.join(exact)}: they compare one block of memory with SIMD "
            "instructions, where Elasticsearch calls a script for every picture. What would close "
            "the gap: more shards and cores per search, int8 vectors, or the graph where its "
            "recall suffices."
        )
    if approximate:
        yield (
            f"- Why, for {', '.join(approximate)}: lists, trees or a graph avoid most "
            "comparisons. What would close the gap: a planner that chooses the graph earlier, "
            "where its recall is measured to suffice."
        )


def _lost(comparison: SizeComparison, filtered: str, won: Mapping[str, float]) -> str:
    """Return which peers are faster, by how much, and where our own time goes."""
    if not won:
        return "no peer with equal recall is faster than ours."
    names = ", ".join(
        f"{name} {_times(1 / ratio)}" for name, ratio in sorted(won.items(), key=lambda one: one[1])
    )
    baseline = comparison.best(BASELINE, filtered)
    engine = percentile(baseline.engine_ms, 50)
    sentence = (
        f"faster at p95 are {names}. Of our median of {baseline.p50:.1f} ms the engine takes "
        f"{engine:.0f}; the round trip to it, {max(0.0, baseline.p50 - engine):.1f}."
    )
    slower = sorted(
        name for name in won if (comparison.ratio(name, filtered, engine=True) or 0.0) >= 1
    )
    return sentence + (
        f" Our engine alone is no slower than {', '.join(slower)}." if slower else ""
    )


def _times(factor: float) -> str:
    return f"{factor:,.0f}×" if factor >= 10 else f"{factor:.1f}×"


def _graph(comparison: SizeComparison, filtered: str) -> str:
    """Return the figures of our own graph."""
    if GRAPH not in comparison.results:
        return ""
    baseline, graph = comparison.best(BASELINE, filtered), comparison.best(GRAPH, filtered)
    sentence = f" Our graph with {graph.effort} candidates: recall {graph.recall:.3f}"
    if not comparison.reaches(GRAPH, filtered):
        return f"{sentence}, which is too low."
    quicker = "faster" if graph.p95 < baseline.p95 else "no faster"
    return f"{sentence}, p95 {graph.p95:.1f} ms, {quicker} than what was chosen."
