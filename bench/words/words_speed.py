"""Measure how fast words with facets are answered, and how often the product meant comes first."""

import os
import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlencode

import click
import psutil

from app.search.parameter_types import form_texts
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.services import Services, build_services
from app.settings import AppSettings
from bench.instruments.bulk_writing import write_in_batches
from bench.instruments.closed_load import send_requests
from bench.instruments.processor_time import ProcessorTime, engine_process
from bench.instruments.web_server import RunningServer, run_server
from bench.options import with_output_options
from bench.report import Limit, Report, at_least, at_most, log_progress, reporting
from bench.statistics.metrics import mean, percentile
from bench.words.made_products import Question, make_product, make_questions
from bench.workspace import open_catalogue, open_workspace
from core.environment import Environment
from features import registry as features
from features.registry import Registry

FACETS = ("brand", "category", "color", "price")
WARM_UP = 100
AT_ONCE = 500
WRITERS = 2
SIZE = 20
GOALS = {50: at_most(15), 95: at_most(40)}
"""ms a search, by percent."""


@click.command("words-speed")
@click.option("--products", type=click.IntRange(1), default=100_000, show_default=True)
@click.option("--queries", type=click.IntRange(5), default=500, show_default=True)
@click.option("--clients", type=click.IntRange(1), default=8, show_default=True)
@with_output_options
def command(products: int, queries: int, clients: int, keep: bool, markdown: bool) -> None:
    """Fill an index with made-up products; search it for words, with four facets.

    First by one client inside this process, then by `clients` over HTTP, without a pause. tantivy
    (extra `peers`) gets the same products and questions, where it is installed.
    """
    with reporting("words-speed", markdown=markdown) as report, open_workspace(keep=keep) as space:
        report.sizes |= {"products": products, "queries": queries, "clients": clients}
        questions = list(make_questions(WARM_UP + queries, products))
        # With every feature, as a shop runs: words are looked for in its pictures, too.
        environment = Environment({**space.environment.values, "LOOKALIKE_FEATURES": ""})
        registry = features.load(environment)
        report.add("load.rate", fill_index(environment, registry, products), "products/s")
        engine = engine_process(environment.text("ELASTICSEARCH_URL"))
        services = build_services(AppSettings.from_env(environment), registry)
        try:
            own, its = ProcessorTime([psutil.Process()]), ProcessorTime([engine])
            report_answers(report, "search", questions, partial(find, services), GOALS)
            report.add("search.python_cpu", own.ms() / len(questions), "ms")
            report.add("search.engine_cpu", its.ms() / len(questions), "ms")
        finally:
            services.close()
        with run_server(environment, workers=os.cpu_count() or 1) as site:
            report_load(report, site, questions, clients, engine)
        if find_spec("tantivy") is None:
            log_progress("tantivy is not installed: pip install -e '.[peers]'")
            return
        report_tantivy(report, space.folder / "tantivy", questions, products)


def fill_index(environment: Environment, registry: Registry, products: int) -> float:
    """Write the products into a new index; return how many a second."""
    catalogue = open_catalogue(environment, registry)
    catalogue.begin_rebuild()
    began = time.perf_counter()

    def write(start: int, end: int) -> Mapping[str, str]:
        return catalogue.write([make_product(number) for number in range(start, end)])

    write_in_batches(write, products, AT_ONCE, WRITERS)
    catalogue.promote()
    catalogue.merge()
    return products / (time.perf_counter() - began)


def parameters_of(question: Question) -> SearchParameters:
    """Return the search that asks a question with facets."""
    return SearchParameters(
        q=question.words,
        filter=question.filters,
        price_max=question.price_max,
        facets=list(FACETS),
        size=SIZE,
    )


def find(services: Services, question: Question) -> list[str]:
    """Return the ids of the products that a search finds."""
    answer = services.searcher.search(SearchRequest(parameters_of(question)))
    return [hit.id for hit in answer.results.hits]


def report_answers(
    report: Report,
    name: str,
    questions: Sequence[Question],
    search: Callable[[Question], Sequence[str]],
    limits: Mapping[int, Limit],
) -> None:
    """Ask all questions, one after the other; report times, and how often the target came first.

    The first WARM_UP are not counted.
    """
    took, ranks = [], []
    for number, question in enumerate(questions):
        began = time.perf_counter()
        found = search(question)
        if number < WARM_UP:
            continue
        took.append(1000 * (time.perf_counter() - began))
        if question.target is not None:
            ranks.append(found.index(question.target) if question.target in found else SIZE)
    for percent in (50, 95, 99):
        report.add(f"{name}.p{percent}", percentile(took, percent), "ms", limits.get(percent))
    for depth in (1, 10):
        report.add(f"{name}.success_at_{depth}", mean([rank < depth for rank in ranks]), "share")


def report_tantivy(
    report: Report, folder: Path, questions: Sequence[Question], products: int
) -> None:
    """Fill tantivy with the same products, inside this process, and ask it the same."""
    # Imported where it is needed: it is no dependency of ours.
    index = import_module("bench.words.tantivy_index").TantivyIndex(folder)
    index.fill(make_product(number) for number in range(products))
    report_answers(report, "tantivy", questions, partial(index.search, size=SIZE), {})


def report_load(
    report: Report,
    site: RunningServer,
    questions: Sequence[Question],
    clients: int,
    engine: psutil.Process | None,
) -> None:
    """Ask all questions over HTTP, `clients` at a time, each as soon as the last is answered.

    `http.cpu` is the processor time of the web server and of Elasticsearch, a request.
    """
    paths = [f"/api/v1/search?{query_string(question)}" for question in questions]
    send_requests(site, paths[:WARM_UP] * clients, clients)
    taken = ProcessorTime([site.worker.parent(), engine])
    times = send_requests(site, paths[WARM_UP:], clients)
    report.add("http.cpu", taken.ms() / len(times.ms), "ms")
    report.add("http.rate", len(times.ms) / times.lasted_s, "requests/s", at_least(100))
    report.add("http.p50", percentile(times.ms, 50), "ms")
    report.add("http.p99", percentile(times.ms, 99), "ms", at_most(200))


def query_string(question: Question) -> str:
    """Return the query string that asks a question with facets."""
    fields = [
        (name, text)
        for name, value in parameters_of(question).model_dump(exclude_defaults=True).items()
        for text in form_texts(value)
    ]
    return urlencode(fields)
