"""Runs Tesseract, and keeps the words that it is sure of."""

import logging
import os
from collections.abc import Sequence

import pytesseract
from PIL import Image

from features.errors import ModelUnavailable
from features.ocr.text import has_letter_or_digit, join_words, normalise

ORIENTATION_DATA = "osd"
"""Tesseract's data for finding which way up a page is; `--psm 12` needs it."""

CONFIG = "--psm 12"
"""Sparse text in no particular order, either way up: words on things, not columns on pages."""

READABLE_SIDE = 1200
MAX_ENLARGEMENT = 4
"""Tesseract was trained on letters of 20 to 40 pixels; in a 400-pixel picture they are ten."""

MIN_CONFIDENCE = 50
"""Of 100. Below it, a word is more likely wrong than right by Tesseract's own estimate."""

NICENESS = 5
"""Reading takes seconds of a core, and searches must not wait for it."""

log = logging.getLogger(__name__)


class Tesseract:
    """Reads text in some languages, each picture in a process of its own. Thread-safe."""

    def __init__(self, languages: Sequence[str], timeout_s: float) -> None:
        """Raise ModelUnavailable, with the line to type, where Tesseract or data is missing."""
        self._languages = "+".join(languages)
        self._timeout_s = timeout_s
        try:
            installed = pytesseract.get_languages()
        except pytesseract.TesseractNotFoundError:
            installed = []
        missing = [
            language for language in (*languages, ORIENTATION_DATA) if language not in installed
        ]
        if missing:
            packages = ("tesseract-ocr-" + name.lower().replace("_", "-") for name in missing)
            raise ModelUnavailable(
                f"Tesseract, or its data for {', '.join(missing)}, is missing: "
                f"apt-get install tesseract-ocr {' '.join(packages)}"
            )
        # Tesseract's threads gain little and slow the other readings down. pytesseract gives its
        # children this process's environment and takes no other; nothing else here uses OpenMP.
        os.environ.setdefault("OMP_THREAD_LIMIT", "1")

    def read(self, picture: Image.Image, label: str) -> str:
        """Return the text, line by line; '' where no word is certain enough.

        A picture that takes too long, or that Tesseract fails on, is logged under `label` and
        reads as ''.
        """
        grey = picture.convert("L")
        enlarge = min(MAX_ENLARGEMENT, READABLE_SIDE / max(grey.size))
        if enlarge > 1:
            size = (round(grey.width * enlarge), round(grey.height * enlarge))
            grey = grey.resize(size, Image.Resampling.BICUBIC)
        grey.format = "BMP"  # handed over in a file: packing a PNG would gain nothing
        try:
            data = pytesseract.image_to_data(
                grey,
                lang=self._languages,
                config=CONFIG,
                nice=NICENESS,
                timeout=self._timeout_s,
                output_type=pytesseract.Output.DICT,
            )
        except RuntimeError as error:  # TesseractError, or pytesseract's own for a timeout
            log.warning("no text read in picture %s: %s", label, error)
            return ""
        return _lines(data)


def _lines(data: dict[str, list[str | int]]) -> str:
    lines: dict[tuple[str | int, ...], list[str]] = {}
    places = zip(data["block_num"], data["par_num"], data["line_num"], strict=True)
    for place, text, confidence in zip(places, data["text"], data["conf"], strict=True):
        word = normalise(str(text))
        if float(confidence) >= MIN_CONFIDENCE and has_letter_or_digit(word):
            lines.setdefault(place, []).append(word)
    return "\n".join(join_words(words) for words in lines.values())
