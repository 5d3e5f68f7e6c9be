"""Measure recall against brute force, and engine time, under filters of every selectivity.

The index is measured first, as at the end of a load. Every question then goes through the
application's own searcher, planner and query builder.
"""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import click
import numpy as np

from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from bench.data import sample_pictures
from bench.options import with_output_options, with_vector_options
from bench.plots.recall_plot import RecallPoint, plot_recall
from bench.report import Limit, Report, at_least, at_most, log_progress, reporting
from bench.statistics.metrics import mean, percentile
from bench.vectors.filter_cells import COLUMNS, KINDS, ExactAnswer, FilterCell
from bench.vectors.grown_vectors import Vectors
from bench.vectors.vector_index import FilledVectorIndex, product_title, vector_index
from core import atomic_file
from core.errors import LookalikeError
from features.embedding.feature import Embedding
from mappings.planning import measurement

K = 10
WARM_UP = 5
"""Untimed questions first: they read the index from disk."""

RECALL = at_least(0.99)
SMALL = 100_000
"""Number of products up to which the tighter time limit applies."""

HYBRID = at_most(60)
WORDS_ASKED = 2
HYBRID_SHARE = 0.1


@dataclass
class FilterResult:
    """The figures of all questions under one kind of filter."""

    name: str
    recalls: list[float] = field(default_factory=list)
    took_ms: list[float] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)


@click.command("filtered")
@click.option("--products", type=click.IntRange(1000), default=100_000, show_default=True)
@click.option("--queries", type=click.IntRange(1), default=200, show_default=True)
@click.option(
    "--measure",
    "measured",
    type=click.IntRange(1),
    default=200,
    show_default=True,
    help="Questions for measuring the index's recall.",
)
@click.option("--shards", type=click.IntRange(1), default=1, show_default=True)
@click.option(
    "--index", "name", help="Use this index if it is filled; otherwise fill it and keep it."
)
@with_vector_options
@with_output_options
def command(
    data: Path,
    products: int,
    duplicates: float,
    queries: int,
    measured: int,
    shards: int,
    seed: int,
    name: str | None,
    svg: Path | None,
    keep: bool,
    markdown: bool,
) -> None:
    """Search 256-d vectors under filters of every selectivity; compare with brute force."""
    with (
        reporting("filtered", markdown=markdown) as report,
        vector_index(
            data,
            products,
            questions=queries + WARM_UP,
            duplicates=duplicates,
            seed=seed,
            name=name,
            keep=keep,
            shards=shards,
        ) as index,
    ):
        report.sizes |= {
            "products": products,
            "duplicates": index.vectors.duplicates,
            "largest_group": index.vectors.largest_group,
            "queries": queries,
            "shards": shards,
        }
        if index.load_s is not None and index.merge_s is not None:
            report.add("load.rate", products / index.load_s, "products/s")
            report.add("merge", index.merge_s, "s")
        points = measure_index(report, index, measured)
        results = search_under_filters(index)
        report_filters(report, results)
        report_hybrid(report, index, data, queries)
        if svg:
            planned = [
                RecallPoint(one.name, "as planned", percentile(one.took_ms, 50), mean(one.recalls))
                for one in results
            ]
            drawing = plot_recall(points, planned, f"{products:,} products")
            atomic_file.write(svg, drawing.encode())


def measure_index(report: Report, index: FilledVectorIndex, queries: int) -> list[RecallPoint]:
    """Measure the index as the indexer does; return the figures of all methods for the plot."""
    log_progress("measuring the index")
    began = time.perf_counter()
    table = measurement.measure(index.catalogue, index.registry, queries=queries)
    index.catalogue.store_recall_table(table)
    report.add("measure", time.perf_counter() - began, "s")
    return [
        RecallPoint(
            f"{figure.share:.1%}",
            f"{figure.method.num_candidates} candidates" if figure.method else "exact",
            figure.p50_ms,
            figure.recall,
        )
        for figure in table.figures.get(Embedding.name, ())
    ]


