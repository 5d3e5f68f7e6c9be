"""Swap the embedding model of an index under searches: count failures, time the switch.

A real gunicorn answers a steady rate of searches, by stored product and by uploaded picture, from
before the swap begins until it is undone. The next model is the default network again, as a custom
model file: it has another identity and field at the same cost, and responses name the model that
answered. The products' vectors are random around common centres. The backfill runs the real model
on real pixels: a few drawn pictures, read from memory.
"""

import json
import multiprocessing
import shutil
import threading
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial

import click
import numpy as np

from bench.data import drawn_pictures
from bench.instruments.steady_load import SendRequest, SteadyLoad, TimedResponse
from bench.instruments.web_server import RunningServer, UploadClient, run_server
from bench.options import with_output_options
from bench.report import Report, at_least, at_most, log_progress, reporting
from bench.statistics.metrics import percentile
from bench.workspace import Workspace, open_workspace
from core.environment import Environment
from core.progress import Work, show_progress
from core.retries import RetryPolicy
from features import registry
from features.base import Json, Picture
from features.embedding.model_choice import ModelChoice
from features.imaging.decode import decode
from indexer.backfill.page_filler import BackfillControl, lower_priority
from indexer.measure import measure_if_outgrown, measure_standby
from indexer.swap.backfill import Backfill
from indexer.swap.coordinator import SwapCoordinator, choose_feature
from mappings.catalogue import versions
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.model_swap import ModelSwap
from mappings.catalogue.products import PICTURES
from mappings.engine.connection import EngineSettings, connect
from mappings.engine.gateway import Gateway

CENTRES = 500
SPREAD = 0.6
WRITTEN_TOGETHER = 256
DRAWN = 200
"""Number of different pictures in the backfill; all cost the same."""

ASKED = 100
"""Number of different searches, sent in turn; every second one uploads a picture."""

HITS = 10
WARM_UP_S = 5.0
NOTICE_S = 30.0


@click.command("swap")
@click.option("--products", type=click.IntRange(100), default=100_000, show_default=True)
@click.option("--rate", type=click.FloatRange(0.1), default=20.0, show_default=True)
@click.option("--phase", type=click.FloatRange(1), default=30.0, show_default=True)
@click.option(
    "--per-second",
    type=click.FloatRange(0),
    default=0.0,
    help="Limit of pictures backfilled per second; 0 for none.",
)
@with_output_options
def command(
    products: int, rate: float, phase: float, per_second: float, keep: bool, markdown: bool
) -> None:
    """Backfill a second model, switch to it and back, under RATE searches a second.

    PHASE is the seconds measured before, between and after the changes.
    """
    with reporting("swap", markdown=markdown) as report, open_workspace(keep=keep) as space:
        report.sizes |= {"products": products, "searches_per_s": round(rate)}
        environment = _with_next_model(space)
        gateway = connect(EngineSettings.from_env(environment))
        catalogue = _fill_index(environment, gateway, products)
        before_bytes = gateway.index_bytes(catalogue.index_name())
        with run_server(environment) as site:
            asks = _asks(products)
            fixed = _answers(site, asks)
            steady = SteadyLoad(site, asks, rate)
            with steady.running():
                phases = _change(report, environment, phase, per_second, steady)
            time.sleep(1)
            report.sizes["searches"] = len(steady.responses)
            _tell(report, steady.responses, phases)
            same = [a == b for a, b in zip(fixed, _answers(site, asks), strict=True)]
            report.add("answers_as_before", sum(same) / len(same), "share", at_least(1))
        report.add("index.before", before_bytes / 1e6, "MB")
        report.add("index.with_both", gateway.index_bytes(catalogue.index_name()) / 1e6, "MB")


def _with_next_model(space: Workspace) -> Environment:
    present = ModelChoice.from_env(space.environment)
    registry.load(space.environment)  # converts the model where that has not been done
    path = space.folder / "again.tflite"
    shutil.copyfile(present.converted_path(), path)
    return Environment(
        {
            **space.environment.values,
            "LOOKALIKE_FEATURES": "embedding",
            "LOOKALIKE_NEXT_EMBEDDING_MODEL": str(path),
        }
    )


def _fill_index(environment: Environment, gateway: Gateway, products: int) -> Catalogue:
    settings, features = EngineSettings.from_env(environment), registry.load(environment)
    catalogue = Catalogue(gateway, features, settings.index, settings.shards)
    catalogue.prepare()
    log_progress(f"writing {products} products")
    for start in range(0, products, WRITTEN_TOGETHER):
        numbers = range(start, min(products, start + WRITTEN_TOGETHER))
        catalogue.write(list(_documents(numbers, features["embedding"].mapping()["dims"])))
    catalogue.refresh()
    measure_if_outgrown(catalogue, features)  # as a load does at its end
    return catalogue


