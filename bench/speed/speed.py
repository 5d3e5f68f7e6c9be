"""Measure time and memory of loading a feed, serving it, and searching it by picture."""

import json
import multiprocessing
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path

import click

from app.search.search_request import SearchRequest
from app.services import Services
from bench.data import drawn_pictures
from bench.instruments.memory import MemoryWatch, resident_memory
from bench.instruments.web_server import RunningServer, UploadClient, run_server
from bench.options import FOLDER, with_output_options
from bench.report import Limit, Report, at_least, at_most, log_progress, reporting
from bench.statistics.metrics import mean, percentile
from bench.workspace import Workspace, load_feed, open_workspace
from core.environment import Environment
from features import registry
from indexer.feeds import folder
from indexer.loading.report import LoadReport
from mappings.catalogue import scan

WARM_UP = 20
"""Untimed searches first: they read the index from disk and start decoders."""

CORES = 2
EMBEDDING = "embedding"
TENSORFLOW = "tensorflow"


@click.command("speed")
@click.option("--products", type=click.IntRange(1), default=10_000, show_default=True)
@click.option("--queries", type=click.IntRange(1), default=300, show_default=True)
@click.option(
    "--pictures-from", type=FOLDER, help="Cut pictures from this folder instead of drawing them."
)
@with_output_options
def command(
    products: int, queries: int, pictures_from: Path | None, keep: bool, markdown: bool
) -> None:
    """Load products, serve them with gunicorn, and search and check with 400-px uploads."""
    with reporting("speed", markdown=markdown) as report, open_workspace(keep=keep) as space:
        pictures = list(folder.picture_files(pictures_from)) if pictures_from else []
        log_progress(f"making {products} pictures")
        feed = drawn_pictures.write_feed(space.folder, products, pictures)
        count = queries + WARM_UP
        # Features of a picture that is sent again are found: each is searched with once.
        made = drawn_pictures.make_uploads(2 * count, products, pictures)
        uploads, others = made[:count], made[count:]
        report.sizes |= {"products": products, "real_pictures": len(pictures), "queries": queries}
        report_load(report, space, feed)
        with run_server(space.environment) as site:
            report_searches(report, site, uploads)
            report_checks(report, site, uploads, space)
        with space.services() as services:
            report_stages(report, services, others)


def report_load(report: Report, space: Workspace, feed: Path) -> None:
    """Load the feed in its own process, like `python -m indexer load`; report rate and memory."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, context) as processes:
        pid = processes.submit(_pid).result()
        with MemoryWatch(pid) as watch:
            loaded = processes.submit(_load, space.environment, feed).result()
    report.sizes |= {"pictures": loaded.pictures, "rejected": loaded.rejected}
    report.add("index.rate", loaded.pictures_per_second, "pictures/s", at_least(90))
    for stage, seconds in sorted(loaded.stages.items(), key=lambda pair: -pair[1]):
        report.add(f"index.{stage}", 1000 * seconds / loaded.pictures, "ms/picture")
    tree = max(sample.tree_mb for sample in watch.samples)
    report.add("index.peak_rss_with_children", tree, "MB", at_most(1500))
    report.add("index.peak_rss", max(sample.own_mb for sample in watch.samples), "MB")
    report.add("index.rss_growth", watch.growth_mb(), "MB")


def _pid() -> int:
    return multiprocessing.current_process().pid or 0


def _load(environment: Environment, feed: Path) -> LoadReport:
    return load_feed(environment, registry.load(environment), feed)


def report_searches(report: Report, site: RunningServer, uploads: Sequence[bytes]) -> None:
    """Search over HTTP, one upload at a time; report times and the worker's memory."""
    report.add("app.ready", site.ready_s, "s", at_most(10))
    client = UploadClient(site)
    took, inside = [], []
    for upload in uploads:
        began = time.perf_counter()
        answer = client.search(upload)
        took.append(1000 * (time.perf_counter() - began))
        inside.append(json.loads(answer)["took_ms"])
    client.close()
    limits = {50: at_most(28), 95: at_most(42)}
    report_times(report, "search", took[WARM_UP:], limits)
    http = [a - b for a, b in zip(took[WARM_UP:], inside[WARM_UP:], strict=True)]
    report.add("search.http_p50", percentile(http, 50), "ms")
    memory = resident_memory(site.worker)
    report.add("app.worker_rss", memory.own_mb, "MB", at_most(500))
    report.add("app.worker_rss_with_decoders", memory.tree_mb, "MB")
    loaded = [m.path for m in site.worker.memory_maps() if TENSORFLOW in m.path]
    report.add("app.tensorflow_libraries", len(loaded), "files", at_most(0))


