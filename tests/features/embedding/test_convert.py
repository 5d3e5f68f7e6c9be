"""Preparing a model: any kind the settings may name, once, in a process of its own."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from core.environment import Environment
from features.embedding.convert import QUIET
from features.embedding.feature import create
from features.embedding.litert import LiteRTModel
from features.embedding.model_choice import ModelChoice, digest, facts_file
from features.errors import ModelUnavailable
from tests.support.pictures import clothing

MAKE_MODELS = """
import sys, keras
folder = sys.argv[1]
keras.utils.set_random_seed(1)
tiny = keras.Sequential([
    keras.Input((32, 32, 3)), keras.layers.Conv2D(8, 3, strides=4), keras.layers.ReLU(),
])
tiny.save(folder + "/tiny.keras")
tiny.export(folder + "/saved", verbose=False)
mobile = keras.applications.MobileNetV3Small(
    include_top=False, weights=None, input_shape=(64, 64, 3), pooling="avg"
)
mobile.save_weights(folder + "/mobile.weights.h5")
"""


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models that are small, and random but for their seed."""
    folder = tmp_path_factory.mktemp("models")
    subprocess.run(
        [sys.executable, "-c", MAKE_MODELS, str(folder)],
        env={**os.environ, **QUIET},
        check=True,
        stderr=subprocess.DEVNULL,
        timeout=240,
    )
    return folder


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def settings(cache: Path, **values: str) -> Environment:
    return Environment(
        {
            **os.environ,
            "LOOKALIKE_CACHE_DIR": str(cache),
            **{f"LOOKALIKE_EMBEDDING_{name}": value for name, value in values.items()},
        }
    )


def convert(environment: Environment, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "features.embedding.convert", *options],
        env=dict(environment.values),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )


def test_a_keras_application_takes_local_weights(models: Path, cache: Path) -> None:
    weights = models / "mobile.weights.h5"
    environment = settings(cache, MODEL="MobileNetV3Small", WEIGHTS=str(weights), SIDE="64")
    embedding = create(environment)
    assert embedding.mapping()["dims"] == 576
    identity = embedding.identity()
    assert identity["model"] == "MobileNetV3Small"
    assert identity["preprocessing"]["pixels"] == "mobilenet_v3.preprocess_input"
    assert len(identity["weights_sha256"]) == 64


def test_two_processes_prepare_a_keras_file_once(
    models: Path, cache: Path, shared_data: Path
) -> None:
    environment = settings(cache, MODEL=str(models / "tiny.keras"), PIXEL_RANGE="-1..1")
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda _: convert(environment), range(2)))
    assert [done.returncode for done in both] == [0, 0]
    # Both say where the model is; one of them made it, in two quiet lines.
    assert both[0].stdout == both[1].stdout
    said = both[0].stderr + both[1].stderr
    assert [line.split()[1] for line in said.splitlines()] == ["preparing", "ready:"]
    target = ModelChoice.from_env(environment).converted_path()
    assert both[0].stdout.strip() == str(target)
    for path in (target, facts_file(target)):
        assert path.stat().st_mode & 0o777 == 0o644
        assert path.parent.stat().st_mode & 0o777 == 0o755
    embedding = create(environment)
    assert embedding.mapping()["dims"] == 8
    assert embedding.identity()["weights_sha256"] == digest(models / "tiny.keras")
    first, second = embedding.extract(clothing(shared_data, 2))
    assert np.linalg.norm(first) == pytest.approx(1, abs=1e-6)
    assert first != second


def test_a_saved_model_equals_the_keras_file_it_came_from(models: Path, cache: Path) -> None:
    saved = settings(cache, MODEL=str(models / "saved"))
    kept = settings(cache, MODEL=str(models / "tiny.keras"))
    outputs = []
    for environment in (saved, kept):
        assert convert(environment).returncode == 0
        model = LiteRTModel(ModelChoice.from_env(environment).converted_path())
        outputs.append(model.run(np.full((32, 32, 3), 200, np.uint8)))
    assert np.allclose(*outputs, atol=1e-3)


def test_a_tflite_file_is_served_as_it_is(cache: Path) -> None:
    ready = ModelChoice.from_env(Environment.current()).converted_path()
    environment = settings(cache, MODEL=str(ready))
    embedding = create(environment)
    assert embedding.mapping()["dims"] == 1280
    assert embedding.identity()["weights_sha256"] == digest(ready)
    assert not cache.exists()


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"MODEL": "ResNet5000"}, "ResNet50,"),
        ({"MODEL": "ResNet50"}, "LOOKALIKE_EMBEDDING_WEIGHTS"),
        ({"SIDE": "320"}, "LOOKALIKE_EMBEDDING_SIDE"),
    ],
    ids=["unknown name", "unreachable download", "impossible side"],
)
def test_what_cannot_be_prepared_says_what_to_do(
    cache: Path, values: dict[str, str], told: str
) -> None:
    # The discard port: no download can succeed, whatever network the test runs in.
    proxies = dict.fromkeys(("https_proxy", "HTTPS_PROXY"), "http://127.0.0.1:9")
    environment = Environment({**settings(cache, **values).values, **proxies})
    with pytest.raises(ModelUnavailable, match=told):
        create(environment)
    assert not list(cache.rglob("*.tflite"))


@pytest.mark.parametrize("name", ["broken.keras", "broken.tflite"])
def test_a_broken_model_file_is_named(cache: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no model at all")
    with pytest.raises(ModelUnavailable, match=name):
        create(settings(cache, MODEL=str(tmp_path / name)))


def test_the_file_name_changes_with_whatever_decides_the_output(tmp_path: Path) -> None:
    model, cache = tmp_path / "own.keras", tmp_path / "cache"
    names = set()
    for content in (b"one", b"two"):
        model.write_bytes(content)
        for values in ({}, {"SIDE": "96"}, {"PIXEL_RANGE": "0..1"}):
            choice = ModelChoice.from_env(settings(cache, MODEL=str(model), **values))
            names.add(choice.converted_path())
    names.add(ModelChoice.from_env(settings(cache)).converted_path())
    assert len(names) == 7
    assert {name.parent for name in names} == {cache / "models"}


def test_a_cache_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    done = convert(settings(tmp_path / "file" / "below"))
    assert done.returncode == 2
    assert "cannot be stored" in done.stdout


def test_facts_are_readable(cache: Path) -> None:
    facts = facts_file(ModelChoice.from_env(Environment.current()).converted_path())
    assert json.loads(facts.read_bytes())["runtime"] == "litert"
