"""Reads with Tesseract, each picture in a process of its own, in any language it has data for."""

import logging
import os
from collections.abc import Iterator, Mapping, Sequence

import pytesseract
from PIL import Image

from features.base import Box
from features.errors import ModelUnavailable
from features.ocr.engine import TextLine
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

log = logging.getLogger(__name__)


class Tesseract:
    """Reads text in some languages. A crash or a leak costs one picture."""

    name = "tesseract"
    min_confidence = MIN_CONFIDENCE / 100

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

    def read(self, picture: Image.Image, label: str, *, quick: bool = False) -> list[TextLine]:
        """Return the lines as `TextEngine` says; `quick` changes nothing."""
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
                timeout=self._timeout_s,
                output_type=pytesseract.Output.DICT,
            )
        except RuntimeError as error:  # TesseractError, or pytesseract's own for a timeout
            log.warning("no text read in picture %s: %s", label, error)
            return []
        return list(_lines(data, grey.size))


def _lines(data: Mapping[str, Sequence[str | int]], size: tuple[int, int]) -> Iterator[TextLine]:
    places = zip(data["block_num"], data["par_num"], data["line_num"], strict=True)
    rows: dict[tuple[str | int, ...], list[int]] = {}
    for at, (place, text, percent) in enumerate(
        zip(places, data["text"], data["conf"], strict=True)
    ):
        if float(percent) >= MIN_CONFIDENCE and has_letter_or_digit(normalise(str(text))):
            rows.setdefault(place, []).append(at)
    for row in rows.values():
        words = [normalise(str(data["text"][at])) for at in row]
        confidence = sum(float(data["conf"][at]) for at in row) / len(row) / 100
        yield TextLine(join_words(words), _box(data, row, size), confidence)


def _box(data: Mapping[str, Sequence[str | int]], row: Sequence[int], size: tuple[int, int]) -> Box:
    """Return the box around the words of a row, in shares of the picture of this size."""
    width, height = size
    left = min(max(0, int(data["left"][at])) for at in row)
    top = min(max(0, int(data["top"][at])) for at in row)
    right = max(int(data["left"][at]) + max(1, int(data["width"][at])) for at in row)
    bottom = max(int(data["top"][at]) + max(1, int(data["height"][at])) for at in row)
    return Box(left / width, top / height, min(1.0, right / width), min(1.0, bottom / height))
