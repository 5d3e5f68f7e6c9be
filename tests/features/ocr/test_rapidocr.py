"""RapidOCR: any way up, small type, strips, and what happens without time or models."""

import logging
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image

from features.errors import ModelUnavailable
from features.ocr import rapidocr, rapidocr_models
from features.ocr.rapidocr import RapidOcr
from features.ocr.rapidocr_models import Pixels, RapidOcrModels
from tests.support.drawn_words import written
from tests.support.pictures import load

SIGN = ["ポイ捨て禁止!", "NO LITTER", "清潔できれいな港区を", "港区 MINATO CITY"]


@pytest.fixture(scope="module")
def engine() -> RapidOcr:
    return RapidOcr(timeout_s=120)  # a busy machine must not look like a reader gone blind


def texts(engine: RapidOcr, pixels: Image.Image, *, quick: bool = False) -> list[str]:
    return [line.text for line in engine.read(pixels, "a test", quick=quick)]


@pytest.mark.parametrize("turn", [0, 90, 180, 270])
def test_text_is_read_whichever_way_up(engine: RapidOcr, turn: int) -> None:
    assert sorted(texts(engine, written("CARDAMOM", "りんご", turn=turn).pixels)) == [
        "CARDAMOM",
        "りんご",
    ]


@pytest.mark.parametrize("turn", [0, 180])
def test_upright_japanese_is_read(engine: RapidOcr, turn: int) -> None:
    columns = written("昆布だし", "天然水", upright=True, turn=turn).pixels
    assert set(texts(engine, columns)) == {"昆布だし", "天然水"}


def test_words_in_a_sign_are_read_in_both_scripts(engine: RapidOcr, shared_data: Path) -> None:
    sign = load(shared_data / "ocr" / "images" / "easy_japanese.jpg").pixels
    assert [text.replace(" ", "") for text in texts(engine, sign)] == [
        line.replace(" ", "") for line in SIGN
    ]


def test_a_tiny_picture_is_enlarged(engine: RapidOcr, shared_data: Path) -> None:
    assert texts(engine, load(shared_data / "ocr" / "images" / "pyt_test-small.jpg").pixels) == [
        "This"
    ]


def test_a_line_has_its_place_and_a_confidence(engine: RapidOcr) -> None:
    upper, lower = engine.read(written("Ginger", "Nutmeg").pixels, "a test")
    assert 0.9 < upper.confidence <= 1
    assert (upper.text, lower.text) == ("Ginger", "Nutmeg")
    assert upper.box.left < 0.5 < upper.box.right
    assert upper.box.top < 60 / 360 < upper.box.bottom < lower.box.top < 150 / 360


@pytest.mark.parametrize("size", [(640, 20), (20, 640), (3, 3), (1, 900), (700, 1)])
def test_blank_strips_and_specks_have_no_lines(engine: RapidOcr, size: tuple[int, int]) -> None:
    assert texts(engine, Image.new("RGB", size, "white")) == []


def test_a_strip_with_words_is_read(engine: RapidOcr) -> None:
    strip = written("A strip of words", size=30).pixels.crop((0, 42, 480, 78))
    assert texts(engine, strip) == ["A strip of words"]


def test_quick_reading_takes_the_largest_type(
    engine: RapidOcr, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rapidocr, "QUICK_LINES", 1)
    pixels = written("Thistle").pixels
    pixels.paste(written("small print", size=16).pixels.crop((150, 40, 330, 80)), (150, 200))
    assert texts(engine, pixels) == ["Thistle", "small print"]
    assert texts(engine, pixels, quick=True) == ["Thistle"]


def test_reading_without_time_keeps_what_was_read_and_is_named(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert RapidOcr(timeout_s=0).read(written("Ginger", "Nutmeg").pixels, "0af3") == []
    assert (
        "reading picture 0af3 took over 0 s of a core: 2 of its 2 lines are left out" in caplog.text
    )


def test_a_failure_is_named_and_keeps_what_was_read(
    engine: RapidOcr, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A stand-in, because no picture makes the real model fail.
    def read_or_fail(models: RapidOcrModels, pixels: Pixels) -> tuple[str, float]:
        text, confidence = read_line(models, pixels)
        if text == "Nutmeg":
            raise RuntimeError("no more memory")
        return text, confidence

    read_line = RapidOcrModels.read_line
    monkeypatch.setattr(RapidOcrModels, "read_line", read_or_fail)
    with caplog.at_level(logging.WARNING):
        lines = engine.read(written("Ginger", "Nutmeg").pixels, "0af3")
    assert [line.text for line in lines] == ["Ginger"]
    assert "reading picture 0af3 failed: no more memory" in caplog.text


def test_reading_logs_nothing_of_its_own(
    engine: RapidOcr, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(socket, "getaddrinfo", None)  # whoever asks for a host fails
    assert RapidOcr(timeout_s=120).read(written("Ginger").pixels, "a test")
    assert texts(engine, Image.new("RGB", (50, 50), "white")) == []
    assert capfd.readouterr() == ("", "")


def test_nothing_is_loaded_before_the_first_reading() -> None:
    code = (
        "import sys; from features.ocr.rapidocr import RapidOcr; RapidOcr(1); "
        "print({'rapidocr', 'onnxruntime', 'omegaconf'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_one_thread_reads_where_every_core_has_a_process() -> None:
    code = (
        "from core.threads import use_single_thread; use_single_thread(); "
        "from features.ocr.rapidocr import RapidOcr; print(RapidOcr(1)._threads)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n"


def test_missing_package_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ModelUnavailable, match="make install, or set LOOKALIKE_OCR_ENGINE"):
        RapidOcr(1)


def test_missing_model_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rapidocr_models, "RECOGNITION_MODEL", "absent.onnx")
    with pytest.raises(ModelUnavailable, match=r"absent\.onnx is missing: pip install"):
        RapidOcr(1)


def test_broken_model_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"no model")
    monkeypatch.setattr(rapidocr, "model_paths", lambda: (broken, broken))
    with pytest.raises(ModelUnavailable, match=r"cannot be loaded .*pip install"):
        RapidOcr(1).read(written("Ginger").pixels, "a test")
