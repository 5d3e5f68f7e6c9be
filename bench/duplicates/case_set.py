"""Stored pictures and checks of one kind, with what is right about each: what `kinds` measures."""

import io
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from PIL import Image


@dataclass(frozen=True)
class PictureFile:
    """A picture file of a product's: the product's id, the file's bytes, and its suffix."""

    id: str
    data: bytes
    suffix: str = ".jpg"


@dataclass(frozen=True)
class KindCheck:
    """One picture to check.

    `copies` are the ids that must be called the same photo, `others` those that may be called
    either. Any other id must not be.
    """

    name: str
    data: bytes
    copies: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


@dataclass
class CaseSet:
    """The stored pictures and the checks of one kind."""

    stored: list[PictureFile] = field(default_factory=list)
    checks: list[KindCheck] = field(default_factory=list)


@dataclass(frozen=True)
class PictureKind:
    """A kind of picture that is hard to judge.

    `make` takes real pictures, how many instances to make, and a source of chance, and returns the
    case set; the same arguments give the same set. `at_most_missed` and `at_most_false` are shares.
    """

    name: str
    make: Callable[[Sequence[Path], int, random.Random], CaseSet]
    at_most_missed: float = 0.05
    at_most_false: float = 0.01


def jpeg(image: Image.Image, quality: int = 88) -> bytes:
    """Return a picture as a JPEG file."""
    file = io.BytesIO()
    image.convert("RGB").save(file, "JPEG", quality=quality)
    return file.getvalue()


def png(image: Image.Image) -> bytes:
    """Return a picture as a PNG file, with its transparency."""
    file = io.BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def open_picture(path: Path) -> Image.Image:
    """Return a picture file as RGB."""
    with Image.open(path) as image:
        return image.convert("RGB")
