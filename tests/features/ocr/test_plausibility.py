"""Textures that an engine takes for letters are no words."""

import pytest

from features.base import Box
from features.ocr.engine import TextLine
from features.ocr.plausibility import is_plausible


@pytest.mark.parametrize(
    ("text", "confidence"), [("VERBENA", 0.99), ("抹茶", 0.9), ("7714", 0.85), ("GB", 0.9)]
)
def test_words_and_numbers_count(text: str, confidence: float) -> None:
    assert is_plausible(TextLine(text, Box(0, 0, 1, 1), confidence), 0.85)


@pytest.mark.parametrize(
    ("text", "confidence"), [("0", 0.93), ("V", 0.98), ("甲", 0.99), ("OoO", 0.99), ("WTH", 0.81)]
)
def test_lone_letters_rows_of_one_and_guesses_do_not(text: str, confidence: float) -> None:
    assert not is_plausible(TextLine(text, Box(0, 0, 1, 1), confidence), 0.85)
