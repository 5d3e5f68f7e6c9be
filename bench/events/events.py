"""Measure how shoppers' events are taken in, and what restarts of Elasticsearch leave of them.

A node of the bench's own, and a gunicorn of two workers in front of it: what is recorded goes into
no other server's streams. Everything shares this machine's cores, the sender too.
"""

import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import click

from app.events.spool import waiting_bytes
from app.events.ubi_delivery import FOLDER
from bench.data import drawn_pictures
from bench.events.event_client import EventClient
from bench.events.page_clicks import report_joined
from bench.events.stored_events import stored_documents
from bench.instruments.web_server import free_port, run_server
from bench.options import with_output_options
from bench.report import Report, at_least, at_most, log_progress, reporting
from bench.statistics.metrics import percentile
from bench.workspace import Workspace, open_workspace
from core.environment import Environment
from core.errors import EngineUnavailable
from ops.node import Node

PRODUCTS = 100
RATE, P99_MS = 1_000.0, 50.0
CLIENTS = 8
RESTART_RATE = 200.0
RESTART_S = 45
"""Seconds that a restart takes at most, on two busy cores: events come in for that long."""

BEFORE_S = 2.0
PATIENCE_S = 300.0


@click.command("events")
@click.option("--seconds", type=click.IntRange(1), default=30, show_default=True)
@click.option("--restarts", type=click.IntRange(0), default=50, show_default=True)
@click.option("--clicks", type=click.IntRange(0), default=200, show_default=True)
@with_output_options
def command(seconds: int, restarts: int, clicks: int, keep: bool, markdown: bool) -> None:
    """Send 1,000 events a second for SECONDS, then as many as are taken, then with RESTARTS.

    Between them, open CLICKS products in Chromium.
    """
    with (
        reporting("events", markdown=markdown) as report,
        own_node() as (node, settings),
        open_workspace(keep=keep, **{**settings, "LOOKALIKE_SHOP_EVENTS": "yes"}) as space,
    ):
        report.sizes |= {"products": PRODUCTS, "seconds": seconds, "restarts": restarts}
        space.load(drawn_pictures.write_feed(space.folder, PRODUCTS, []))
        with space.services() as services:
            ids = [product["id"] for product in services.overview.current().products]
        with (
            run_server(space.environment, workers=2) as site,
            closing(EventClient(site, ids, "steady")) as steady,
            closing(EventClient(site, ids, "fast")) as fast,
            closing(EventClient(site, ids, "restarts")) as patient,
        ):
            steady.send_steadily(round(RATE * seconds), RATE)
            report.add("events.p50", percentile(steady.sent.ms, 50), "ms")
            report.add("events.p99", percentile(steady.sent.ms, 99), "ms", at_most(P99_MS))
            report.add("events.refused", steady.sent.refused, "events", at_most(0))
            rate = fast.send_at_once(round(RATE * seconds), CLIENTS)
            report.add("events.accepted_per_s", rate, "events/s", at_least(RATE))
            report_stored(report, space, steady.sent.keys | fast.sent.keys, "events")
            if clicks:
                report_joined(report, space, site, clicks)
            if restarts:
                keys = send_while_restarting(patient, node, restarts)
                report.sizes["events_of_restarts"] = len(keys)
                report_stored(report, space, keys, "events.restarts")


@contextmanager
def own_node() -> Iterator[tuple[Node, dict[str, Any]]]:
    """Run a node while the block runs; yield it, and the settings with which it is reached."""
    with tempfile.TemporaryDirectory(
        prefix="lookalike-events-", ignore_cleanup_errors=True
    ) as name:
        folder = Path(name)
        folder.chmod(0o711)  # the node's account passes through
        own = {
            "LOOKALIKE_STATE_DIR": str(folder / "engine"),
            "LOOKALIKE_NODE_HEAP_MB": "512",
            "LOOKALIKE_NODE_PORT": str(free_port()),
        }
        node = Node(Environment({**Environment.current().values, **own}))
        try:
            server = node.start(log_progress)
            yield (
                node,
                {
                    "ELASTICSEARCH_URL": server.url,
                    "ELASTICSEARCH_USER": server.user,
                    "ELASTICSEARCH_PASSWORD": server.password,
                },
            )
        finally:
            node.stop(log_progress)


def send_while_restarting(client: EventClient, node: Node, restarts: int) -> set[str]:
    """Restart the node again and again while events come in; return the keys of those accepted."""
    number = round(RESTART_RATE * RESTART_S)
    for turn in range(restarts):
        log_progress(f"restart {turn + 1} of {restarts}")
        ended = Event()
        options = {"first": turn * number, "until": ended}
        sender = Thread(target=client.send_steadily, args=(number, RESTART_RATE), kwargs=options)
        sender.start()
        time.sleep(BEFORE_S)
        try:
            node.stop(lambda line: None)
            node.start(lambda line: None)
        finally:
            ended.set()
            sender.join()
    return client.sent.keys


def report_stored(report: Report, space: Workspace, keys: set[str], name: str) -> None:
    """Wait until nothing is left to deliver, and report which events are not there just once."""
    until = time.monotonic() + PATIENCE_S
    began = time.monotonic()
    while waiting_bytes(space.folder / FOLDER):
        if time.monotonic() > until:
            raise EngineUnavailable(f"events still wait after {PATIENCE_S:.0f} s")
        time.sleep(0.1)
    report.add(f"{name}.delivered_after", time.monotonic() - began, "s")
    documents = stored_documents(space, {"match_all": {}}, ("event.id",))
    stored = [str(document["event"]["id"]) for document in documents]
    found = [key for key in stored if key in keys]
    report.add(f"{name}.lost", len(keys - set(stored)), "events", at_most(0))
    report.add(f"{name}.doubled", len(found) - len(set(found)), "events", at_most(0))
