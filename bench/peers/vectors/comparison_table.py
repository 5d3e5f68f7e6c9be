"""Format the comparison at one size as Markdown, and explain where peers are faster."""

from collections.abc import Sequence

from bench.peers.vectors.explanation import explain_losses
from bench.peers.vectors.size_comparison import SizeComparison
from bench.peers.vectors.store_measurement import StoreFigures
from bench.peers.vectors.stores.roster import BASELINE, STORES
from bench.statistics.metrics import percentile

MB = 1e6


def markdown_tables(comparison: SizeComparison) -> str:
    """Return the tables of one size and their explanation."""
    return "\n".join(
        [
            f"### {comparison.size:,} vectors",
            "",
            *_rows(["", "version", "build s", "MB peak / serving", "MB on disk", "filtering"]),
            *(_row(_costs(comparison.results[name])) for name in comparison.results),
            "",
            f"Recall@10; p50 / p95 in ms as the caller waits ({BASELINE}: also as the engine",
            "counts); at equal recall the peer's p95 over ours / over our engine's. Bold: faster.",
            "",
            *_rows(["", *comparison.recall_goals]),
            *(
                _row([name, *(_cell(comparison, name, one) for one in comparison.recall_goals)])
                for name in comparison.results
            ),
            "",
            *(f"- {name} was not measured: {why}" for name, why in comparison.absent.items()),
            *explain_losses(comparison),
            "",
        ]
    )


def _costs(result: StoreFigures) -> list[str]:
    entry = STORES[result.name]
    shared = entry.is_ours and result.name != BASELINE
    memory = (
        f"{result.peak_mb:,.0f} / {result.serving_mb:,.0f}"
        if result.peak_mb is not None and result.serving_mb is not None
        else "elsewhere"
    )
    return [
        result.name,
        result.version,
        "as ours" if shared else f"{result.build_s:,.1f}",
        "as ours" if shared else memory + (" (the server)" if entry.is_ours else ""),
        "as ours" if shared else f"{result.disk_bytes / MB:,.0f}",
        entry.filtering,
    ]


def _cell(comparison: SizeComparison, name: str, filtered: str) -> str:
    rung = comparison.best(name, filtered)
    text = f"{rung.recall:.3f}, {rung.p50:.2g} / {rung.p95:.2g}"
    if rung.engine_ms:
        text += f" (engine {_percentiles(rung.engine_ms)})"
    if not comparison.reaches(name, filtered):
        return f"*{text}*, too low"
    ratio = comparison.ratio(name, filtered)
    engine = comparison.ratio(name, filtered, engine=True)
    if ratio is None:
        return text
    ratios = f"{ratio:.2g}×" + (f" / {engine:.2g}×" if engine is not None else "")
    return f"{text}, **{ratios}**" if ratio < 1 else f"{text}, {ratios}"


def _percentiles(took_ms: Sequence[float]) -> str:
    return f"{percentile(took_ms, 50):g} / {percentile(took_ms, 95):g}"


def _rows(head: list[str]) -> list[str]:
    return [_row(head), _row(["---"] * len(head))]


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
