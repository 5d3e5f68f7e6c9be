"""The steps by name, and their application to a picture.

On phone photos of groceries no step was worth its time (docs/benchmarks/street2shop.md).
Other photos may differ, so a search can name them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from PIL import Image

from core.errors import UnknownName
from features.base import Picture
from features.imaging.preparation.background import remove_background
from features.imaging.preparation.contrast import even_contrast
from features.imaging.preparation.denoise import denoise

STEPS: Mapping[str, Callable[[Image.Image], Image.Image]] = {
    "denoise": denoise,
    "contrast": even_contrast,
    "background": remove_background,
}

LONGEST_SIDE = 512
"""Pixels a picture is shrunk to first: models take about half of that, and steps are slow."""


def validate_steps(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names without repetitions; raises UnknownName for a step that does not exist."""
    for name in names:
        if name not in STEPS:
            raise UnknownName("preparation", name, STEPS)
    return tuple(dict.fromkeys(names))


def apply_steps(picture: Picture, names: Sequence[str]) -> Picture:
    """Return the picture after these steps, in order; without a checksum unless there are none."""
    if not names:
        return picture
    pixels = picture.pixels.copy()
    pixels.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC, reducing_gap=3.0)
    for name in validate_steps(names):
        pixels = STEPS[name](pixels)
    return replace(picture, pixels=pixels, sha256=None)
