"""Training every layer: two epochs of a tiny net, and a Keras file the embedding takes."""

from collections.abc import Sequence
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from features.embedding import backbone
from features.embedding.model_choice import ModelChoice
from features.embedding.training import autoencoder, fine_tuning
from features.embedding.training.autoencoder import AutoencoderConfig
from features.embedding.training.fine_tuning import FineTuningConfig
from features.embedding.training.training_pictures import TrainingPictures, augment, paired_batches
from features.errors import ModelUnavailable
from features.imaging.decode import decode

SIDE = 32

pytestmark = pytest.mark.filterwarnings(
    # Keras 3.15 asks TensorFlow's variables for arrays in a way that numpy 2 frowns at.
    "ignore:__array__ implementation doesn't accept a copy keyword:DeprecationWarning"
)


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Twelve noisy pictures of two colours, in turn."""
    chance = np.random.default_rng(1)
    made = []
    for number in range(12):
        pixels = np.full((40, 48, 3), 100, np.uint8)
        pixels[..., number % 2] += 40
        pixels += chance.integers(0, 60, pixels.shape, np.uint8)
        made.append(tmp_path / f"{number}.png")
        Image.fromarray(pixels).save(made[-1])
    return made


def pictures(files: Sequence[Path]) -> TrainingPictures:
    return TrainingPictures(files, np.arange(len(files)) % 2, decode, SIDE)


def tiny() -> keras.Model:
    keras.utils.set_random_seed(1)
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.Conv2D(8, 3, 4, activation="relu"),
            keras.layers.GlobalAveragePooling2D(),
        ]
    )


def chosen(path: Path, pixel_range: str = "0..255") -> ModelChoice:
    return ModelChoice(str(path), "", None, pixel_range, path.parent)


@pytest.mark.parametrize("loss", ["contrastive", "siamese", "triplet"])
def test_two_epochs_train_every_layer_and_the_file_is_a_model(
    files: list[Path], tmp_path: Path, loss: str
) -> None:
    model, told = tiny(), list[float]()
    before = [np.array(weight) for weight in model.get_weights()]
    schedule = FineTuningConfig(loss=loss, epochs=2, batch=6, rate=1e-2)
    fine_tuning.fine_tune(model, pictures(files), schedule, lambda _, one: told.append(one))
    assert told[1] < told[0]
    assert all((a != b).any() for a, b in zip(before, model.get_weights(), strict=True))
    path = tmp_path / "made" / "tuned.keras"
    fine_tuning.save(model, path)
    assert [one.name for one in path.parent.iterdir()] == ["tuned.keras"]
    ready = backbone.build(chosen(path))
    seen = pictures(files).framed([0])
    assert np.allclose(ready.embed(seen), model(seen, training=False), atol=1e-5)


def test_how_long_it_would_take_is_told_without_touching_the_model(files: list[Path]) -> None:
    model = tiny()
    before = model.get_weights()
    one = fine_tuning.estimate_seconds(model, pictures(files), FineTuningConfig(epochs=1))
    many = fine_tuning.estimate_seconds(model, pictures(files), FineTuningConfig(epochs=100_000))
    assert 0 < one < many
    assert all((a == b).all() for a, b in zip(before, model.get_weights(), strict=True))


def test_a_model_of_another_pixel_range_is_trained_as_it_is_asked(tmp_path: Path) -> None:
    path = tmp_path / "own.keras"
    keras.Sequential([keras.Input((8, 8, 3)), keras.layers.GlobalAveragePooling2D()]).save(path)
    model = fine_tuning.load_trainable(chosen(path, "-1..1"))
    white = np.full((1, 8, 8, 3), 255, np.float32)
    assert np.asarray(model(white)).tolist() == [[1.0, 1.0, 1.0]]


@pytest.mark.parametrize("name", ["ResNet50", "model.tflite"])
def test_a_model_that_cannot_be_trained_is_named(tmp_path: Path, name: str) -> None:
    if name.endswith(".tflite"):
        (tmp_path / name).write_bytes(b"model")
        name = str(tmp_path / name)
    choice = ModelChoice(name, "", None, "0..255", tmp_path)
    with pytest.raises(ModelUnavailable, match="cannot be trained"):
        fine_tuning.load_trainable(choice)


def test_an_autoencoder_learns_to_draw_and_its_encoder_is_a_model(
    files: list[Path], tmp_path: Path
) -> None:
    told: list[float] = []
    shape = AutoencoderConfig(side=SIDE, dims=16, channels=8, epochs=4, batch=6, rate=1e-2)
    encoder, error = autoencoder.train(pictures(files), shape, lambda _, one: told.append(one))
    assert told[-1] == error < told[0]
    path = tmp_path / "encoder.keras"
    fine_tuning.save(encoder, path)
    ready = backbone.build(chosen(path))
    seen = pictures(files).framed([0, 1])
    assert (ready.side, ready.embed(seen).shape) == (SIDE, (2, 16))
    assert np.allclose(ready.embed(seen), encoder(seen), atol=1e-5)


def test_a_batch_holds_pairs_and_an_epoch_every_picture_once() -> None:
    labels = np.repeat(np.arange(20), 4)
    batches = list(paired_batches(labels, 8, np.random.default_rng(1)))
    assert sorted(np.concatenate(batches).tolist()) == list(range(80))
    assert all(np.unique(labels[one], return_counts=True)[1].min() >= 2 for one in batches)


def test_a_picture_is_altered_within_itself() -> None:
    image = Image.fromarray(np.full((30, 40, 3), 7, np.uint8))
    for seed in range(20):
        part = augment(image, np.random.default_rng(seed))
        assert (24 <= part.width <= 40, 18 <= part.height <= 30) == (True, True)
        assert set(np.unique(part)) == {7}
