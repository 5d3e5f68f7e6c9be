"""Pictures that are numbers: one small file each, and a vector that a model sees in it."""

import hashlib
import io
from collections.abc import Mapping, Sequence
from functools import cache

from PIL import Image

from features.base import ClauseContext, Json, Picture

PRESENT, NEXT = "one", "second"
"""Names of the model that is in service at first, and of the next one."""


def other_model(model: str) -> str:
    """Return the name of the other model."""
    return NEXT if model == PRESENT else PRESENT


MOST = 9
"""Highest number of a picture; the lowest is 1."""


@cache
def picture_file(number: int) -> bytes:
    """Return the file of a picture: a PNG whose colour is its number."""
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (number, 1, 1)).save(file, "PNG")
    return file.getvalue()


@cache
def image_ids() -> Mapping[str, int]:
    """Return image id → number."""
    return {hashlib.sha256(picture_file(n)).hexdigest(): n for n in range(1, MOST + 1)}


@cache
def image_id(number: int) -> str:
    """Return the image id of a number's file."""
    return hashlib.sha256(picture_file(number)).hexdigest()


class NumberedVector:
    """A vector of a picture's colour, as a model of this name sees it."""

    name = "tone"
    version = 1
    default_weight = 1.0
    proposes_candidates = False

    def __init__(self, model: str, field: str = "tone") -> None:
        self.model = model
        self.field = field

    def with_field(self, field: str) -> "NumberedVector":
        """Return this feature with its values in another field."""
        return NumberedVector(self.model, field)

    def identity(self) -> dict[str, Json]:
        """Return the model."""
        return {"model": self.model}

    def mapping(self) -> Json:
        """Return the field's mapping."""
        return {"type": "dense_vector", "dims": 3, "similarity": "l2_norm"}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return a vector per picture."""
        numbers = [picture.pixels.getpixel((4, 4)) for picture in pictures]
        return [self.value(colour[0]) for colour in numbers if isinstance(colour, tuple)]

    def value(self, number: int) -> list[float]:
        """Return what the model sees in the picture of a number."""
        return [float(number), float(len(self.model)), 1.0]

    def clause(self, value: Json, context: ClauseContext) -> Json:
        """Return a clause that scores the nearest highest."""
        source = f"1 / (1 + l2norm(params.v, '{context.field}'))"
        return {
            "script_score": {
                "query": {"exists": {"field": context.field}},
                "script": {"source": source, "params": {"v": value}},
            }
        }
