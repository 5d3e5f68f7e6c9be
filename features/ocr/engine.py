"""The protocol of engines that read text: lines with their places and confidences."""

from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from features.base import Box


@dataclass(frozen=True)
class TextLine:
    """A line of text in NFKC as it stands in a picture.

    `box` holds it, upright, however the text is turned. `confidence` is the engine's own estimate,
    0 to 1, and comparable within one engine only.
    """

    text: str
    box: Box
    confidence: float


class TextEngine(Protocol):
    """Reads the text in pictures. Thread-safe."""

    name: str
    """What LOOKALIKE_OCR_ENGINE calls it."""

    min_confidence: float
    """The confidence from which its lines count as words for others to find."""

    def read(self, picture: Image.Image, label: str, *, quick: bool = False) -> list[TextLine]:
        """Return the lines from top to bottom.

        `quick` is for somebody who waits: small type may be left out. A picture that takes too
        long, or that the engine fails on, is logged under `label`, and has the lines that were
        read until then.
        """
        ...
