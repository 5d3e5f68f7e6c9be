"""LOOKALIKE_OCR_ENGINE decides who reads."""

import pytesseract
import pytest

from core.environment import Environment
from core.errors import InvalidSetting
from features.ocr.choice import create_engine


@pytest.mark.parametrize(
    ("setting", "name"), [("", "rapidocr"), ("rapidocr", "rapidocr"), ("tesseract", "tesseract")]
)
def test_the_engine_is_chosen(setting: str, name: str) -> None:
    assert create_engine(Environment({"LOOKALIKE_OCR_ENGINE": setting})).name == name


def test_an_unknown_engine_is_refused_with_the_choices() -> None:
    with pytest.raises(InvalidSetting, match="'abacus' is not one of rapidocr, tesseract"):
        create_engine(Environment({"LOOKALIKE_OCR_ENGINE": "abacus"}))


def test_the_default_needs_no_tesseract(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pytesseract.pytesseract, "tesseract_cmd", "/nowhere/tesseract")
    assert create_engine(Environment({})).name == "rapidocr"
