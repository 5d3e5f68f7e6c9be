"""A detector by path: real files, made here, run by the real runtimes."""

import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from core.environment import Environment
from core.errors import InvalidSetting
from features.base import Box, Picture
from features.errors import ModelUnavailable
from features.regions.detector import Detector, create
from features.regions.finders import load
from tests.features.regions.tiny_detectors import write_classifier, write_onnx, write_tflite


def named(path: object) -> Environment:
    values = Environment.current().values
    return Environment({**values, "LOOKALIKE_REGIONS_MODEL": str(path)})


@pytest.fixture(scope="module", params=["onnx", "tflite"])
def detector(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Detector:
    path = tmp_path_factory.mktemp("models") / f"tiny.{request.param}"
    return create(named((write_onnx if request.param == "onnx" else write_tflite)(path)))


def red_in(width: int, height: int, *edges: float) -> Picture:
    """Return a grey picture with a red rectangle in these shares of it."""
    image = Image.new("RGB", (width, height), "grey")
    left, top, right, bottom = edges
    where = (left * width, top * height, right * width - 1, bottom * height - 1)
    ImageDraw.Draw(image).rectangle(where, fill="red")
    return Picture(image, width, height)


def test_what_is_detected_is_where_it_is(detector: Detector) -> None:
    (region,) = detector.find_regions(red_in(320, 320, 0.5, 0.25, 0.75, 0.5))
    assert region.box == Box(0.5, 0.25, 0.75, 0.5)
    assert region.score == pytest.approx(1, abs=0.1)
    assert region.label == "0"


def test_a_picture_that_is_not_square_is_not_distorted(detector: Detector) -> None:
    # It lies between two grey bars; the second cell of the first row in it spans half its height.
    (region,) = detector.find_regions(red_in(320, 160, 0.25, 0.0, 0.5, 0.5))
    assert region.box == Box(0.25, 0.0, 0.5, 0.5)


def test_the_surest_comes_first(detector: Detector) -> None:
    picture = red_in(320, 320, 0, 0, 0.25, 0.25)
    ImageDraw.Draw(picture.pixels).rectangle((240, 240, 319, 319), fill=(255, 100, 100))
    first, second = detector.find_regions(picture)
    assert first.score > second.score
    assert second.box == Box(0.75, 0.75, 1, 1)


def test_nothing_is_found_where_nothing_is(detector: Detector) -> None:
    assert detector.find_regions(Picture(Image.new("RGB", (50, 90), "grey"), 50, 90)) == []


def test_a_detector_is_used_alone_when_there_is_one(tmp_path: Path) -> None:
    finders = load(named(write_onnx(tmp_path / "tiny.onnx")))
    assert [finder.name for finder in finders.finders] == ["detector"]
    picture = red_in(320, 320, 0.5, 0.25, 0.75, 0.5)
    assert [region.label for region in finders.find_regions(picture, 5)] == ["0"]


@pytest.mark.parametrize("name", ["broken.onnx", "broken.tflite"])
def test_a_broken_file_is_named(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"no model at all")
    with pytest.raises(ModelUnavailable, match=f"{name} is no"):
        create(named(tmp_path / name))


def test_a_file_of_another_kind_is_named(tmp_path: Path) -> None:
    (tmp_path / "yolo.pt").write_bytes(b"PK")
    with pytest.raises(ModelUnavailable, match=r"yolo\.pt is neither an \.onnx nor a \.tflite"):
        create(named(tmp_path / "yolo.pt"))


def test_a_model_that_detects_nothing_is_named_with_its_output(tmp_path: Path) -> None:
    with pytest.raises(ModelUnavailable, match=r"classes\.onnx puts out \(1, 3\)"):
        create(named(write_classifier(tmp_path / "classes.onnx")))


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ModelUnavailable, match=r"/nowhere/tiny\.onnx cannot be read"):
        create(named("/nowhere/tiny.onnx"))


def test_a_missing_runtime_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = named(write_onnx(tmp_path / "tiny.onnx"))
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ModelUnavailable, match=r"pip install 'lookalike\[detector\]'"):
        create(environment)


def test_a_detector_without_a_path_is_told_which_setting_it_lacks() -> None:
    environment = Environment({**Environment.current().values, "LOOKALIKE_REGIONS": "detector"})
    with pytest.raises(InvalidSetting, match="LOOKALIKE_REGIONS_MODEL"):
        load(environment)
