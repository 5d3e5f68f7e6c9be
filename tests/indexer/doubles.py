"""Features small enough to count, and slow ones that die when a picture tells them to."""

import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence

from features.base import ClauseContext, Feature, Json, Picture

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def tone(picture: Picture) -> tuple[int, int, int]:
    """Return the colour in the middle, as exact as PNG keeps it."""
    found = picture.pixels.getpixel((picture.pixels.width // 2, picture.pixels.height // 2))
    assert isinstance(found, tuple)
    return int(found[0]), int(found[1]), int(found[2])


class Tone:
    """A vector of the picture's colour; counts what it extracts and stumbles over blue."""

    name = "tone"
    version = 1
    default_weight = 1.0
    proposes_candidates = False

    def __init__(self) -> None:
        self.extracted = 0
        self._lock = threading.Lock()

    def mapping(self) -> Json:
        return {"type": "dense_vector", "dims": 3, "similarity": "l2_norm"}

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        if any(tone(picture) == BLUE for picture in pictures):
            raise ZeroDivisionError("blue")
        with self._lock:
            self.extracted += len(pictures)
        return [None if tone(p) == WHITE else [float(c) for c in tone(p)] for p in pictures]

    def clause(self, value: Json, context: ClauseContext) -> Json:
        return {"exists": {"field": context.field}}


class Words:
    """Slow words: red pictures hold some, green ones kill the process that reads them."""

    name = "words"
    version = 1
    default_weight = 1.0
    proposes_candidates = False

    def mapping(self) -> Json:
        return {"type": "keyword"}

    def is_worthwhile(self, picture: Picture) -> bool:
        return tone(picture) in (RED, GREEN)

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        if any(tone(picture) == GREEN for picture in pictures):
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.2)
        return ["red"] * len(pictures)

    def clause(self, value: Json, context: ClauseContext) -> Json:
        return {"term": {context.field: value}}


def slow() -> Mapping[str, Feature]:
    """Build the slow features; run in their worker processes."""
    return {"words": Words()}
