"""Another model for an index: filled in beside, killed, switched to, undone and finished."""

import json
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from core.environment import Environment
from features import registry
from features.base import Feature
from features.imaging.decode import decode
from features.registry import Registry
from indexer.measure import measure_standby
from mappings.catalogue import versions
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.model_swap import ModelSwap
from mappings.catalogue.versions import ModelVersion
from mappings.engine.connection import EngineSettings, connect
from tests.support import tiny_models

PICTURES = 260


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return tiny_models.make(tmp_path_factory.mktemp("models"))


@dataclass(frozen=True)
class Shop:
    """Products with a noisy picture each, loaded with the first of two models."""

    environment: Environment
    folder: Path

    @property
    def feed(self) -> Path:
        return self.folder / "feed.jsonl"

    def write(self, count: int, **more: str) -> None:
        rows = [{"id": f"p{n:04}", "image_link": f"{n}.png", **more} for n in range(count)]
        self.feed.write_text("".join(json.dumps(row) + "\n" for row in rows))

    def start(self, *arguments: str, **values: str) -> "subprocess.Popen[str]":
        return subprocess.Popen(
            [sys.executable, "-m", "indexer", *arguments],
            env={**self.environment.values, **values},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, **values: str) -> tuple[int, str]:
        process = self.start(*arguments, **values)
        out, err = process.communicate(timeout=120)
        return process.returncode, out + err

    def load(self, **values: str) -> tuple[int, str]:
        return self.run("load", str(self.feed), "--rejects", str(self.folder / "rejects"), **values)

    def swap(self, *arguments: str, **values: str) -> tuple[int, str]:
        return self.run("swap-model", *arguments, **values)

    def begin(self, *arguments: str, **values: str) -> tuple[int, str]:
        return self.swap("begin", "--feed", str(self.feed), *arguments, **values)

    @property
    def index(self) -> ModelSwap:
        settings = EngineSettings.from_env(self.environment)
        return ModelSwap(connect(settings), settings.index)

    def pictures(self) -> dict[str, dict[str, Any]]:
        """Return the one picture of every product, by its product's id."""
        features = registry.load(self.environment)
        settings = EngineSettings.from_env(self.environment)
        index = ModelSwap(connect(settings), settings.index)
        index.refresh()
        catalogue = Catalogue(connect(settings), features, settings.index)
        found = catalogue.products([f"p{n:04}" for n in range(PICTURES + 10)], vectors=True)
        return {key: one["images"][0] for key, one in found.items()}

    def expected(self, number: int) -> list[float]:
        """Return what the next model sees in a product's original picture."""
        (feature,) = registry.load_next(self.environment, registry.load(self.environment))
        (value,) = feature.extract([decode((self.folder / f"{number}.png").read_bytes())])
        return list(value)


@pytest.fixture
def shop(environment: Environment, models: tuple[Path, Path], tmp_path: Path) -> Shop:
    one, two = models
    values = {
        **environment.values,
        "LOOKALIKE_FEATURES": "checksum,embedding",
        "LOOKALIKE_ENGINE_TIMEOUT_MS": "60000",
        "LOOKALIKE_EMBEDDING_MODEL": str(one),
        "LOOKALIKE_NEXT_EMBEDDING_MODEL": str(two),
    }
    noise = np.random.default_rng(7)
    for n in range(PICTURES + 10):
        pixels = noise.integers(0, 256, (8, 8, 3), np.uint8)
        Image.fromarray(pixels).resize((64, 64)).save(tmp_path / f"{n}.png")
    shop = Shop(Environment(values), tmp_path)
    shop.write(PICTURES)
    code, said = shop.load()
    assert code == 0, said
    return shop


def test_killed_filling_goes_on_and_the_whole_change_can_be_undone(shop: Shop) -> None:
    before = shop.pictures()
    filling = shop.start("swap-model", "begin", "--feed", str(shop.feed), "--per-second", "60")
    until = time.monotonic() + 120
    lacking = PICTURES
    while lacking == PICTURES and filling.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
        version = shop.index.standby()
        shop.index.refresh()
        lacking = shop.index.count_lacking(version) if version else PICTURES
    filling.kill()
    filling.communicate()
    assert 0 < lacking < PICTURES

    code, said = shop.swap("switch")
    assert code == 2
    assert "pictures lack a value by 'two.tflite'" in said

    code, said = shop.begin()
    assert code == 0, said
    (filled,) = re.findall(r"(\d+) pictures filled in, 0 from their thumbnails, 0 not", said)
    # What was on its way when the process was killed may have arrived after we counted.
    assert 0 < int(filled) <= lacking
    after = shop.pictures()
    assert {k: {**v, "embedding_2": 0} for k, v in after.items()} == {
        k: {**v, "embedding_2": 0} for k, v in before.items()
    }
    assert np.allclose(after["p0007"]["embedding_2"], shop.expected(7), atol=1e-4)

    assert shop.swap("switch") == (
        0, "two.tflite is in service; `swap-model undo` goes back to the other model\n"
    )  # fmt: skip
    code, said = shop.swap("status")
    assert [line.split()[:4] for line in said.splitlines()] == [
        ["in", "service", "two.tflite", "in"],
        ["before", "one.tflite", "in", "images.embedding,"],
    ]
    assert shop.swap("undo") == (0, "one.tflite is in service again\n")
    assert shop.pictures() == after

    code, said = shop.swap("finish")
    assert code == 0, said
    assert f"{PICTURES} values removed" in said
    assert shop.pictures() == before


