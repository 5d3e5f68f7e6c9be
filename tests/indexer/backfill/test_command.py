"""`python -m indexer backfill`, killed and run again on the real server."""

import json
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from core.environment import Environment
from core.errors import InvalidSetting, UnknownName
from features import registry
from indexer.commands.backfill import choose_feature
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway

PRODUCTS = 400


@pytest.fixture
def command_shop(environment: Environment, tmp_path: Path) -> Environment:
    noise = np.random.default_rng(7)
    rows = []
    for n in range(PRODUCTS):
        pixels = noise.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).resize((64, 64)).save(tmp_path / f"{n}.png")
        rows.append({"id": f"p{n:04}", "title": f"thing {n}", "image_link": f"{n}.png"})
    (tmp_path / "feed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    values = {**environment.values, "LOOKALIKE_FEATURES": "checksum"}
    shop = Environment(values)
    said = run(shop, "load", str(tmp_path / "feed.jsonl"), "--rejects", str(tmp_path / "rejects"))
    assert said[0] == 0, said
    return Environment({**values, "LOOKALIKE_FEATURES": "checksum,phash"})


def start(environment: Environment, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "indexer", *arguments],
        env=dict(environment.values),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(environment: Environment, *arguments: str) -> tuple[int, str]:
    process = start(environment, *arguments)
    out, err = process.communicate(timeout=200)
    return process.returncode, out + err


def test_a_killed_command_goes_on_and_says_what_it_did(
    command_shop: Environment, tmp_path: Path, gateway: Gateway
) -> None:
    arguments = ("backfill", "phash", "--feed", str(tmp_path / "feed.jsonl"))
    killed = start(command_shop, *arguments, "--per-second", "100")
    index = command_shop.text("LOOKALIKE_INDEX")
    filled = 0
    until = time.monotonic() + 120
    while not 0 < filled < PRODUCTS and time.monotonic() < until and killed.poll() is None:
        time.sleep(0.1)
        filled = count(gateway, index)
    killed.kill()
    killed.communicate()
    assert 0 < filled < PRODUCTS
    code, said = run(command_shop, *arguments)
    assert code == 0, said
    (rest,) = re.findall(r"(\d+) pictures filled in, 0 from their thumbnails, 0 not", said)
    assert 0 < int(rest) <= PRODUCTS - filled
    assert count(gateway, index) == PRODUCTS
    features = registry.load(command_shop)
    Catalogue(gateway, features, index).check_features()
    code, said = run(command_shop, *arguments)
    assert (code, "there is nothing to fill in" in said) == (2, True), said


def count(gateway: Gateway, index: str) -> int:
    gateway.refresh(index)
    query = {"nested": {"path": "images", "query": {"exists": {"field": "images.phash"}}}}
    answer = gateway.search(index, {"size": 0, "track_total_hits": True, "query": query})
    return int(answer["hits"]["total"]["value"])


@pytest.mark.parametrize(
    ("name", "error", "reason"),
    [
        ("smell", UnknownName, "unknown feature 'smell'; known: .*pdq"),
        ("phash", InvalidSetting, "phash is not switched on: name it in LOOKALIKE_FEATURES"),
        ("clip", InvalidSetting, "settings that begin with LOOKALIKE_CLIP_"),
    ],
)
def test_features_that_cannot_be_filled_in_are_told_apart(
    name: str, error: type[Exception], reason: str
) -> None:
    loaded = registry.load(Environment({"LOOKALIKE_FEATURES": "checksum,pdq"}))
    with pytest.raises(error, match=reason):
        choose_feature(loaded, name)


def test_parts_are_filled_in_by_the_same_command(command_shop: Environment, tmp_path: Path) -> None:
    feed = ("--feed", str(tmp_path / "feed.jsonl"))
    assert run(command_shop, "backfill", "phash", *feed)[0] == 0
    code, said = run(command_shop, "backfill", "parts", *feed)
    assert code == 0, said
    assert re.search(r"\d+ pictures filled in, 0 from their thumbnails, 0 not", said), said
