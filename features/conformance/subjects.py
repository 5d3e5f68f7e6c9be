"""What the tests of a contract are given, and how they compare values."""

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image

from features.base import ClauseContext, Feature, Json, Picture
from features.conformance.example_pictures import example_pictures


class PictureFixtures:
    """The pictures that the tests extract from."""

    @pytest.fixture(scope="class")
    @classmethod
    def pictures(cls) -> list[Picture]:
        """Return two pictures that say something to the feature, each something else.

        A plug-in that sees nothing in these overrides the fixture.
        """
        return example_pictures()


def blank_picture(size: tuple[int, int]) -> Picture:
    """Return a red picture of this size, which has no file."""
    return Picture(Image.new("RGB", size, "red"), *size)


def context_of(feature: Feature) -> ClauseContext:
    """Return the context of a plain query of the feature."""
    return ClauseContext(f"images.{feature.name}")


def find_key(value: Json, key: str) -> Iterator[Any]:
    """Yield what stands under a key, anywhere inside a JSON value."""
    match value:
        case dict():
            yield from (inner for name, inner in value.items() if name == key)
            for inner in value.values():
                yield from find_key(inner, key)
        case list():
            for inner in value:
                yield from find_key(inner, key)


def is_alike(a: Json, b: Json) -> bool:
    """Return whether two values are equal but for the last digits of a batch's arithmetic."""
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(is_alike(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(is_alike(x, y) for x, y in zip(a, b, strict=True))
    return bool(a == pytest.approx(b, abs=1e-4)) if isinstance(a, float) else bool(a == b)