def test_the_next_model_is_measured_before_it_is_switched_to(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert shop.begin()[0] == 0
    settings, ours = EngineSettings.from_env(shop.environment), registry.load(shop.environment)
    coming = registry.load_next(shop.environment, ours)
    version = shop.index.standby()
    assert version is not None
    placed = versions.with_field(coming[0], version.field)
    measure_standby(settings, ours, coming, placed)
    assert shop.index.standby() == version
    assert not _recall(settings, coming, version), "so few are compared exactly in any case"

    monkeypatch.setattr("indexer.measure.MIN_PICTURES", PICTURES)
    measure_standby(settings, ours, coming, placed)
    assert _recall(settings, coming, version)
    assert Catalogue(connect(settings), ours, settings.index).recall_table() is None
    assert shop.swap("switch")[0] == 0
    assert _recall(settings, coming, version)


def _recall(settings: EngineSettings, coming: Sequence[Feature], version: ModelVersion) -> bool:
    features = Registry(versions.with_field(one, version.field) for one in coming)
    found = Catalogue(connect(settings), features, settings.index).recall_table()
    return found is not None and found.pictures == PICTURES and "embedding" in found.figures


def test_a_load_writes_both_models_or_nothing(shop: Shop) -> None:
    assert shop.begin("--name", "new")[0] == 0
    shop.write(PICTURES + 5, title="renamed")
    code, said = shop.load(LOOKALIKE_NEXT_EMBEDDING_MODEL="")
    assert code == 2
    assert "also holds embedding by 'new', which is not loaded here" in said
    assert len(shop.pictures()) == PICTURES

    code, said = shop.load()
    assert (code, f"({PICTURES} reused)" in said) == (0, True), said
    pictures = shop.pictures()
    assert len(pictures) == PICTURES + 5
    assert all({"embedding", "embedding_2"} <= set(one) for one in pictures.values())
    new = pictures[f"p{PICTURES + 3:04}"]["embedding_2"]
    assert np.allclose(new, shop.expected(PICTURES + 3), atol=1e-4)

    assert shop.swap("switch")[0] == shop.swap("finish", "--keep-values")[0] == 0
    # Only the second model is held now: who has it loaded in either place goes on.
    assert shop.load()[0] == 0
    only = shop.environment.values["LOOKALIKE_NEXT_EMBEDDING_MODEL"]
    after = {"LOOKALIKE_EMBEDDING_MODEL": only, "LOOKALIKE_NEXT_EMBEDDING_MODEL": ""}
    assert shop.load(**after)[0] == 0


def test_what_cannot_be_is_refused_before_anything_is_written(shop: Shop, tmp_path: Path) -> None:
    code, said = shop.begin(LOOKALIKE_NEXT_EMBEDDING_MODEL="")
    assert (code, "set LOOKALIKE_NEXT_EMBEDDING_MODEL" in said) == (2, True)
    same = shop.environment.values["LOOKALIKE_EMBEDDING_MODEL"]
    code, said = shop.begin(LOOKALIKE_NEXT_EMBEDDING_MODEL=same)
    assert (code, "in service already" in said) == (2, True)
    code, said = shop.begin(LOOKALIKE_EMBEDDING_MODEL=shop.environment.values[
        "LOOKALIKE_NEXT_EMBEDDING_MODEL"
    ], LOOKALIKE_NEXT_EMBEDDING_PIXEL_RANGE="0..1")  # fmt: skip
    assert (code, "the index was built with embedding" in said) == (2, True)
    for command in ("switch", "undo", "finish"):
        code, said = shop.swap(command)
        assert (code, "holds one version of every model" in said) == (2, True)
    assert set(shop.index.fields()) == {
        "added_at", "box", "checksum", "embedding", "expires_at", "height", "image_id", "part",
        "pending", "source", "url", "width",
    }  # fmt: skip
