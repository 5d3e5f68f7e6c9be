"""F1 to F3: nodes of a cluster are killed and stopped while it is written to and searched."""

import random
import signal
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from bench.report import Report, at_least, at_most, log_progress
from bench.steps.local_cluster import LocalCluster
from core.environment import Environment
from core.errors import EngineUnavailable, LookalikeError
from features.base import Json
from mappings.engine.documents import VersionedWrite
from mappings.engine.gateway import Gateway
from ops.server import Server

INDEX = "lost-nodes"
WRITERS = 4
AT_ONCE = 50
PAGE = 5000
SEED = 18
SEARCHES_A_SECOND = 20
MAPPING: Json = {"properties": {"id": {"type": "keyword"}, "value": {"type": "integer"}}}
SETTINGS: Json = {"number_of_shards": 1, "number_of_replicas": 1}


def measure_lost_nodes(
    report: Report, documents: int, kills: int, stops: int, stop_s: float
) -> None:
    """Write, update and delete documents while nodes are killed, or stopped for some seconds."""
    environment = Environment.current()
    chance = random.Random(SEED)
    with (
        tempfile.TemporaryDirectory("-cluster", "lookalike-", ignore_cleanup_errors=True) as name,
        LocalCluster(Path(name), environment) as cluster,
    ):
        log_progress("three nodes are there")
        gateway = Gateway(cluster.nodes[0].server.url)
        gateway.create_index(INDEX, MAPPING, SETTINGS)
        gateway.close()
        cluster.wait_for("green", 3)
        ended = threading.Event()
        share = documents // WRITERS
        writers = [ClusterWriter(cluster, number, share, ended) for number in range(WRITERS)]
        searches = ClusterSearches(cluster)
        threads = [threading.Thread(target=writer.run) for writer in writers]
        for thread in (*threads, searches):
            thread.start()
        faults = ["kill"] * kills + ["stop"] * stops
        back: list[float] = []
        for number, fault in enumerate(faults):
            time.sleep(chance.uniform(2, 5))
            # Every fourth meets the master.
            node = cluster.master() if number % 4 == 0 else chance.choice(cluster.nodes)
            log_progress(f"{fault} {node.name}")
            began = time.monotonic()
            if fault == "kill":
                cluster.kill(node)
                back.append(searches.wait_for_answers(began))
                cluster.start(node)
            else:
                node.send(signal.SIGSTOP)
                back.append(searches.wait_for_answers(began))
                time.sleep(stop_s)
                node.send(signal.SIGCONT)
            cluster.wait_for("green", 3)
        ended.set()
        for thread in threads:
            thread.join()
        searches.end()
        cluster.wait_for("green", 3)
        report.sizes |= {"documents": documents, "kills": kills, "stops": stops}
        _compare(report, cluster, writers)
    report.sizes["searches"] = searches.count
    report.add("F3.answered", searches.answered / searches.count, "share", at_least(0.99))
    report.add("F3.partial", searches.partial, "searches", at_most(0))
    report.add("F3.back", max(back, default=0), "s", at_most(15))


def _compare(report: Report, cluster: LocalCluster, writers: "list[ClusterWriter]") -> None:
    """Compare every copy of the index with what was acknowledged."""
    expected = {key: value for writer in writers for key, value in writer.stored.items()}
    acknowledged = sum(writer.acknowledged for writer in writers)
    report.sizes["acknowledged"] = acknowledged
    cluster.request("POST", f"/{INDEX}/_refresh")
    lost = ghosts = copies = 0
    for node in cluster.nodes:
        held_values = _copy(node.server)
        if held_values is None:
            continue
        copies += 1
        lost += sum(held_values.get(key) != value for key, value in expected.items())
        ghosts += len(held_values.keys() - expected.keys())
    report.add("F1.copies", copies, "copies", at_least(2))
    report.add("F1.lost", lost, "documents", at_most(0))
    report.add("F2.ghosts", ghosts, "documents", at_most(0))


def _copy(server: Server) -> dict[str, int] | None:
    """Return id → value of the copy that a node has itself; None where it has none."""
    values: dict[str, int] = {}
    body: Json = {"size": PAGE, "sort": [{"id": "asc"}], "_source": ["id", "value"]}
    while True:
        answer = server.request("POST", f"/{INDEX}/_search?preference=_only_local", body)
        if answer.status != 200:
            return None
        hits = answer.body["hits"]["hits"]
        values |= {hit["_source"]["id"]: hit["_source"]["value"] for hit in hits}
        if len(hits) < PAGE:
            return values
        body["search_after"] = hits[-1]["sort"]


@dataclass
class ClusterWriter:
    """Writes, updates and deletes documents of its own; `stored` is what was acknowledged last."""

    cluster: LocalCluster
    number: int
    documents: int
    ended: threading.Event
    stored: dict[str, int] = field(default_factory=dict)
    acknowledged: int = 0

    def run(self) -> None:
        """Write until all documents were written and no more faults come."""
        chance = random.Random(self.number)
        version = 0
        while version * AT_ONCE < self.documents or not self.ended.is_set():
            version += 1
            writes = []
            for _ in range(AT_ONCE):
                key = f"w{self.number}-{chance.randrange(max(AT_ONCE, self.documents))}"
                value = None if chance.random() < 0.2 else {"id": key, "value": version}
                writes.append(VersionedWrite(key, value, version))
            unique = list({write.id: write for write in writes}.values())
            self._send(unique)
            for write in unique:
                if write.source is None:
                    self.stored.pop(write.id, None)
                else:
                    self.stored[write.id] = version
            self.acknowledged += len(unique)

    def _send(self, writes: list[VersionedWrite]) -> None:
        """Send until it is acknowledged, to whichever node takes it; repeating is harmless."""
        attempt = self.number
        while True:
            node = self.cluster.nodes[attempt % len(self.cluster.nodes)]
            gateway = Gateway(node.server.url, timeout_s=5)
            try:
                gateway.documents(INDEX).write_many(writes)
            except LookalikeError:
                attempt += 1
                time.sleep(0.2)
            else:
                return
            finally:
                gateway.close()


class ClusterSearches(threading.Thread):
    """Searches so many times a second, at whichever node answers."""

    def __init__(self, cluster: LocalCluster) -> None:
        super().__init__()
        self.count = self.answered = self.partial = 0
        self._cluster = cluster
        self._ended = threading.Event()
        self._last = 0.0

    def run(self) -> None:
        """Search until the end."""
        while not self._ended.wait(1 / SEARCHES_A_SECOND):
            self.count += 1
            try:
                path = f"/{INDEX}/_search?size=1&allow_partial_search_results=false"
                answer = self._cluster.request("GET", path)
            except EngineUnavailable:
                continue
            self.answered += 1
            self.partial += answer["_shards"]["failed"] > 0
            self._last = time.monotonic()

    def wait_for_answers(self, since: float) -> float:
        """Wait until a search that ended a second after a moment was answered; return when."""
        while self._last < since + 1 and time.monotonic() - since < 120:
            time.sleep(0.1)
        return self._last - since

    def end(self) -> None:
        """Stop searching."""
        self._ended.set()
        self.join()
