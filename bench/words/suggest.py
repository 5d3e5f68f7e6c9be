"""Measure how fast suggestions come while somebody types."""

import json
import random
import time
from collections.abc import Sequence
from urllib.parse import quote

import click
import psutil

from bench.instruments.processor_time import ProcessorTime, engine_process
from bench.instruments.web_server import RunningServer, UploadClient, run_server
from bench.options import with_output_options
from bench.report import Report, at_least, at_most, reporting
from bench.statistics.metrics import mean, percentile
from bench.words.made_products import make_product
from bench.words.words_speed import fill_index
from bench.workspace import open_workspace
from core.environment import Environment
from features import registry
from mappings.words.completion import SHORTEST_NEAR

WARM_UP = 50
SLIP = 5
"""One text in so many has a slip in it."""


@click.command("suggest")
@click.option("--products", type=click.IntRange(1), default=20_000, show_default=True)
@click.option("--texts", type=click.IntRange(1), default=500, show_default=True)
@with_output_options
def command(products: int, texts: int, keep: bool, markdown: bool) -> None:
    """Fill an index with made-up products; ask for suggestions for what people may have typed."""
    with reporting("suggest", markdown=markdown) as report, open_workspace(keep=keep) as space:
        report.sizes |= {"products": products, "texts": texts}
        # With every feature, as a shop runs: the products made up have text in their pictures.
        environment = Environment({**space.environment.values, "LOOKALIKE_FEATURES": ""})
        fill_index(environment, registry.load(environment), products)
        with run_server(environment) as site:
            engine = engine_process(environment.text("ELASTICSEARCH_URL"))
            report_suggestions(report, site, make_texts(WARM_UP + texts, products), engine)


def make_texts(count: int, products: int, seed: int = 16) -> list[tuple[str, bool]]:
    """Return what people may have typed of titles and brands, and whether it has a slip.

    A text is the beginning of one word of a product's title, of its brand, or of two words of the
    title of which the first is whole. A slip leaves out the second letter of a whole word.
    """
    chance = random.Random(seed)
    made = []
    for number in range(count):
        product = make_product(chance.randrange(products))
        words = product["title"].lower().split()
        at = chance.randrange(len(words))
        word = product["brand"].lower() if number % 7 == 0 else words[at]
        begun = word[: chance.randint(1, len(word))]
        has_slip = number % SLIP == 0 and len(word) > SHORTEST_NEAR
        if has_slip:
            begun = word[0] + word[2:]
        is_second = number % 3 == 0 and at > 0 and word is words[at]
        made.append((f"{words[at - 1]} {begun}" if is_second else begun, has_slip))
    return made


def report_suggestions(
    report: Report,
    site: RunningServer,
    texts: Sequence[tuple[str, bool]],
    engine: psutil.Process | None,
) -> None:
    """Ask for each text over HTTP, one after the other; report times, and how many got an answer.

    The first WARM_UP are not counted. `suggest.cpu` is the processor time of the web server and of
    Elasticsearch, a request.
    """
    client = UploadClient(site)
    took: dict[bool, list[float]] = {False: [], True: []}
    answered: dict[bool, list[bool]] = {False: [], True: []}
    taken = ProcessorTime([site.worker.parent(), engine])
    for number, (text, has_slip) in enumerate(texts):
        if number == WARM_UP:
            taken = ProcessorTime([site.worker.parent(), engine])
        began = time.perf_counter()
        answer = client.get(f"/api/v1/suggest?q={quote(text)}")
        if number >= WARM_UP:
            took[has_slip].append(1000 * (time.perf_counter() - began))
            answered[has_slip].append(bool(json.loads(answer)["suggestions"]))
    report.add("suggest.cpu", taken.ms() / (len(texts) - WARM_UP), "ms")
    client.close()
    everything = [*took[False], *took[True]]
    for percent, limit in ((50, None), (95, at_most(30)), (99, None)):
        report.add(f"suggest.p{percent}", percentile(everything, percent), "ms", limit)
    report.add("suggest.begun_p95", percentile(took[False], 95), "ms")
    report.add("suggest.slip_p95", percentile(took[True], 95), "ms")
    report.add("suggest.begun_answered", mean(answered[False]), "share", at_least(1))
    report.add("suggest.slip_answered", mean(answered[True]), "share")