def _documents(numbers: Iterable[int], dims: int) -> Iterator[Json]:
    for number in numbers:
        near = np.random.default_rng(number % CENTRES).normal(size=dims)
        vector = near + SPREAD * np.random.default_rng(CENTRES + number).normal(size=dims)
        picture = {
            "image_id": f"{number:064x}",
            "source": "catalogue",
            "embedding": (vector / np.linalg.norm(vector)).tolist(),
        }
        yield {"id": f"p{number}", "title": f"product {number}", PICTURES: [picture]}


def _asks(products: int) -> list[SendRequest]:
    pictures = drawn_pictures.make_uploads(ASKED // 2, products, [])
    asks: list[SendRequest] = []
    for number, picture in enumerate(pictures):
        key = number * products // len(pictures)
        path = f"/api/v1/products/p{key}/similar?size={HITS}"
        asks += [partial(_similar, path), partial(_upload, picture)]
    return asks


def _similar(path: str, client: UploadClient) -> bytes:
    return client.get(path)


def _upload(picture: bytes, client: UploadClient) -> bytes:
    return client.search(picture)


def _answers(site: RunningServer, asks: Sequence[SendRequest]) -> list[list[tuple[str, float]]]:
    client = UploadClient(site)
    answers = [json.loads(ask(client))["hits"] for ask in asks]
    client.close()
    return [[(hit["id"], hit["score"]) for hit in hits[:HITS]] for hits in answers]


Phases = Mapping[str, tuple[float, float]]
"""Phase → its start and end (monotonic clock)."""


def _change(
    report: Report, environment: Environment, phase_s: float, per_second: float, steady: SteadyLoad
) -> Phases:
    settings = EngineSettings.from_env(environment)
    change = SwapCoordinator([ModelSwap(connect(settings), settings.index)])
    phases: dict[str, tuple[float, float]] = {}

    def pass_by(name: str, seconds: float) -> None:
        began = time.monotonic()
        time.sleep(seconds)
        phases[name] = began, time.monotonic()

    time.sleep(WARM_UP_S)
    pass_by("before", phase_s)
    began = time.monotonic()
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as processes:
        filled, ended = processes.submit(_fill, environment, per_second).result()
    phases |= {"filling": (began, ended), "measuring": (ended, time.monotonic())}
    report.add("fill.rate", filled / (ended - began), "pictures/s")
    report.add("measuring.took", time.monotonic() - ended, "s")
    pass_by("filled", phase_s)

    for name, make in (("switch", change.switch), ("undo", change.undo)):
        made = time.monotonic()
        version = make()
        report.add(f"{name}.took", 1000 * (time.monotonic() - made), "ms")
        noticed = _noticed(steady, version.name, made)
        report.add(f"{name}.noticed", noticed - made, "s", at_most(5))
        pass_by(f"after_{name}", phase_s)
    return phases


def _noticed(steady: SteadyLoad, model: str, since: float) -> float:
    """Return the time of the first response by `model`, or now after NOTICE_S."""
    while time.monotonic() < since + NOTICE_S:
        for response in reversed(steady.responses):
            if response.model == model and response.due >= since:
                return response.due + response.ms / 1000
        time.sleep(0.02)
    return time.monotonic()


def _fill(environment: Environment, per_second: float) -> tuple[int, float]:
    """Backfill the next model and measure it, in a separate process.

    Returns the number of pictures backfilled, and the time (monotonic) when that ended.
    """
    lower_priority()
    features = registry.load(environment)
    coming = registry.load_next(environment, features)
    feature = choose_feature(coming)
    settings = EngineSettings.from_env(environment)
    index = ModelSwap(connect(settings), settings.index)
    version = SwapCoordinator([index]).begin(feature, features, coming)
    stop = threading.Event()
    read = partial(_read, [decode(drawn_pictures.draw_picture(number)) for number in range(DRAWN)])
    with show_progress(Work("filling in", "pictures")) as progress:
        progress.set_total(index.count_lacking(version))
        pace = BackfillControl(RetryPolicy(60, stop, progress.say), progress, stop, per_second)
        filled = Backfill(index, version, feature, read, pace).run().pictures
    ended = time.monotonic()
    measure_standby(settings, features, coming, versions.with_field(feature, version.field))
    return filled, ended


def _read(
    pictures: Sequence[Picture], documents: Iterable[Mapping[str, Json]]
) -> Mapping[str, Picture]:
    return {
        document["image_id"]: pictures[int(document["image_id"], 16) % len(pictures)]
        for document in documents
    }


def _tell(report: Report, responses: Sequence[TimedResponse], phases: Phases) -> None:
    failed = [failure for failure in responses if failure.problem]
    for failure in failed[:5]:
        log_progress(f"failed: {failure.problem[:300]}")
    report.add("failed", len(failed), "searches", at_most(0))
    for name, (began, ended) in phases.items():
        took = [
            failure.ms
            for failure in responses
            if began <= failure.due < ended and not failure.problem
        ]
        for percent in (50, 95) if took else ():
            report.add(f"search.{name}_p{percent}", percentile(took, percent), "ms")
