"""The commands as people type them, in processes of their own, on the real server."""

import json
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.environment import Environment
from features import registry
from features.base import Json
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.connection import EngineSettings, connect

QUICK = "checksum,colour,pdq,phash"
SUMMARY = re.compile(
    r"(?P<products>\d+) products, (?P<pictures>\d+) pictures \((?P<reused>\d+) reused\), "
    r"(?P<rejected>\d+) rejected, [\d.]+ pictures/s, [\d.]+ s"
)


class Command:
    """Runs ``python -m indexer`` with settings of the test's own, in a folder of its own."""

    def __init__(self, environment: Environment, folder: Path) -> None:
        self.environment = replace(
            environment, values={**environment.values, "LOOKALIKE_FEATURES": QUICK}
        )
        self.folder = folder
        self.media = self.environment.state_dir() / "media"

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "indexer", *arguments],
            cwd=self.folder,
            env=dict(self.environment.values),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        process = self.start(*arguments)
        out, err = process.communicate(timeout=240)
        return process.returncode, out, err

    def summary(self, *arguments: str) -> dict[str, int]:
        code, out, err = self.run(*arguments)
        found = SUMMARY.fullmatch(out.strip())
        assert found is not None, (out, err)
        return {"code": code} | {name: int(value) for name, value in found.groupdict().items()}

    def catalogue(self) -> Catalogue:
        settings = EngineSettings.from_env(self.environment)
        return Catalogue(connect(settings), registry.load(self.environment), settings.index)


@pytest.fixture
def command(environment: Environment, tmp_path: Path) -> Command:
    folder = tmp_path / "here"
    folder.mkdir()
    return Command(environment, folder)


@pytest.mark.parametrize(
    ("feed", "products", "pictures"),
    [("saleor/products.jsonl", 32, 48), ("grocery/products.jsonl", 81, 81)],
)
def test_shared_feed_loads_unchanged(
    command: Command, shared_data: Path, feed: str, products: int, pictures: int
) -> None:
    summary = command.summary("load", str(shared_data / feed))
    assert summary == {
        "code": 0, "products": products, "pictures": pictures, "reused": 0, "rejected": 0
    }  # fmt: skip
    assert not (command.folder / "rejects.jsonl").exists()
    code, out, _ = command.run("status")
    assert code == 0
    assert f"products  {products}" in out
    assert f"pictures  {pictures}" in out
    first = json.loads((shared_data / feed).read_text().partition("\n")[0])
    stored = command.catalogue().product(first["id"])
    assert stored["title"] == first["title"]
    assert {"price", "currency", "category", "stock", "availability"} <= set(stored)
    assert {"checksum", "colour", "pdq"} <= set(stored["images"][0])


def test_folder_with_bad_pictures_ends_with_1_and_names_each(
    command: Command, shared_data: Path
) -> None:
    folder = shared_data / "bad_images" / "files"
    summary = command.summary("load", str(folder), "--rejects", "named.jsonl")
    lines = (command.folder / "named.jsonl").read_text().splitlines()
    named = [json.loads(line) for line in lines]
    assert summary["code"] == 1
    assert summary["rejected"] == len(named) > 20
    assert summary["products"] > 20
    assert all(one["field"] == "image_link" and one["rule"] and one["detail"] for one in named)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("load", "nowhere.csv"), "nowhere.csv: there is no such file"),
        (("load", "names.csv"), "it lacks image_link"),
        (("load", "good.csv", "--without", "taste"), "unknown feature 'taste'"),
        (("load", "good.csv", "--rejects", "no/such/folder.jsonl"), "cannot be written"),
        (("status",), "no index"),
    ],
)
def test_failure_is_one_line_and_exit_code_2(
    command: Command, arguments: tuple[str, ...], said: str
) -> None:
    (command.folder / "names.csv").write_text("id,name\n1,x\n")
    (command.folder / "good.csv").write_text("id,image\n1,x.png\n")
    code, out, err = command.run(*arguments)
    assert (code, out) == (2, "")
    assert said in err
    assert len(err.strip().splitlines()) == 1


def many(folder: Path, products: int) -> dict[str, list[str]]:
    """Write a feed of noise pictures, two a product; return id → pictures."""
    noise = np.random.default_rng(0)
    for number in range(2 * products):
        pixels = noise.integers(0, 255, (12, 12, 3), np.uint8)
        Image.fromarray(pixels).resize((160, 160)).save(folder / f"{number}.png", compress_level=0)
    wanted = {f"p{n}": [f"{2 * n}.png", f"{2 * n + 1}.png"] for n in range(products)}
    rows: list[dict[str, Json]] = [{"id": key, "images": urls} for key, urls in wanted.items()]
    (folder / "feed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    return wanted


def wait_for_thumbnails(command: Command, process: "subprocess.Popen[str]", count: int) -> None:
    """Return once a load has got this far, or is over."""
    while process.poll() is None and sum(1 for _ in command.media.rglob("*.jpg")) < count:
        time.sleep(0.02)


def test_killed_load_run_again_gives_exactly_the_whole_catalogue(command: Command) -> None:
    wanted = many(command.folder, 300)
    for point in (1, 150, 320, 500):
        process = command.start("load", "feed.jsonl")
        wait_for_thumbnails(command, process, point)
        process.kill()
        process.communicate()
        assert process.returncode == -signal.SIGKILL
    summary = command.summary("load", "feed.jsonl")
    assert {k: summary[k] for k in ("code", "products", "pictures")} == {
        "code": 0, "products": 300, "pictures": 600
    }  # fmt: skip
    # Two batches of 32 at work, and 128 products that may wait to be written.
    assert summary["reused"] > 0
    catalogue = command.catalogue()
    assert catalogue.summary()["products"] == 300
    stored = catalogue.products(list(wanted), vectors=True)
    assert {k: [p["url"] for p in one["images"]] for k, one in stored.items()} == wanted
    assert all(
        {"checksum", "colour", "pdq"} <= set(p) for s in stored.values() for p in s["images"]
    )


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_load_says_how_to_go_on(command: Command, number: signal.Signals) -> None:
    many(command.folder, 300)
    process = command.start("load", "feed.jsonl")
    wait_for_thumbnails(command, process, 40)
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "the same command again loads the rest" in err
    found = SUMMARY.search(out)
    assert found is not None
    assert 0 < int(found["products"]) < 300
    again = command.summary("load", "feed.jsonl")
    assert again["products"] == 300
    assert again["reused"] == int(found["pictures"])
