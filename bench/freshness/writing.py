"""Measure searches while products are written: what they find, how long they take, what is gone.

An index of PRODUCTS vectors (`bench.vectors.vector_index`) is searched SEARCHES times a second,
first in quiet, then for SECONDS while UPSERTS products a second are put and DELETES deleted, by the
product's own writer with its ledger. Half of the puts replace a product, half are new. Afterwards
every answer is compared with brute force over the products as they were at that moment.
"""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import click

from bench.freshness.steady_writer import SteadyWriter
from bench.freshness.written_products import (
    AnsweredSearch,
    deleted_but_shown,
    recalls,
)
from bench.options import FOLDER, with_output_options
from bench.report import Report, at_least, at_most, log_progress, reporting
from bench.statistics.metrics import mean, percentile
from bench.vectors.grown_vectors import Vectors
from bench.vectors.vector_index import FilledVectorIndex, vector_index
from core.errors import LookalikeError
from indexer.ledger.ledger import Ledger
from indexer.measure import measure_if_outgrown

HITS = 10
QUESTIONS = 200
MINUTE_S = 60.0
QUIET_S = 60.0
AT_ONCE = 16
SEED = 18


@click.command("writing")
@click.option("--data", type=FOLDER, required=True, help="Folder with pictures to embed.")
@click.option("--products", type=click.IntRange(100), default=100_000, show_default=True)
@click.option("--seconds", type=click.FloatRange(1), default=600.0, show_default=True)
@click.option("--upserts", type=click.IntRange(1), default=50, show_default=True)
@click.option("--deletes", type=click.IntRange(0), default=5, show_default=True)
@click.option("--searches", type=click.FloatRange(0.1), default=10.0, show_default=True)
@with_output_options
def command(
    data: Path,
    products: int,
    seconds: float,
    upserts: int,
    deletes: int,
    searches: float,
    keep: bool,
    markdown: bool,
) -> None:
    """Search while UPSERTS products a second are put and DELETES deleted."""
    new = int(upserts * (seconds + 1))
    with (
        reporting("writing", markdown=markdown) as report,
        vector_index(
            data, products, questions=QUESTIONS + new, duplicates=0.0, seed=SEED, keep=keep
        ) as index,
        TemporaryDirectory(prefix="lookalike-writing-") as folder,
        closing(Ledger(Path(folder) / "ledger.sqlite3")) as ledger,
    ):
        report.sizes |= {"products": products, "seconds": round(seconds), "upserts_per_s": upserts}
        report.sizes |= {"deletes_per_s": deletes, "searches_per_s": round(searches)}
        measure_if_outgrown(index.catalogue, index.registry)
        questions, vectors = (
            index.vectors.questions[:QUESTIONS],
            index.vectors.questions[QUESTIONS:],
        )
        asked = SteadySearches(index, questions, searches)
        for question in questions[:20]:
            index.search(question, size=HITS)
        log_progress("searching in quiet")
        quiet = asked.run(min(QUIET_S, seconds))
        writer = SteadyWriter(index, ledger, vectors, upserts, deletes)
        log_progress("searching while writing")
        began = time.monotonic()
        with writer:
            answers = asked.run(seconds)
        if writer.failure is not None:
            raise writer.failure
        log_progress("comparing with brute force")
        _report_times(report, quiet, answers)
        written = len(writer.writes) / seconds
        report.add("writes", written, "products/s", at_least(0.9 * (upserts + deletes)))
        by_minute: dict[int, list[float]] = {}
        for search, recall in recalls(answers, writer.writes, index.vectors.stored, questions):
            by_minute.setdefault(int((search.due - began) / MINUTE_S) + 1, []).append(recall)
        for minute, shares in sorted(by_minute.items()):
            report.add(f"recall.minute_{minute}", mean(shares), "share", at_least(0.97))
        shown = deleted_but_shown(answers, writer.writes)
        report.add("deleted_but_shown", shown, "hits", at_most(0))


def _report_times(
    report: Report, quiet: Sequence[AnsweredSearch], writing: Sequence[AnsweredSearch]
) -> None:
    times = {"quiet": [one.ms for one in quiet], "writing": [one.ms for one in writing]}
    for name, ms in times.items():
        for percent in (50, 95, 99):
            report.add(f"search.{name}_p{percent}", percentile(ms, percent), "ms")
    ratio = percentile(times["writing"], 99) / percentile(times["quiet"], 99)
    report.add("search.p99_to_quiet", ratio, "times", at_most(3))
    failed = sum(one.ids is None for one in (*quiet, *writing))
    report.add("failed", failed, "searches", at_most(0))


class SteadySearches:
    """Asks the questions in turn, so many a second, whether the earlier are answered or not."""

    def __init__(self, index: FilledVectorIndex, questions: Vectors, rate: float) -> None:
        self._index = index
        self._questions = questions
        self._pause_s = 1 / rate

    def run(self, seconds: float) -> list[AnsweredSearch]:
        """Search for some seconds; return the answers in the order of the questions."""
        began = time.monotonic()
        count = int(seconds / self._pause_s)
        with ThreadPoolExecutor(AT_ONCE) as threads:
            waiting = []
            for number in range(count):
                due = began + number * self._pause_s
                time.sleep(max(0.0, due - time.monotonic()))
                waiting.append(threads.submit(self._ask, number % len(self._questions), due))
            return [one.result() for one in waiting]

    def _ask(self, question: int, due: float) -> AnsweredSearch:
        try:
            answer = self._index.search(self._questions[question], size=HITS)
        except LookalikeError as error:
            log_progress(f"a search failed: {error}")
            return AnsweredSearch(question, due, time.monotonic(), None)
        ids = [hit.id for hit in answer.results.hits]
        return AnsweredSearch(question, due, time.monotonic(), ids)
