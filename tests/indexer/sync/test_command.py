"""The command, as a person runs it: a database followed live, two at once, a feed on the web."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import create_engine, text

from core.environment import Environment
from features.registry import Registry
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings
from mappings.engine.gateway import Gateway

FEATURES = "checksum,colour"
FOUND_S = 2.0
"""How soon a change in a followed database is found."""

START_S = 90


@pytest.fixture
def settings(environment: Environment) -> dict[str, str]:
    return {**environment.values, "LOOKALIKE_FEATURES": FEATURES}


@pytest.fixture
def catalogue(settings: dict[str, str], gateway: Gateway) -> Catalogue:
    return Catalogue(gateway, Registry([]), EngineSettings.from_env(Environment(settings)).index)


def command(*arguments: str | Path) -> list[str]:
    return [sys.executable, "-m", "indexer", *map(str, arguments)]


def run(settings: dict[str, str], folder: Path, *arguments: str | Path) -> Any:
    return subprocess.run(
        command(*arguments, "--rejects", folder / "rejects.jsonl"),
        env=settings,
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )


@contextmanager
def running(
    settings: dict[str, str], folder: Path, *arguments: str | Path
) -> Iterator[subprocess.Popen[str]]:
    """Run a command in the background; it is stopped as by Ctrl-C, and must end well."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command(*arguments, "--rejects", folder / "rejects.jsonl"),
            env=settings, stdout=log, stderr=log, text=True,
        )  # fmt: skip
    try:
        yield process
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
    assert code == 0, (folder / "log").read_text()


def wait_until(is_so: Callable[[], bool], limit_s: float) -> float:
    """Wait until something holds; return how long it took, or fail."""
    began = time.monotonic()
    while not is_so():
        assert time.monotonic() - began < limit_s, f"not within {limit_s:g} s"
        time.sleep(0.02)
    return time.monotonic() - began


def picture(folder: Path, name: str, colour: tuple[int, int, int]) -> str:
    Image.new("RGB", (64, 64), colour).save(folder / name)
    return str(folder / name)


def prices(catalogue: Catalogue) -> dict[str, Any]:
    """Return id → price of all products, as a search finds them now."""
    try:
        hits = catalogue.search({"size": 100, "_source": ["price"]})["hits"]["hits"]
    # There is no index yet.
    except Exception:
        return {}
    return {hit["_id"]: hit["_source"].get("price") for hit in hits}


def test_postgresql_is_followed_live(
    settings: dict[str, str], catalogue: Catalogue, postgresql: str, tmp_path: Path
) -> None:
    engine = create_engine(postgresql.replace("postgresql:", "postgresql+psycopg:", 1))

    def change(statement: str, **values: object) -> None:
        with engine.begin() as connection:
            connection.execute(text(statement), values)

    change("DROP TABLE IF EXISTS products")
    change(
        "CREATE TABLE products (id TEXT, title TEXT, price NUMERIC, currency TEXT, image_link TEXT,"
        " updated_at TIMESTAMPTZ DEFAULT clock_timestamp(), deleted_at TIMESTAMPTZ)"
    )
    insert = (
        "INSERT INTO products (id, title, price, currency, image_link)"
        " VALUES (:id, 'Mug', 10, 'EUR', :link)"
    )
    for number in range(3):
        link = picture(tmp_path, f"{number}.png", (60 * number, 0, 9))
        change(insert, id=f"p{number}", link=link)
    source = f"{postgresql}?watermark=updated_at&deleted=deleted_at"
    with running(settings, tmp_path, "sync", source, "--follow", "--gone", "delete"):
        wait_until(lambda: prices(catalogue) == dict.fromkeys(["p0", "p1", "p2"], 10), START_S)
        updates = []
        for price in (7.5, 8.5, 9.5):
            change(
                "UPDATE products SET price = :price, updated_at = clock_timestamp()"
                " WHERE id = 'p1'",
                price=price,
            )
            updates.append(wait_until(lambda: prices(catalogue).get("p1") == price, START_S))  # noqa: B023
        change(insert, id="new", link=picture(tmp_path, "new.png", (9, 99, 9)))
        added = wait_until(lambda: prices(catalogue).get("new") == 10, START_S)
        change(
            "UPDATE products SET deleted_at = now(), updated_at = clock_timestamp() WHERE id = 'p2'"
        )
        deleted = wait_until(lambda: "p2" not in prices(catalogue), START_S)
    engine.dispose()
    # A busy machine may be slow once.
    assert min(updates) <= FOUND_S
    assert "s3cret" not in (tmp_path / "log").read_text()
    print(f"changed {min(updates):.2f} s, new {added:.2f} s, deleted {deleted:.2f} s")


