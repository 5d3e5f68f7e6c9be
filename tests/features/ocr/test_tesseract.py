"""Tesseract, behind the same seam."""

import logging
from pathlib import Path

import pytesseract
import pytest

from features.base import Picture
from features.errors import ModelUnavailable
from features.ocr.tesseract import Tesseract
from tests.support.drawn_words import written
from tests.support.pictures import load, plain

LANGUAGES = ("eng", "jpn")


@pytest.fixture
def engine() -> Tesseract:
    return Tesseract(LANGUAGES, timeout_s=120)


@pytest.fixture
def phototest(shared_data: Path) -> Picture:
    return load(shared_data / "ocr" / "images" / "pyt_test.png")


def test_a_line_has_its_place_and_a_confidence(engine: Tesseract) -> None:
    upper, lower = engine.read(written("Ginger tea", "Nutmeg").pixels, "a test")
    assert 0.5 <= upper.confidence <= 1
    assert (upper.text, lower.text) == ("Ginger tea", "Nutmeg")
    assert upper.box.left < 0.5 < upper.box.right
    assert upper.box.top < 60 / 360 < upper.box.bottom < lower.box.top < 150 / 360


def test_blank_picture_has_no_lines(engine: Tesseract) -> None:
    assert engine.read(plain("navy").pixels, "a test") == []


def test_reading_that_takes_too_long_is_named_and_has_no_text(
    phototest: Picture, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        assert Tesseract(LANGUAGES, timeout_s=0.01).read(phototest.pixels, "0af3") == []
    assert "no text read in picture 0af3: Tesseract process timeout" in caplog.text


def test_failed_reading_is_named_and_ran_on_one_thread(
    phototest: Picture,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    # A stand-in, because no picture makes the real program fail on every version of it.
    monkeypatch.setenv("OMP_THREAD_LIMIT", "")
    monkeypatch.delenv("OMP_THREAD_LIMIT")
    engine = Tesseract(LANGUAGES, timeout_s=120)
    engine.read(plain("white").pixels, "")  # asks for the version once, of the real program
    program = tmp_path / "tesseract"
    program.write_text('#!/bin/sh\necho "threads: $OMP_THREAD_LIMIT" >&2\nexit 1\n')
    program.chmod(0o755)
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", str(program))
    with caplog.at_level(logging.WARNING):
        assert engine.read(phototest.pixels, "0af3") == []
    assert "threads: 1" in caplog.text


def test_missing_language_says_what_to_type() -> None:
    with pytest.raises(ModelUnavailable, match="apt-get install tesseract-ocr tesseract-ocr-xx-yy"):
        Tesseract(("eng", "xx_yy"), 20)


def test_missing_tesseract_says_what_to_type(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "/nowhere/tesseract")
    with pytest.raises(ModelUnavailable, match="apt-get install tesseract-ocr tesseract-ocr-eng"):
        Tesseract(LANGUAGES, 20)
