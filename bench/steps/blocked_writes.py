"""F6: a disk-full block, 429, 503 and broken connections while a sync writes: it loses nothing."""

import threading
import time
from collections.abc import Callable

import psutil

from bench.instruments.processor_time import ProcessorTime
from bench.report import Report, at_most, log_progress
from bench.steps.fault_proxy import fault_proxy
from bench.steps.shop_table import ShopTable, SyncRuns
from bench.workspace import Workspace, open_catalogue
from core.environment import Environment
from ops.server import Server

FAULTY_SHARE = 0.2
"""Share of requests that meet a fault."""

BUSY_SHARE = 0.1
"""Most of a core that a blocked sync may take: it waits, and does not loop."""


def measure_block(report: Report, space: Workspace, products: int, blocked_s: float) -> None:
    """Block writes as a full disk does for some seconds in the middle of a sync."""
    table = ShopTable(space.folder / "blocked.db")
    table.fill(products, 10)
    catalogue = open_catalogue(space.environment, space.registry)
    said: list[str] = []
    with SyncRuns(space, table.address, said.append) as runs:
        runs.run()
        table.change("UPDATE products SET price = price + 1, updated_at = updated_at + 1")
        _set_block(space.environment, catalogue.index_name(), True)
        outcome: list[Exception] = []
        thread = threading.Thread(target=_caught, args=(runs.run, outcome))
        thread.start()
        while not said:
            time.sleep(0.05)
        spent = ProcessorTime([psutil.Process()])
        time.sleep(blocked_s)
        busy = spent.ms() / 1000 / blocked_s
        _set_block(space.environment, catalogue.index_name(), False)
        thread.join()
    for line in said:
        log_progress(f"said: {line}")
    catalogue.refresh()
    report.sizes |= {"products": products, "blocked_s": round(blocked_s)}
    report.add("F6.block.lines", len(said), "lines", at_most(2))
    report.add("F6.block.busy", busy, "share", at_most(BUSY_SHARE))
    report.add("F6.block.failed", len(outcome), "runs", at_most(0))
    report.add("F6.block.lost", _unchanged(space, products), "products", at_most(0))


def measure_faulty_answers(report: Report, space: Workspace, products: int) -> None:
    """Sync through a proxy that gives a share of all requests a fault."""
    table = ShopTable(space.folder / "faulty.db")
    table.fill(products, 10)
    server = Server.from_env(space.environment)
    assert server is not None, "a workspace names its server"
    with fault_proxy(server.url, FAULTY_SHARE) as proxy:
        values = {**space.environment.values, "ELASTICSEARCH_URL": proxy.url}
        behind = Workspace(Environment(values), space.registry)
        with SyncRuns(behind, table.address) as runs:
            runs.run()
            table.change("UPDATE products SET price = price + 1, updated_at = updated_at + 1")
            runs.run()
    report.sizes |= {"requests": proxy.requests, **proxy.faults}
    report.add("F6.faults", sum(proxy.faults.values()), "faults")
    report.add("F6.faults.lost", _unchanged(space, products), "products", at_most(0))


def _unchanged(space: Workspace, products: int) -> int:
    """Return how many products the index lacks, or holds without their second price."""
    catalogue = open_catalogue(space.environment, space.registry)
    catalogue.refresh()
    # `ShopTable.fill` gives prices from 10 to 99: all of them went up by one.
    body = {"size": 10_000, "_source": ["id", "price"], "track_total_hits": True}
    hits = catalogue.search(body)["hits"]["hits"]
    right = sum(
        hit["_source"]["price"] == 11 + int(hit["_id"].removeprefix("p")) % 90 for hit in hits
    )
    return int(products - right)


def _caught(run: Callable[[], object], outcome: list[Exception]) -> None:
    try:
        run()
    # Whatever it is, the figure is that the run did not end well.
    except Exception as error:
        log_progress(f"failed: {error}")
        outcome.append(error)


def _set_block(environment: Environment, index: str, is_blocked: bool) -> None:
    server = Server.from_env(environment)
    assert server is not None, "a workspace names its server"
    value = True if is_blocked else None
    body = {"index.blocks.read_only_allow_delete": value}
    answer = server.request("PUT", f"/{index}/_settings", body)
    assert answer.status == 200, answer.reason
