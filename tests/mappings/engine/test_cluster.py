"""Three real nodes, of which one is stopped and comes back: searches and loads go on."""

import json
import secrets
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench.data.drawn_pictures import draw_picture, write_feed
from bench.instruments.web_server import RunningServer, UploadClient, run_server
from bench.steps.local_cluster import ClusterNode, LocalCluster
from core.environment import Environment
from tests.conftest import node_environment

HEAP_MB = 256
"""A node with less spends its time collecting garbage."""

FEATURES = "checksum,colour,embedding,pdq,phash"
FIRST, MORE = 24, 48


@dataclass(frozen=True)
class ClusterShop:
    """A shop on a cluster: the nodes, its settings, and the web server."""

    cluster: LocalCluster
    environment: Environment
    site: RunningServer
    folder: Path

    def load(self, products: int) -> "subprocess.Popen[str]":
        """Begin to load the feed with so many products."""
        folder = self.folder / str(products)
        folder.mkdir()
        return subprocess.Popen(
            [
                sys.executable, "-m", "indexer", "load", str(write_feed(folder, products, [])),
                "--rejects", str(folder / "rejects.jsonl"), "--batch", "4",
            ],
            env=dict(self.environment.values), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip

    def search(self, number: int) -> list[str]:
        """Return the ids that a product's picture finds."""
        client = UploadClient(self.site)
        try:
            return [hit["id"] for hit in json.loads(client.search(draw_picture(number)))["hits"]]
        finally:
            client.close()

    def check(self, number: int) -> list[str]:
        """Return the ids whose pictures a duplicate check finds."""
        client = UploadClient(self.site)
        try:
            answer = json.loads(client.check(draw_picture(number)))
            return [match["id"] for match in answer["matches"]]
        finally:
            client.close()

    def shards(self) -> list[dict[str, Any]]:
        """Return the shards of the products' index as the cluster lists them."""
        path = f"/_cat/shards/{self.environment.text('LOOKALIKE_INDEX')}*?format=json"
        return list(self.cluster.request("GET", path))

    def node_with_primary(self) -> ClusterNode:
        """Return the node that writes go to first."""
        (name,) = {shard["node"] for shard in self.shards() if shard["prirep"] == "p"}
        (node,) = [node for node in self.cluster.nodes if node.name == name]
        return node


@pytest.fixture(scope="module")
def shop() -> Iterator[ClusterShop]:
    index = f"test-{secrets.token_hex(6)}"
    with (
        tempfile.TemporaryDirectory(
            prefix="lookalike-cluster-", ignore_cleanup_errors=True
        ) as name,
        LocalCluster(Path(name), node_environment(Path(name) / "state"), HEAP_MB) as cluster,
    ):
        environment = Environment(
            {
                **node_environment(Path(name) / "state").values,
                "ELASTICSEARCH_URL": cluster.addresses,
                "LOOKALIKE_INDEX": index,
                "LOOKALIKE_DESK_INDEX": index,
                "LOOKALIKE_FEATURES": FEATURES,
                "LOOKALIKE_LOG_SEARCHES": "no",
            }
        )
        feed = Path(name) / "feed"
        feed.mkdir()
        first = ClusterShop(cluster, environment, RunningServer(0, None, 0.0), feed)  # type: ignore[arg-type]
        assert_loaded(first.load(FIRST), FIRST)
        with run_server(environment) as site:
            yield ClusterShop(cluster, environment, site, feed)


def product(number: int) -> str:
    """Return the id of the drawn picture's product."""
    return f"bench-{number:06d}"


def assert_loaded(loading: "subprocess.Popen[str]", products: int) -> None:
    said, _ = loading.communicate(timeout=240)
    assert loading.returncode == 0, said
    assert f"{products} products" in said


@pytest.mark.timeout(600)
def test_searches_checks_and_loads_go_on_while_a_node_is_away(shop: ClusterShop) -> None:
    shop.cluster.wait_for("green", 3)
    assert sorted(shard["prirep"] for shard in shop.shards()) == ["p", "r"]
    assert shop.search(3)[0] == product(3)
    assert shop.check(3) == [product(3)]

    away = shop.node_with_primary()
    loading = shop.load(MORE)
    time.sleep(1)
    shop.cluster.stop(away)
    assert shop.search(5)[0] == product(5)
    assert shop.check(5) == [product(5)]
    assert_loaded(loading, MORE)
    shop.cluster.wait_for("green", 2)
    assert shop.search(MORE - 1)[0] == product(MORE - 1)

    shop.cluster.start(away)
    shop.cluster.wait_for("green", 3)
    assert away.name in {node["name"] for node in nodes(shop)}
    assert shop.search(MORE - 1)[0] == product(MORE - 1)
    assert {shard["docs"] for shard in shop.shards()} == {shop.shards()[0]["docs"]}
    count = shop.cluster.request("GET", f"/{shop.environment.text('LOOKALIKE_INDEX')}/_count")
    assert count["count"] == MORE


def nodes(shop: ClusterShop) -> list[dict[str, Any]]:
    return list(shop.cluster.request("GET", "/_cat/nodes?format=json&h=name"))
