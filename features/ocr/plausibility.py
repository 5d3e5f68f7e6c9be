"""Tells lines of text from textures that an engine takes for letters.

Buttons, folds and fruit are read as a lone `0`, `V` or 福, at times with confidence .99, and small
print as words that do not exist, with less. Such readings stay with their picture, but no search
finds it by them. No dictionary is asked: names of brands and of products are in none.
"""

from features.ocr.engine import TextLine


def is_plausible(line: TextLine, min_confidence: float) -> bool:
    """Return whether a line counts as words that others may search for.

    It takes the confidence and two different letters or digits.
    """
    telling = {character for character in line.text.casefold() if character.isalnum()}
    return len(telling) > 1 and line.confidence >= min_confidence
