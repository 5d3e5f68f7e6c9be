"""The text-to-image feature: words point where pictures lie, and wrong files are named."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import onnx
import pytest
from PIL import Image

from core.environment import Environment
from core.errors import InvalidSetting
from features import registry
from features.clip import input_preparation
from features.clip.feature import Clip, create
from features.errors import ModelUnavailable
from tests.support import dual_encoder
from tests.support.dual_encoder import LENGTH, OPEN_CLIP_PREPARED, PREPARED, SIDE
from tests.support.pictures import load, plain


def at(folder: Path) -> Environment:
    return Environment({"LOOKALIKE_CLIP_MODEL": str(folder)})


def made(folder: Path) -> Clip:
    clip = create(at(folder))
    assert clip is not None
    return clip


@pytest.fixture(scope="module")
def clip(tiny_clip: Path) -> Clip:
    return made(tiny_clip)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model of the test's own, to spoil."""
    return dual_encoder.write(tmp_path / "model")


@pytest.mark.parametrize("colour", ["red", "green", "blue"])
def test_words_are_nearest_to_the_picture_that_shows_them(clip: Clip, colour: str) -> None:
    names = ["red", "green", "blue", "white"]
    asked = clip.query_from_text(f"something {colour}")
    shown = clip.extract([plain(name) for name in names])
    assert np.linalg.norm(asked) == pytest.approx(1, abs=1e-6)
    nearest = min(zip(names, shown, strict=True), key=lambda each: clip.distance(asked, each[1]))
    assert nearest[0] == colour


def test_real_photos_are_ordered_by_what_words_say(clip: Clip, shared_data: Path) -> None:
    iconic = shared_data / "grocery" / "iconic"
    fruit = ["grocery-003_Red-Delicious.jpg", "grocery-001_Granny-Smith.jpg"]
    red, green = clip.extract([load(iconic / name) for name in fruit])
    asked = clip.query_from_text("Red")
    assert clip.distance(asked, red) < clip.distance(asked, green)


def test_every_layout_and_padding_gives_the_same_vectors(clip: Clip, tmp_path: Path) -> None:
    others = [
        made(dual_encoder.write_open_clip(tmp_path / "open_clip")),
        made(dual_encoder.write(tmp_path / "unmasked", masked=False)),
    ]
    picture = plain("teal")
    for other in others:
        assert np.allclose(
            other.query_from_text("blue green"), clip.query_from_text("blue green"), atol=1e-6
        )
        assert np.allclose(other.extract([picture]), clip.extract([picture]), atol=1e-6)


def test_words_beyond_the_models_length_are_left_out(clip: Clip) -> None:
    within = " ".join(["red"] * LENGTH)
    assert clip.query_from_text(f"{within} blue blue") == clip.query_from_text(within)


def test_a_middle_is_cut_as_resizing_and_cropping_would(shared_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "preprocessor_config.json"
    crop = {"size": {"shortest_edge": 40}, "crop_size": 32}
    path.write_text(json.dumps(PREPARED | crop))
    image = load(shared_data / "grocery" / "iconic" / "grocery-016_Orange.jpg").pixels
    image = image.resize((400, 200))
    middle = image.resize((80, 40), Image.Resampling.BICUBIC).crop((24, 4, 56, 36))
    expected = (np.asarray(middle, np.float32) / 255 - 0.5) / 0.5
    ours = input_preparation.load(path).apply(image)[0].transpose(1, 2, 0)
    assert ours.shape == (32, 32, 3)
    assert np.abs(ours - expected).max() <= 0.05


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("preprocessor_config.json", PREPARED | {"size": {"height": 8, "width": 8}}),
        ("preprocess_cfg.json", OPEN_CLIP_PREPARED | {"size": 8, "resize_mode": "squash"}),
    ],
)
def test_a_picture_is_squeezed_where_the_model_was_trained_so(
    tmp_path: Path, name: str, told: dict[str, object]
) -> None:
    path = tmp_path / name
    path.write_text(json.dumps(told))
    wide = Image.new("RGB", (300, 100), "white")
    wide.paste("black", (0, 0, 100, 100))
    planes = input_preparation.load(path).apply(wide)
    assert planes.shape == (1, 3, 8, 8)
    assert planes[0, 0, 4, 0] == pytest.approx(-1, abs=0.05)
    assert planes[0, 0, 4, 7] == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"image_mean": None}, "asks for what we do not know"),
        ({"size": {"height": 32, "width": 48}}, "no square"),
        ({"size": 0, "crop_size": 0}, "a crop of 0 out of 0"),
        ({"crop_size": 64}, "a crop of 64 out of 32"),
        ({"resample": 99}, "99"),
        ({"image_std": [0, 1, 1]}, "standard deviation"),
        ({"do_center_crop": False}, "square"),
    ],
)
def test_a_preparation_we_do_not_know_is_named(
    tmp_path: Path, told: dict[str, object], named: str
) -> None:
    path = tmp_path / "preprocessor_config.json"
    path.write_text(json.dumps(PREPARED | told))
    with pytest.raises(ModelUnavailable, match=named):
        input_preparation.load(path)


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        ("onnx/vision_model.onnx", "holds no encoder of pictures: one of onnx/vision_model.onnx"),
        ("onnx/text_model.onnx", "holds no encoder of words"),
        ("tokenizer.json", "holds no tokenizer: one of tokenizer.json"),
        ("preprocessor_config.json", "holds no description of how pictures are prepared"),
    ],
)
def test_a_missing_file_is_named(folder: Path, lost: str, named: str) -> None:
    (folder / lost).unlink()
    with pytest.raises(ModelUnavailable, match=named):
        create(at(folder))


