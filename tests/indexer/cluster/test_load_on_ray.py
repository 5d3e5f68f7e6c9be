"""A load on a local Ray of two workers: the documents of a load here, whichever worker dies."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import psutil
import pytest

from core.environment import Environment
from features import registry
from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect
from tests.conftest import node_environment
from tests.support.engine import Engine
from tests.support.own_index import own_index

FEATURES = "checksum,colour,embedding,pdq,phash"
RAY = {
    "LOOKALIKE_RAY_DECODERS": "1",
    "LOOKALIKE_RAY_EXTRACTORS": "1",
    "LOOKALIKE_RAY_OBJECT_STORE_MB": "100",
    "RAY_USAGE_STATS_ENABLED": "0",
}
SUMMARY = re.compile(r"(\d+) products, (\d+) pictures \((\d+) reused\), (\d+) rejected")
PRODUCTS = 80

START_S = 240
"""Ray starts a dozen processes, which takes ten seconds, and minutes on a machine that is busy."""

TIMES = frozenset({"added_at", "updated_at"})


@dataclass
class Loader:
    """Loads a feed into an index of its own."""

    environment: Environment
    folder: Path

    def start(self, feed: Path, *options: str) -> "subprocess.Popen[str]":
        arguments = ["load", str(feed), "--rejects", str(self.folder / "rejects.jsonl"), *options]
        return subprocess.Popen(
            [sys.executable, "-m", "indexer", *arguments, "--batch", "2", "--no-measure"],
            env=dict(self.environment.values), stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True,
        )  # fmt: skip

    def end(self, process: "subprocess.Popen[str]", code: int) -> tuple[int, ...]:
        """Return products, pictures, reused and rejected."""
        said, _ = process.communicate(timeout=START_S)
        assert process.returncode == code, said
        summary = SUMMARY.search(said)
        assert summary is not None, said
        return tuple(map(int, summary.groups()))

    def documents(self) -> Mapping[str, Json]:
        """Return every product as it is stored, but for when it was."""
        settings = EngineSettings.from_env(self.environment)
        catalogue = Catalogue(connect(settings), registry.load(self.environment), settings.index)
        lines = (self.folder / "feed.jsonl").read_text().splitlines()
        ids = [json.loads(line)["id"] for line in lines]
        return {
            key: without_times(one) for key, one in catalogue.products(ids, vectors=True).items()
        }

    def rejected(self) -> list[dict[str, Json]]:
        lines = (self.folder / "rejects.jsonl").read_text().splitlines()
        return sorted((json.loads(line) for line in lines), key=str)

    def thumbnails(self) -> dict[str, bytes]:
        media = self.environment.state_dir() / "media"
        return {path.name: path.read_bytes() for path in media.rglob("*.jpg")}


def without_times(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: without_times(one) for name, one in value.items() if name not in TIMES}
    return [without_times(one) for one in value] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Path:
    """A feed of real pictures, some twice, and two that cannot be read."""
    folder = tmp_path_factory.mktemp("feed")
    every = sorted((shared_data / "clothing" / "images").glob("*/*.jpg"))
    pictures = every[:: len(every) // PRODUCTS][:PRODUCTS]
    (folder / "broken.jpg").write_bytes(b"\xff\xd8\xff nothing")
    for path in pictures:
        (folder / path.name).write_bytes(path.read_bytes())
    rows: list[dict[str, Json]] = [
        {"id": f"p{n}", "title": f"Garment {n}", "images": [path.name, pictures[0].name]}
        for n, path in enumerate(pictures)
    ]
    rows += [{"id": "bad", "image": "broken.jpg"}, {"id": "gone", "image": "gone.jpg"}]
    (folder / "feed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return folder


@pytest.fixture(scope="module")
def here(engine: Engine, state_folder: Path, folder: Path) -> Iterator[Loader]:
    """The feed, loaded in one process."""
    with loader(engine, state_folder / "here", folder) as made:
        assert made.end(made.start(folder / "feed.jsonl"), 1) == (PRODUCTS, 2 * PRODUCTS - 1, 0, 2)
        yield made


@contextmanager
def loader(engine: Engine, state: Path, folder: Path) -> Iterator[Loader]:
    """Give a loader with an index and a state folder of its own."""
    values = {**node_environment(state).values, **RAY, "LOOKALIKE_FEATURES": FEATURES}
    with own_index(engine, values) as environment:
        yield Loader(environment, folder)


@pytest.mark.timeout(560)
def test_documents_are_those_of_one_process_although_a_worker_of_each_kind_is_killed(
    engine: Engine, state_folder: Path, folder: Path, here: Loader
) -> None:
    named = here.rejected()
    with loader(engine, state_folder / "ray", folder) as there:
        process = there.start(folder / "feed.jsonl", "--engine", "ray")
        killed = [kill_worker(process, kind) for kind in ("ExtractBlock", "DecodeBlock")]
        assert there.end(process, 1) == (PRODUCTS, 2 * PRODUCTS - 1, 0, 2)
        assert len(killed) == 2
        assert there.documents() == here.documents()
        assert there.rejected() == named
        assert there.thumbnails() == here.thumbnails()


def kill_worker(process: "subprocess.Popen[str]", kind: str) -> int:
    """Kill a worker of this kind while the load runs; return its process id."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        for worker in psutil.Process(process.pid).children(recursive=True):
            try:
                title = " ".join(worker.cmdline())
            except psutil.NoSuchProcess:
                continue
            if title.startswith("ray::") and kind in title and "__init__" not in title:
                worker.send_signal(signal.SIGKILL)
                return worker.pid
        time.sleep(0.02)
    process.kill()
    pytest.fail(f"no worker {kind} was at work: {process.communicate()[0]}")


def test_a_cluster_that_is_not_there_is_one_line(environment: Environment, folder: Path) -> None:
    away = {"LOOKALIKE_RAY_ADDRESS": "127.0.0.1:1", "LOOKALIKE_FEATURES": "checksum"}
    loading = Loader(replace(environment, values={**environment.values, **away}), folder)
    process = loading.start(folder / "feed.jsonl", "--engine", "ray")
    said, _ = process.communicate(timeout=START_S)
    assert process.returncode == 2
    assert "LOOKALIKE_RAY_ADDRESS" in said
