"""A snapshot brings back products, desk, thumbnails and ledger as they were, and lost events."""

import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_hex

import pytest

from core.environment import Environment
from features.base import Json
from ops.node import Node
from ops.server import Server
from tests.ops.conftest import Running
from tests.ops.test_command_line import ops

PICTURE = "ab" * 32


@dataclass(frozen=True)
class SmallShop:
    """Two products, a case and an event on the local node, with a thumbnail and a ledger."""

    server: Server
    environment: Environment
    products: str
    desk: str
    stream: str

    @property
    def state(self) -> Path:
        return self.environment.state_dir()

    @property
    def thumbnail(self) -> Path:
        return self.state / "media" / "ab" / f"{PICTURE}.jpg"

    @property
    def ledger(self) -> Path:
        return self.state / "ledger" / f"{self.products}.sqlite3"

    def count(self, name: str) -> int:
        answer = self.server.request("POST", f"/{name}/_refresh")
        assert answer.status == 200, answer.reason
        return int(self.server.request("GET", f"/{name}/_count").body["count"])

    def add(self, name: str, document: dict[str, str]) -> None:
        answer = self.server.request("POST", f"/{name}/_doc?refresh=true", document)
        assert answer.status == 201, answer.reason

    def snapshot(self, *words: str, answer: str = "") -> subprocess.CompletedProcess[str]:
        return ops(self.environment, "snapshot", *words, answer=answer)


@pytest.fixture
def shop(running: Running) -> Iterator[SmallShop]:
    name = token_hex(4)
    settings = {"LOOKALIKE_INDEX": f"shop-{name}", "LOOKALIKE_DESK_INDEX": f"desk-{name}"}
    environment = Environment({**running.node.environment.values, **settings})
    stream = f"logs-lookalike.search-{name}"
    shop = SmallShop(running.server, environment, f"shop-{name}", f"desk-{name}", stream)
    made: Json = {"aliases": {shop.products: {}}}
    assert shop.server.request("PUT", f"/{shop.products}-000001", made).status == 200
    template = {"index_patterns": [stream], "data_stream": {}, "priority": 901}
    assert shop.server.request("PUT", f"/_index_template/{stream}", template).status == 200
    for title in ("cup", "bowl"):
        shop.add(f"{shop.products}-000001", {"title": title})
    shop.add(f"{shop.desk}-cases", {"state": "open"})
    shop.add(stream, {"@timestamp": "2026-01-01T00:00:00Z", "message": "a search"})
    shop.thumbnail.parent.mkdir(parents=True, exist_ok=True)
    shop.thumbnail.write_bytes(b"a picture")
    (shop.state / "reviewers.json").write_text("{}")
    shop.ledger.parent.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(shop.ledger) as ledger:
        ledger.execute("CREATE TABLE numbers (number)")
        ledger.execute("INSERT INTO numbers VALUES (1)")
    yield shop
    for path in (f"/{shop.products}-*", f"/{shop.desk}-*", f"/_data_stream/{stream}"):
        shop.server.request("DELETE", path)
    shop.thumbnail.unlink(missing_ok=True)
    shop.ledger.unlink(missing_ok=True)


def test_all_that_was_saved_comes_back_and_what_came_later_is_gone(shop: SmallShop) -> None:
    made = shop.snapshot("create", "monday")
    assert made.returncode == 0, made.stderr
    assert "saved monday: 2 products, 1 pictures" in made.stdout
    shop.add(f"{shop.products}-000001", {"title": "plate"})
    shop.add(shop.stream, {"@timestamp": "2026-01-02T00:00:00Z", "message": "another"})
    assert shop.server.request("DELETE", f"/{shop.desk}-cases").status == 200
    later: Json = {"aliases": {shop.products: {}}}
    assert shop.server.request("PUT", f"/{shop.products}-000002", later).status == 200
    shop.thumbnail.unlink()
    (shop.state / "reviewers.json").unlink()
    with sqlite3.connect(shop.ledger) as ledger:
        ledger.execute("INSERT INTO numbers VALUES (2)")

    restored = shop.snapshot("restore", "monday", "--yes")
    assert restored.returncode == 0, restored.stderr
    assert shop.count(shop.products) == 2
    behind = shop.server.request("GET", f"/_alias/{shop.products}").body
    assert list(behind) == [f"{shop.products}-000001"]
    assert shop.count(f"{shop.desk}-cases") == 1
    assert shop.count(shop.stream) == 2, "events stay"
    assert shop.thumbnail.read_bytes() == b"a picture"
    assert (shop.state / "reviewers.json").read_text() == "{}"
    with sqlite3.connect(shop.ledger) as ledger:
        assert ledger.execute("SELECT number FROM numbers").fetchall() == [(1,)]


def test_a_copy_of_the_folder_restores_on_another_machine(
    shop: SmallShop, state_folder: Path
) -> None:
    assert shop.snapshot("create", "sunday").returncode == 0
    elsewhere = state_folder / "elsewhere"
    shutil.copytree(shop.state / "snapshots", elsewhere / "snapshots")
    environment = Environment({**shop.environment.values, "LOOKALIKE_STATE_DIR": str(elsewhere)})
    node = Node(environment)
    try:
        moved = replace(shop, server=node.start(print), environment=environment)
        restored = moved.snapshot("restore", "sunday", "--yes")
        assert restored.returncode == 0, restored.stderr
        assert (moved.count(moved.products), moved.count(f"{moved.desk}-cases")) == (2, 1)
        assert moved.count(moved.stream) == 1
        assert moved.thumbnail.read_bytes() == b"a picture"
    finally:
        node.stop(print)


def test_it_asks_before_it_replaces_anything(shop: SmallShop) -> None:
    assert shop.snapshot("create", "tuesday").returncode == 0
    shop.add(f"{shop.products}-000001", {"title": "plate"})
    refused = shop.snapshot("restore", "tuesday", answer="n\n")
    assert refused.returncode == 1
    assert shop.count(shop.products) == 3


def test_the_list_names_each_with_its_size_and_a_deleted_one_is_gone(shop: SmallShop) -> None:
    assert shop.snapshot("create", "wednesday").returncode == 0
    (line,) = [
        one for one in shop.snapshot("list").stdout.splitlines() if one.startswith("wednesday ")
    ]
    assert line.endswith(" UTC  2 products")
    assert shop.snapshot("delete", "wednesday", "--yes").returncode == 0
    assert "wednesday" not in shop.snapshot("list").stdout
    assert not (shop.state / "snapshots" / "files" / "wednesday").exists()


def test_an_unknown_snapshot_is_named_in_one_line(running: Running) -> None:
    done = ops(running.node.environment, "snapshot", "restore", "never", "--yes")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1].startswith("error: there is no snapshot 'never'")


def test_a_given_server_needs_a_named_repository(environment: Environment) -> None:
    done = ops(environment, "snapshot", "list")
    assert done.returncode == 2
    assert "LOOKALIKE_SNAPSHOT_REPOSITORY is not set" in done.stderr
    other = Environment({**environment.values, "LOOKALIKE_SNAPSHOT_REPOSITORY": "nowhere"})
    done = ops(other, "snapshot", "list")
    assert done.returncode == 2
    assert "has no snapshot repository 'nowhere': register one" in done.stderr