@pytest.mark.parametrize(
    ("spoilt", "named"),
    [
        ("onnx/vision_model.onnx", "cannot be loaded as an ONNX model"),
        ("tokenizer.json", "is no tokenizer"),
        ("preprocessor_config.json", "cannot be read"),
        ("tokenizer_config.json", "cannot be read"),
    ],
)
def test_a_broken_file_is_named(folder: Path, spoilt: str, named: str) -> None:
    (folder / spoilt).write_text("what is this")
    with pytest.raises(ModelUnavailable, match=rf"{Path(spoilt).name} {named}"):
        create(at(folder))


@pytest.mark.parametrize(
    ("file", "model", "named"),
    [
        ("vision_model", dual_encoder.words(masked=True), "takes input_ids.*not one RGB picture"),
        ("text_model", dual_encoder.pictures(), "takes pixel_values.*not the numbers of tokens"),
        ("vision_model", dual_encoder.pictures(dims=6), "gives 6 numbers and that of words 4"),
        ("vision_model", dual_encoder.pictures(side=48), f"48 × 48.*{SIDE} × {SIDE}"),
    ],
)
def test_an_encoder_of_another_kind_is_named(
    folder: Path, file: str, model: onnx.ModelProto, named: str
) -> None:
    onnx.save(model, folder / "onnx" / f"{file}.onnx")
    with pytest.raises(ModelUnavailable, match=named):
        create(at(folder))


def test_a_missing_folder_is_named() -> None:
    with pytest.raises(ModelUnavailable, match="LOOKALIKE_CLIP_MODEL=/nowhere"):
        create(at(Path("/nowhere")))


@pytest.mark.parametrize("package", ["onnxruntime", "tokenizers"])
def test_a_missing_package_is_named(
    tiny_clip: Path, monkeypatch: pytest.MonkeyPatch, package: str
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(ModelUnavailable, match=f"pip install {package}"):
        create(at(tiny_clip))


def test_identity_follows_the_files_and_not_the_folder(clip: Clip, tmp_path: Path) -> None:
    moved = dual_encoder.write(tmp_path / "moved")
    assert made(moved).identity() == clip.identity()
    assert clip.identity()["dims"] == 4
    other = dual_encoder.write(tmp_path / "other", scale=2)
    assert made(other).identity() != clip.identity()


def test_weights_beside_the_model_are_part_of_its_identity(folder: Path, clip: Clip) -> None:
    vision = folder / "onnx" / "vision_model.onnx"
    stored = onnx.load(vision)
    onnx.save(
        stored,
        vision,
        save_as_external_data=True,
        location="vision_model.onnx_data",
        size_threshold=64,  # shapes stay inside, as exporters leave them
    )
    before = made(folder)
    assert before.extract([plain("red")]) == clip.extract([plain("red")])
    with (folder / "onnx" / "vision_model.onnx_data").open("ab") as file:
        file.write(b"\0")
    assert made(folder).identity() != before.identity()


def test_a_model_nobody_named_is_no_feature() -> None:
    assert create(Environment({})) is None
    with pytest.raises(InvalidSetting, match=r"LOOKALIKE_FEATURES names clip.*LOOKALIKE_CLIP_"):
        registry.load(Environment({"LOOKALIKE_FEATURES": "clip"}))


def test_two_models_may_be_held_side_by_side(clip: Clip, folder: Path, tmp_path: Path) -> None:
    other = dual_encoder.write(tmp_path / "other", scale=2)
    named = {"LOOKALIKE_CLIP_MODEL": str(folder), "LOOKALIKE_NEXT_CLIP_MODEL": str(other)}
    environment = Environment({**named, "LOOKALIKE_FEATURES": "clip"})
    (coming,) = registry.load_next(environment, registry.load(environment))
    assert isinstance(coming, Clip)
    assert coming.identity() != clip.identity()
    assert (coming.field, coming.with_field("clip_2").field) == ("clip", "clip_2")


UNSET = """
import sys
from features import registry
from core.environment import Environment
assert list(registry.load(Environment({"LOOKALIKE_FEATURES": "checksum"}))) == ["checksum"]
import features.clip.feature
assert features.clip.feature.create(Environment({})) is None
loaded = {"onnxruntime", "tokenizers"} & set(sys.modules)
assert not loaded, loaded
"""

SERVING = """
import os, sys
from concurrent.futures import ThreadPoolExecutor
from PIL import Image
from features.base import Picture
from features.clip.feature import create
from core.environment import Environment
clip = create(Environment({"LOOKALIKE_CLIP_MODEL": sys.argv[1]}))
picture = Picture(Image.new("RGB", (80, 60), "tomato"), 80, 60)
first = clip.extract([picture]), clip.query_from_text("red")
with ThreadPoolExecutor(6) as threads:
    both = lambda _: (clip.extract([picture]), clip.query_from_text("red"))
    many = list(threads.map(both, range(30)))
assert all(value == first for value in many)
if os.fork() == 0:
    os._exit(0 if (clip.extract([picture]), clip.query_from_text("red")) == first else 1)
assert os.wait()[1] == 0
"""


def run(code: str, *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return done.stderr if done.returncode else ""


def test_nothing_is_imported_where_it_is_not_set_up() -> None:
    assert run(UNSET) == ""


def test_serving_works_in_threads_and_forks(tiny_clip: Path) -> None:
    assert run(SERVING, str(tiny_clip)) == ""