def report_checks(
    report: Report, site: RunningServer, uploads: Sequence[bytes], space: Workspace
) -> None:
    """Check the uploads for duplicates over HTTP, one at a time; report times.

    First some right after the load, when the keypoints of most candidates must still be extracted;
    then all, after extracting them for every picture, as the follower of `make run` or a sweep
    does.
    """
    report_times(report, "check_after_load", time_checks(site, uploads[: 2 * WARM_UP]), {})
    ms_each = extract_keypoints(space)
    report.add("keypoints", ms_each, "ms/picture")
    report_times(report, "check", time_checks(site, uploads), {50: at_most(150), 95: at_most(300)})


def time_checks(site: RunningServer, uploads: Sequence[bytes]) -> list[float]:
    """Return the time of each check after the first WARM_UP, in ms."""
    client = UploadClient(site)
    took = []
    for upload in uploads:
        began = time.perf_counter()
        client.check(upload)
        took.append(1000 * (time.perf_counter() - began))
    client.close()
    return took[WARM_UP:]


def extract_keypoints(space: Workspace) -> float:
    """Extract and store the keypoints of every picture; return the ms per picture."""
    with space.services() as services, ThreadPoolExecutor(CORES) as threads:
        log_progress("extracting keypoints, as a sweep does")
        ids = [
            picture["image_id"]
            for page in scan.scan_pictures(services.catalogue)
            for _, picture in page.pictures
        ]
        began = time.perf_counter()
        for _ in threads.map(services.shared.keypoints.view, ids):
            pass
        return 1000 * (time.perf_counter() - began) / max(1, len(ids))


def report_stages(report: Report, services: Services, uploads: Sequence[bytes]) -> None:
    """Report the time of each stage, by running the same searches inside this process."""
    for upload in uploads[:WARM_UP]:
        services.searcher.search(SearchRequest(images=(upload,)))
    answers = [services.searcher.search(SearchRequest(images=(u,))) for u in uploads[WARM_UP:]]
    names = sorted({name for answer in answers for name in answer.features})
    for stage in ("decode", "features", "engine"):
        report.add(
            f"stage.{stage}_p50", percentile([a.stages_ms[stage] for a in answers], 50), "ms"
        )
    other_ms = [answer.took_ms - sum(answer.stages_ms.values()) for answer in answers]
    report.add("stage.rest_p50", percentile(other_ms, 50), "ms")
    extracted = [services.extractor.extract(upload, None, names) for upload in uploads[WARM_UP:]]
    for name in names:
        feature_ms = [one.ms_by_feature[name] for one in extracted]
        limit = at_most(8) if name == EMBEDDING else None
        report.add(f"feature.{name}_p50", percentile(feature_ms, 50), "ms", limit)
        report.add(f"feature.{name}_p95", percentile(feature_ms, 95), "ms")


def report_times(
    report: Report, name: str, took_ms: Sequence[float], limits: dict[int, Limit]
) -> None:
    """Report percentiles and the mean of some times."""
    for percent in (50, 95, 99):
        report.add(f"{name}.p{percent}", percentile(took_ms, percent), "ms", limits.get(percent))
    report.add(f"{name}.mean", mean(took_ms), "ms")
