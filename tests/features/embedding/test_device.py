"""The same model in TensorFlow gives the same vectors, several pictures at once."""

from pathlib import Path

import numpy as np
import pytest

from core.environment import Environment
from features.embedding import device
from features.embedding.feature import Embedding, load_model
from features.embedding.framing import EmbeddingFraming
from features.embedding.image_model import BatchModel
from features.embedding.litert import LiteRTModel
from features.embedding.model_choice import ModelChoice
from features.errors import ModelUnavailable
from tests.support.pictures import clothing


@pytest.fixture(scope="module")
def choice() -> ModelChoice:
    return ModelChoice.from_env(Environment.current())


@pytest.fixture(scope="module")
def converted(choice: ModelChoice) -> LiteRTModel:
    return load_model(Environment.current(), choice)


@pytest.mark.parametrize("views", [1, 5])
def test_vectors_in_tensorflow_are_those_of_the_converted_model(
    choice: ModelChoice, converted: LiteRTModel, shared_data: Path, views: int
) -> None:
    from features.embedding.tensorflow_model import TensorFlowModel

    model = TensorFlowModel(choice, converted)
    assert isinstance(model, BatchModel)
    pictures = clothing(shared_data, 5)
    framing = EmbeddingFraming(converted.side)
    here, there = (Embedding(one, framing, {}, views=views) for one in (converted, model))
    assert there.mapping() == here.mapping()
    vectors = np.asarray(here.extract(pictures)), np.asarray(there.extract(pictures))
    assert (np.sum(vectors[0] * vectors[1], axis=1) > 0.99999).all()
    (alone,) = there.extract(pictures[:1])
    assert np.dot(alone, vectors[1][0]) > 0.99999


def test_a_gpu_that_is_not_there_is_named(
    choice: ModelChoice, converted: LiteRTModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("features.embedding.tensorflow_model.has_gpu", lambda: False)
    demanded = Environment({device.VARIABLE: "gpu"})
    with pytest.raises(ModelUnavailable, match="LOOKALIKE_EMBEDDING_DEVICE=gpu"):
        device.model_on_device(demanded, choice, converted)


@pytest.mark.parametrize("wish", ["cpu", "auto", ""])
def test_without_a_gpu_the_converted_model_runs(
    choice: ModelChoice,
    converted: LiteRTModel,
    wish: str,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.setattr(device, "NVIDIA", tmp_path / "nvidia0")
    environment = Environment({device.VARIABLE: wish})
    assert device.model_on_device(environment, choice, converted) is converted