def test_second_sync_of_a_source_refuses_and_names_the_first(
    settings: dict[str, str], catalogue: Catalogue, tmp_path: Path
) -> None:
    feed = tmp_path / "shop.jsonl"
    link = picture(tmp_path, "a.png", (1, 2, 3))
    feed.write_text(json.dumps({"id": "a", "price": 1, "image_link": link}) + "\n")
    with running(settings, tmp_path, "sync", feed, "--follow") as first:
        wait_until(lambda: prices(catalogue) == {"a": 1}, START_S)
        second = run(settings, tmp_path, "sync", feed)
        assert second.returncode == 2
        assert f"a sync of shop.jsonl is already running (process {first.pid}" in second.stderr
        # A file that is followed is read again when it changes.
        changed = tmp_path / "next"
        changed.write_text(json.dumps({"id": "a", "price": 2, "image_link": link}) + "\n")
        changed.replace(feed)
        wait_until(lambda: prices(catalogue) == {"a": 2}, 10)
    assert run(settings, tmp_path, "sync", feed).returncode == 0


def test_reconcile_says_what_differs_and_mends_it(
    settings: dict[str, str], catalogue: Catalogue, tmp_path: Path
) -> None:
    feed = tmp_path / "shop.csv"
    link = picture(tmp_path, "a.png", (1, 2, 3))
    feed.write_text(f"id,price,image_link\na,1,{link}\nb,1,{link}\n")
    assert run(settings, tmp_path, "sync", feed).returncode == 0
    clean = run(settings, tmp_path, "reconcile", feed)
    assert (clean.returncode, clean.stdout[:39]) == (0, "2 products compared: 2 equal, 0 missing")
    stored = catalogue.current("a")
    assert stored is not None
    catalogue.replace({**stored.source, "price": 3.0}, stored)
    found = run(settings, tmp_path, "reconcile", feed)
    assert (found.returncode, "different: a: price" in found.stdout) == (1, True)
    assert "--mend" in found.stderr
    assert run(settings, tmp_path, "reconcile", feed, "--mend").returncode == 0
    catalogue.refresh()
    assert prices(catalogue) == {"a": 1, "b": 1}


class FeedSite(ThreadingHTTPServer):
    """Serves one feed with an entity tag. `answers` are the statuses it gave."""

    def __init__(self, feed: Path) -> None:
        self.feed = feed
        self.answers: list[int] = []
        super().__init__(("127.0.0.1", 0), FeedPage)


class FeedPage(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        assert isinstance(self.server, FeedSite)
        body = self.server.feed.read_bytes()
        tag = f'"{hash(body)}"'
        status = 304 if self.headers.get("If-None-Match") == tag else 200
        self.server.answers.append(status)
        self.send_response(status)
        self.send_header("ETag", tag)
        if status == 200:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if status == 200:
            self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


def test_feed_on_the_web_is_fetched_again_only_where_it_changed(
    settings: dict[str, str], catalogue: Catalogue, tmp_path: Path
) -> None:
    feed = tmp_path / "shop.jsonl"
    link = picture(tmp_path, "a.png", (1, 2, 3))
    feed.write_text(json.dumps({"id": "a", "price": 1, "image_link": link}) + "\n")
    site = FeedSite(feed)
    Thread(target=site.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{site.server_port}/shop.jsonl?key=s3cret"
    first = run(settings, tmp_path, "sync", address)
    second = run(settings, tmp_path, "sync", address)
    site.shutdown()
    site.server_close()
    third = run(settings, tmp_path, "sync", address)
    assert (first.returncode, second.returncode, site.answers) == (0, 0, [200, 304])
    assert prices(catalogue) == {"a": 1}
    assert (third.returncode, "cannot be fetched" in third.stderr) == (2, True)
    assert "s3cret" not in first.stderr + first.stdout + third.stderr


def test_source_that_is_away_is_said_in_one_line(settings: dict[str, str], tmp_path: Path) -> None:
    answer = run(settings, tmp_path, "sync", "postgresql://anna:hunter2@127.0.0.1:1/shop")
    assert answer.returncode == 2
    (line,) = [line for line in answer.stderr.splitlines() if line.startswith("error:")]
    assert "cannot be read" in line
    assert "hunter2" not in answer.stderr