def search_under_filters(index: FilledVectorIndex) -> list[FilterResult]:
    """Search every question under every filter; return the figures by kind and share.

    The exact answers are computed when all questions are asked. Beside them, and just after, the
    engine took twice as long for the same search.
    """
    filters = [("none", 1.0), *((k, share) for k in KINDS for share in index.divided.shares)]
    results = [FilterResult(f"{kind}.{share:g}") for kind, share in filters]
    log_progress("choosing filters")
    chosen = [_choose_cells(index, vector, filters) for vector in index.vectors.questions]
    answers: list[list[Sequence[int]]] = []
    for number, (vector, cells) in enumerate(zip(index.vectors.questions, chosen, strict=True)):
        timed = number >= WARM_UP
        answers.append(
            [
                _ask(index, vector, cell, under, timed=timed)
                for cell, under in zip(cells, results, strict=True)
            ]
        )
        if number % 50 == 0:
            log_progress(f"asked {number} of {len(chosen)} questions")
    log_progress("computing the exact answers")
    for vector, cells, rows in zip(index.vectors.questions, chosen, answers, strict=True):
        similar = index.divided.question(vector).similar
        for cell, answer, under in zip(cells, rows, results, strict=True):
            is_kept = index.divided.mask(cell)
            truth = ExactAnswer.of(similar, is_kept, K)
            under.recalls.append(truth.recall(similar, is_kept, answer))
    return results


def _choose_cells(
    index: FilledVectorIndex, vector: Vectors, filters: Sequence[tuple[str, float]]
) -> list[FilterCell | None]:
    """Return the cell to filter by for each kind and share; None for no filter."""
    question = index.divided.question(vector)
    return [
        None if kind == "none" else index.divided.choose_cell(question, kind, share)
        for kind, share in filters
    ]


def _ask(
    index: FilledVectorIndex,
    vector: Vectors,
    cell: FilterCell | None,
    under: FilterResult,
    *,
    timed: bool,
) -> Sequence[int]:
    """Return the rows that a search finds, and note its time and plan."""
    answer = index.search(vector, cell, K)
    under.kinds[answer.plan.kind] += 1
    if timed:
        under.took_ms.append(answer.results.took_ms)
    return [int(hit.id) for hit in answer.results.hits]


def report_filters(report: Report, results: Sequence[FilterResult]) -> None:
    """Report recall and engine time under every filter, and the slowest relative to no filter."""
    products = report.sizes["products"]
    within = at_most(10) if products <= SMALL else at_most(40)
    for result in results:
        report.add(f"{result.name}.recall", mean(result.recalls), "share", RECALL)
        report.add(f"{result.name}.p50", percentile(result.took_ms, 50), "ms")
        report.add(f"{result.name}.p95", percentile(result.took_ms, 95), "ms", within)
        report.add(f"{result.name}.exact", result.kinds["exact"] / len(result.recalls), "share")
    slowest = max(percentile(result.took_ms, 50) for result in results)
    plain = max(1.0, percentile(results[0].took_ms, 50))
    report.add("slowest_to_unfiltered.p50", slowest / plain, "times", at_most(1.5))


def report_hybrid(report: Report, index: FilledVectorIndex, data: Path, queries: int) -> None:
    """Report the time of hybrid searches: a real picture, words and a filter in one request."""
    shots = sample_pictures.read_pictures(data)
    chance = np.random.default_rng(1)
    took, engine = [], []
    for number in range(queries + WARM_UP):
        shot = shots[int(chance.integers(0, len(shots)))]
        row = int(chance.integers(0, index.products))
        parameters = SearchParameters(
            q=" ".join(product_title(row).split()[:WORDS_ASKED]), filter=_filters(index, row)
        )
        request = SearchRequest(parameters, (shot.path.read_bytes(),))
        try:
            answer = index.searcher.search(request)
        except LookalikeError as error:
            log_progress(f"left out {shot.id}: {error}")
            continue
        if number >= WARM_UP:
            took.append(answer.took_ms)
            engine.append(float(answer.results.took_ms))
    within: Limit = HYBRID
    report.add("hybrid.p50", percentile(took, 50), "ms")
    report.add("hybrid.p95", percentile(took, 95), "ms", within)
    report.add("hybrid.engine_p95", percentile(engine, 95), "ms")


def _filters(index: FilledVectorIndex, row: int) -> dict[str, list[str]]:
    """Return a filter that keeps a tenth of the products, including the given one."""
    number = int(index.divided.cells["chance"][HYBRID_SHARE][row])
    return {COLUMNS["chance"]: [FilterCell("chance", HYBRID_SHARE, number).value]}
