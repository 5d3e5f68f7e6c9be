"""Measure how long real-time calls of the feature service take while its batch lane is full.

The service runs as `python -m features.serve`. A client embeds a picture RATE times a second, first
alone, then while another process keeps the batch lane full. Times run from when a call was due,
with the picture's transfer.
"""

import itertools
import multiprocessing
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Event
from secrets import token_hex

import click
import urllib3

from bench.data.drawn_pictures import draw_picture
from bench.instruments.web_server import LOOPBACK, free_port
from bench.report import at_least, at_most, log_progress, reporting
from bench.statistics.metrics import percentile
from core.environment import Environment
from core.errors import Busy, FeatureServiceUnavailable
from features import registry
from features.base import Feature, Picture
from features.imaging.decode import FEED_LIMITS, decode
from features.remote.messages import Lane

FEATURE = "embedding"
PICTURES = 32
"""Different pictures of real-time calls, and pictures in a batch call."""

BATCH_CLIENTS = 12
"""More than the lane has places for, so that some are always refused and come again."""

PATIENCE_S = 120.0


@click.command("feature-service")
@click.option("--seconds", type=click.FloatRange(1), default=60.0, show_default=True)
@click.option("--rate", type=click.FloatRange(0.1), default=4.0, show_default=True)
@click.option("--markdown", is_flag=True, help="Print a Markdown table instead of JSON.")
def command(seconds: float, rate: float, markdown: bool) -> None:
    """Call the service RATE times a second, alone and beside a full batch lane."""
    with reporting("feature-service", markdown=markdown) as report, run_service() as environment:
        report.sizes |= {"seconds": round(seconds), "calls_per_s": round(rate)}
        pictures = [decode(draw_picture(number), FEED_LIMITS) for number in range(PICTURES)]
        feature = registry.load(environment, Lane.REALTIME)[FEATURE]
        feature.extract(pictures[:2])
        log_progress("real-time calls alone")
        idle = call_steadily(feature, pictures, seconds, rate)
        context = multiprocessing.get_context("spawn")
        ready, ended = context.Event(), context.Event()
        counter = context.Value("q", 0)
        process = context.Process(
            target=keep_full, args=(dict(environment.values), ready, ended, counter), daemon=True
        )
        process.start()
        ready.wait(PATIENCE_S)
        log_progress("real-time calls beside a full batch lane")
        before, began = counter.value, time.monotonic()
        busy = call_steadily(feature, pictures, seconds, rate)
        batch = (counter.value - before) / (time.monotonic() - began)
        ended.set()
        process.join()
        for name, ms in (("idle", idle), ("saturated", busy)):
            for percent in (50, 95):
                report.add(f"realtime.{name}_p{percent}", percentile(ms, percent), "ms")
        ratio = percentile(busy, 95) / percentile(idle, 95)
        report.add("realtime.p95_to_idle", ratio, "times", at_most(3))
        report.add("batch.rate", batch, "pictures/s", at_least(1))


@contextmanager
def run_service() -> Iterator[Environment]:
    """Run the service while the block runs; yield the settings of its clients."""
    port, key = free_port(), token_hex(16)
    shared = {"LOOKALIKE_FEATURES": FEATURE, "LOOKALIKE_FEATURE_KEY": key}
    own = {**os.environ, **shared, "LOOKALIKE_FEATURE_PORT": str(port)}
    site = f"http://{LOOPBACK}:{port}"
    process = subprocess.Popen(
        [sys.executable, "-m", "features.serve"], env=own, stderr=subprocess.DEVNULL
    )
    try:
        wait_until_ready(site, process)
        yield Environment({**os.environ, **shared, "LOOKALIKE_FEATURE_URL": site})
    finally:
        process.terminate()
        process.wait()


def wait_until_ready(site: str, process: "subprocess.Popen[bytes]") -> None:
    """Wait for the service; raises FeatureServiceUnavailable."""
    until = time.monotonic() + PATIENCE_S
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib3.request("GET", f"{site}/health", retries=False, timeout=5.0)
        except urllib3.exceptions.HTTPError:
            time.sleep(0.1)
        else:
            return
    raise FeatureServiceUnavailable("the feature service did not get ready")


def call_steadily(
    feature: Feature, pictures: Sequence[Picture], seconds: float, rate: float
) -> list[float]:
    """Return the milliseconds of each call, from when it was due."""

    def call(picture: Picture, due: float) -> float:
        feature.extract([picture])
        return 1000 * (time.monotonic() - due)

    began = time.monotonic()
    with ThreadPoolExecutor(16) as threads:
        waiting = []
        for number in range(int(seconds * rate)):
            due = began + number / rate
            time.sleep(max(0.0, due - time.monotonic()))
            waiting.append(threads.submit(call, pictures[number % len(pictures)], due))
        return [one.result() for one in waiting]


def keep_full(
    values: dict[str, str], ready: Event, ended: Event, counter: "Synchronized[int]"
) -> None:
    """Keep the batch lane full until told to end; count the pictures in `counter`."""
    feature = registry.load(Environment(values), Lane.BATCH)[FEATURE]
    pictures = [decode(draw_picture(number), FEED_LIMITS) for number in range(PICTURES)]

    def call(_: int) -> None:
        while not ended.is_set():
            try:
                feature.extract(pictures)
            except Busy:  # it waited for a place for as long as a load does before it says so
                continue
            with counter.get_lock():
                counter.value += len(pictures)
            ready.set()

    with ThreadPoolExecutor(BATCH_CLIENTS) as threads:
        list(threads.map(call, itertools.repeat(0, BATCH_CLIENTS)))
