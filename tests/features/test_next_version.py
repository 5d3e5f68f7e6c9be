"""The next version of a feature, as LOOKALIKE_NEXT_* describe it."""

import os
from pathlib import Path
from typing import Any

import pytest

from core.environment import Environment
from core.errors import InvalidSetting
from features import registry
from features.base import Feature
from features.capabilities import Identified
from tests.support import tiny_models


def coming(**values: str) -> tuple[Feature, ...]:
    environment = Environment({**os.environ, "LOOKALIKE_FEATURES": "embedding,pdq", **values})
    return registry.load_next(environment, registry.load(environment))


def identity(feature: Feature) -> dict[str, Any]:
    assert isinstance(feature, Identified)
    return feature.identity()


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    return tiny_models.make(tmp_path_factory.mktemp("models"))


def test_without_settings_nothing_comes_next(models: tuple[Path, Path]) -> None:
    assert coming(LOOKALIKE_EMBEDDING_MODEL=str(models[0])) == ()


def test_a_next_model_has_nothing_of_the_present_ones_settings(models: tuple[Path, Path]) -> None:
    (feature,) = coming(
        LOOKALIKE_EMBEDDING_MODEL=str(models[0]),
        LOOKALIKE_EMBEDDING_PIXEL_RANGE="0..1",
        LOOKALIKE_NEXT_EMBEDDING_MODEL=str(models[1]),
    )
    told = identity(feature)
    assert (told["model"], told["dims"]) == ("two.tflite", 24)
    assert told["preprocessing"]["pixels"] == "0..255"


def test_without_a_model_only_what_is_set_differs(models: tuple[Path, Path]) -> None:
    (feature,) = coming(
        LOOKALIKE_EMBEDDING_MODEL=str(models[0]),
        LOOKALIKE_NEXT_EMBEDDING_PIXEL_RANGE="-1..1",
    )
    told = identity(feature)
    assert (told["model"], told["preprocessing"]["pixels"]) == ("one.tflite", "-1..1")


def test_a_feature_that_has_one_way_of_seeing_has_no_next_one(models: tuple[Path, Path]) -> None:
    with pytest.raises(InvalidSetting, match="pdq cannot be held twice"):
        coming(LOOKALIKE_EMBEDDING_MODEL=str(models[0]), LOOKALIKE_NEXT_PDQ_SIDE="1")
