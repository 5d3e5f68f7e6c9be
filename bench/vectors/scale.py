"""Measure how engine time, bytes and load rate grow with the number of products.

One shard of each size is filled and searched, and a power law is fitted to the figures. A page
extrapolates to many such shards by multiplication; nothing is measured at that size.
"""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from bench.options import with_output_options, with_vector_options
from bench.plots.cost_plot import plot_costs, plotted_cost
from bench.report import Report, log_progress, reporting
from bench.statistics.metrics import percentile
from bench.statistics.power_law import PowerLaw, fit_power_law
from bench.vectors.grown_vectors import DIMS
from bench.vectors.vector_index import FilledVectorIndex, vector_index
from core import atomic_file
from features.embedding.feature import Embedding
from mappings.planning import measurement
from mappings.search import request_body
from mappings.search.plan import Plan
from mappings.search.query import Query, Signal

WARM_UP = 5
TARGETS = (30_000_000, 1_000_000_000)
NODE_GB = 64
CACHE_SHARE = 0.5
"""Share of a node's memory left for vectors, after the heap and everything else."""

CODE_BYTES = DIMS // 8 + 14
"""A vector's code and corrections, as Elasticsearch's sizing advice counts them."""

COSTS = {
    "planned.p50": "ms",
    "planned.p95": "ms",
    "exact.p50": "ms",
    "index.bytes": "bytes",
    "load.time": "s",
    "merge.time": "s",
}


@click.command("scale")
@click.argument("sizes", type=click.IntRange(1000), nargs=-1, required=True)
@click.option("--queries", type=click.IntRange(1), default=100, show_default=True)
@click.option(
    "--measure",
    "measured",
    type=click.IntRange(1),
    default=100,
    show_default=True,
    help="Questions for measuring each index's recall.",
)
@click.option(
    "--page",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the extrapolation to 30 million and a billion products to this file.",
)
@with_vector_options
@with_output_options
def command(
    sizes: Sequence[int],
    data: Path,
    duplicates: float,
    queries: int,
    measured: int,
    seed: int,
    svg: Path | None,
    page: Path | None,
    keep: bool,
    markdown: bool,
) -> None:
    """Fill one shard of each of SIZES products; fit the cost of searching and storing them."""
    with reporting("scale", markdown=markdown) as report:
        costs_by_size: dict[int, dict[str, float]] = {}
        for size in sorted(set(sizes)):
            with vector_index(
                data, size, questions=queries + WARM_UP, duplicates=duplicates, seed=seed, keep=keep
            ) as index:
                costs_by_size[size] = measure_costs(index, measured)
            report.sizes["products"] = size
            for name, cost in costs_by_size[size].items():
                report.add(f"{size}.{name}", cost, COSTS[name])
            report.add(f"{size}.load.rate", size / costs_by_size[size]["load.time"], "products/s")
            report.add(f"{size}.bytes_each", costs_by_size[size]["index.bytes"] / size, "bytes")
        laws = fit_laws(report, costs_by_size)
        if svg:
            atomic_file.write(svg, plot_costs(costs_by_size, laws, COSTS).encode())
        if page:
            atomic_file.write(page, extrapolation_page(costs_by_size, laws).encode())


def measure_costs(index: FilledVectorIndex, measured: int) -> dict[str, float]:
    """Return the costs at one size, by the names of COSTS."""
    if index.load_s is None or index.merge_s is None:
        raise ValueError("an unnamed index is always filled anew")
    log_progress("measuring the index")
    table = measurement.measure(index.catalogue, index.registry, queries=measured)
    index.catalogue.store_recall_table(table)
    planned, exact = [], []
    for number, vector in enumerate(index.vectors.questions):
        answer = index.search(vector)
        signal = Signal(index.registry[Embedding.name], vector.tolist(), 1.0)
        exact_query = Query(plan=Plan("exact", index.products), signals=(signal,), size=10)
        exact_answer = index.catalogue.search(request_body.build_body(exact_query, index.registry))
        if number >= WARM_UP:
            planned.append(float(answer.results.took_ms))
            exact.append(float(exact_answer["took"]))
    return {
        "planned.p50": percentile(planned, 50),
        "planned.p95": percentile(planned, 95),
        "exact.p50": percentile(exact, 50),
        "index.bytes": float(index.catalogue.summary()["bytes"]),
        "load.time": index.load_s,
        "merge.time": index.merge_s,
    }


def fit_laws(
    report: Report, costs_by_size: Mapping[int, Mapping[str, float]]
) -> dict[str, PowerLaw]:
    """Fit the power law of every cost and report its exponent; nothing for a single size."""
    if len(costs_by_size) < 2:
        return {}
    laws = {}
    for name, unit in COSTS.items():
        points = [(size, plotted_cost(costs[name], unit)) for size, costs in costs_by_size.items()]
        law = laws[name] = fit_power_law(points)
        report.add(f"exponent.{name}", law.exponent, "exponent")
        report.add(f"residual.{name}", law.residual, "times")
    return laws


def extrapolation_page(
    costs_by_size: Mapping[int, Mapping[str, float]], laws: Mapping[str, PowerLaw]
) -> str:
    """Return the extrapolation to 30 million and a billion products as Markdown."""
    size, shard = max(costs_by_size.items())
    rows = [_row(target, size, shard) for target in TARGETS]
    exponents = ", ".join(f"{name} {law.exponent:.2f}" for name, law in laws.items())
    return "\n".join(
        [
            f"**Measured**, one shard of {size:,} products of one picture, {DIMS} dimensions: "
            f"p50 {shard['planned.p50']:g} ms and p95 {shard['planned.p95']:g} ms as planned, "
            f"{shard['exact.p50']:g} ms exact, {shard['index.bytes'] / size:,.0f} bytes a product "
            f"on disk, {size / shard['load.time']:,.0f} products a second loaded. "
            + (f"Exponents over the sizes measured: {exponents}." if exponents else ""),
            "",
            f"**Multiplied**, not measured: shards of {size:,} products each, all of them asked by "
            f"every search; codes ({CODE_BYTES} bytes a product) kept in memory on nodes of "
            f"{NODE_GB} GB, of which {CACHE_SHARE:.0%} is left for them, while vectors stay on "
            "disk, from where a search reads some hundred a shard; one core a shard and search.",
            "",
            "| products | shards | in memory | nodes | on disk | core-seconds a search | filling |",
            "|---:|---:|---:|---:|---:|---:|---:|",
            *rows,
            "",
            "What that leaves out: a search is as slow as its slowest shard, so its median nears "
            "one shard's 95th percentile at 14 shards, and its 99.5th at 140; merging answers, the "
            "network and replicas cost more. With fewer cores than shards, shards queue. Filters "
            "that keep a small set are cheaper than this, for they are compared exactly on every "
            "shard.",
            "",
        ]
    )


def _row(target: int, size: int, shard: Mapping[str, float]) -> str:
    shards = math.ceil(target / size)
    nodes = math.ceil(target * CODE_BYTES / (NODE_GB * 1e9 * CACHE_SHARE))
    seconds = shards * shard["planned.p50"] / 1000
    hours = shards * (shard["load.time"] + shard["merge.time"]) / nodes / 3600
    return (
        f"| {target:,} | {shards:,} | {target * CODE_BYTES / 1e9:,.0f} GB | {nodes:,} | "
        f"{target * shard['index.bytes'] / size / 1e9:,.0f} GB | {seconds:,.2f} | "
        f"{hours:,.1f} h |"
    )
