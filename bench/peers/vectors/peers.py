"""Compare this project with the libraries and databases for nearest vectors that users would pick.

All get the same vectors and the same questions under the same filters, on one machine in one run.
A peer is a function call inside its own process; this project sends a whole request over HTTP to a
server, so the caller's time and the engine's own time are both reported.
"""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import click
import psutil

from bench.instruments.memory import process_listening_on
from bench.options import FOLDER
from bench.peers.vectors import (
    comparison_table,
    contest_questions,
    recall_curves,
    store_measurement,
)
from bench.peers.vectors.contest_questions import FilteredQuestion
from bench.peers.vectors.size_comparison import SizeComparison
from bench.peers.vectors.stores.roster import BASELINE, STORES
from bench.report import Report, log_progress, reporting
from bench.statistics.metrics import percentile
from bench.vectors import grown_vectors
from bench.vectors.filter_cells import KINDS, PartitionedVectors
from bench.workspace import open_workspace
from core.environment import Environment
from mappings.engine.connection import EngineSettings

PROMISE = 0.99
"""The recall that the planner guarantees; it counts as equal to ours where ours is better."""


class SizeList(click.ParamType[list[int]]):
    """Comma-separated whole numbers."""

    name = "sizes"

    def convert(
        self, value: object, param: click.Parameter | None, ctx: click.Context | None
    ) -> list[int]:
        if isinstance(value, list):
            return value
        try:
            sizes = [int(part) for part in str(value).replace("_", "").split(",")]
        except ValueError:
            self.fail(f"{value} is not a list of numbers such as 10000,100000", param, ctx)
        if min(sizes) < 1_000:
            self.fail("a contest needs 1000 vectors or more", param, ctx)
        return sizes


@click.command("peers")
@click.option(
    "--data",
    type=FOLDER,
    required=True,
    help="Folder with the pictures whose embeddings the vectors are made from.",
)
@click.option("--sizes", type=SizeList(), default="10000,100000", show_default=True)
@click.option("--questions", type=click.IntRange(10), default=200, show_default=True)
@click.option("--duplicates", type=click.FloatRange(0, 0.9), default=0.0, show_default=True)
@click.option(
    "--kind", "kinds", type=click.Choice(KINDS), multiple=True, help="Kind of filter; repeatable."
)
@click.option(
    "--only", type=click.Choice(tuple(STORES)), multiple=True, help="Only this store; repeatable."
)
@click.option(
    "--pictures", type=click.IntRange(grown_vectors.DIMS), help="Use only this many pictures."
)
@click.option("--seed", type=int, default=7, show_default=True)
@click.option(
    "--plot",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the plot (SVG) to this file.",
)
@click.option("--markdown", is_flag=True, help="Print Markdown tables instead of JSON.")
def command(
    data: Path,
    sizes: list[int],
    questions: int,
    duplicates: float,
    kinds: tuple[str, ...],
    only: tuple[str, ...],
    pictures: int | None,
    seed: int,
    plot: Path | None,
    markdown: bool,
) -> None:
    """Compare stores of vectors, unfiltered and filtered to 50, 10, 1 and .1 %."""
    comparisons = []
    with reporting("peers", markdown=markdown) as report:
        for size in sizes:
            log_progress(f"growing {size} vectors")
            grown = grown_vectors.grow_from_pictures(
                data, Environment.current(), size,
                questions=questions, duplicates=duplicates, seed=seed, pictures=pictures,
            )  # fmt: skip
            partitioned = PartitionedVectors(grown.stored, k=contest_questions.K, seed=seed)
            questions_by_filter = contest_questions.make_questions(
                grown, partitioned, kinds or KINDS[:1], questions
            )
            report.sizes |= {"vectors": size, "duplicates": grown.duplicates}
            report.sizes["questions"] = questions
            with tempfile.TemporaryDirectory(prefix="lookalike-bench-") as folder:
                contest_questions.save_vectors(Path(folder), partitioned, grown.feature.projection)
                comparison = SizeComparison(size, dict.fromkeys(questions_by_filter, PROMISE))
                for name in measure_stores(
                    Path(folder), comparison, questions_by_filter, only or tuple(STORES)
                ):
                    if not markdown:
                        report_store(report, comparison, name)
            comparisons.append(comparison)
            if markdown:
                click.echo(comparison_table.markdown_tables(comparison))
    if plot:
        plot.write_text(recall_curves.plot_recall_curves(comparisons), encoding="utf-8")
        log_progress(f"written: {plot}")


def measure_stores(
    folder: Path,
    comparison: SizeComparison,
    questions: Mapping[str, Sequence[FilteredQuestion]],
    names: Sequence[str],
) -> Iterator[str]:
    """Measure every store; yield each name when its figures are in.

    The baseline comes first, because the others are tried until they equal its recall.
    """
    with open_workspace() as space:
        server = _server(space.environment)
        for name in sorted(names, key=lambda name: name != BASELINE):
            entry = STORES[name]
            why = None
            if entry.version() is None:
                why = f"{entry.package} is not installed (pip install lookalike[peers])"
            else:
                log_progress(f"{name} {entry.version()}, {comparison.size} vectors")
                try:
                    comparison.results[name] = store_measurement.measure_store(
                        name, folder, space.environment, questions, comparison.recall_goals, server
                    )
                except Exception as error:
                    # Whatever error a peer raises, the others' figures remain valid.
                    if entry.is_ours:
                        raise
                    why = f"{type(error).__name__}: {error}".splitlines()[0]
            if why:
                comparison.absent[name] = why
                log_progress(f"{name} takes no part: {why}")
                continue
            if name == BASELINE:
                baseline_efforts = comparison.results[name].efforts
                comparison.recall_goals.update(
                    {
                        one: min(PROMISE, baseline_efforts[one][-1].recall)
                        for one in baseline_efforts
                    }
                )
            yield name


def _server(environment: Environment) -> psutil.Process | None:
    url = urlsplit(EngineSettings.from_env(environment).url)
    if url.hostname not in {"127.0.0.1", "localhost", "::1"}:
        return None
    return process_listening_on(url.port or 80)


def report_store(report: Report, comparison: SizeComparison, name: str) -> None:
    """Report a store's figures."""
    result, start = comparison.results[name], f"{comparison.size}.{name}"
    report.add(f"{start}.build", result.build_s, "s")
    report.add(f"{start}.disk", result.disk_bytes, "bytes")
    for what, megabytes in (("peak_rss", result.peak_mb), ("serving_rss", result.serving_mb)):
        if megabytes is not None:
            report.add(f"{start}.{what}", megabytes, "MB")
    for filtered in result.efforts:
        rung, where = comparison.best(name, filtered), f"{start}.{filtered}"
        report.add(f"{where}.recall", rung.recall, "share")
        report.add(f"{where}.effort", rung.effort, "")
        report.add(f"{where}.questions", len(rung.took_ms), "")
        report.add(f"{where}.p50", rung.p50, "ms")
        report.add(f"{where}.p95", rung.p95, "ms")
        if rung.engine_ms:
            report.add(f"{where}.engine_p50", percentile(rung.engine_ms, 50), "ms")
            report.add(f"{where}.engine_p95", percentile(rung.engine_ms, 95), "ms")
        if (ratio := comparison.ratio(name, filtered)) is not None:
            report.add(f"{where}.p95_to_ours", ratio, "times")
        if (ratio := comparison.ratio(name, filtered, engine=True)) is not None:
            report.add(f"{where}.p95_to_our_engine", ratio, "times")
