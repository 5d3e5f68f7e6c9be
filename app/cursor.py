"""Opaque page cursors: which remembered query, and after which hit the next page begins."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass

from features.base import Json
from features.errors import InvalidQuery

LONGEST = 4096


@dataclass(frozen=True)
class Cursor:
    """Where a next page begins.

    `picture` is the query id whose pictures it goes on with, `model` tags the models that answered;
    '' where none was asked.
    """

    after: tuple[Json, ...]
    picture: str | None = None
    page: int = 2
    model: str = ""

    def encode(self) -> str:
        """Return the cursor as URL-safe text."""
        plain = json.dumps(
            [list(self.after), self.picture, self.page, self.model], separators=(",", ":")
        )
        return base64.urlsafe_b64encode(plain.encode()).decode().rstrip("=")


def decode(text: str) -> Cursor:
    """Return the cursor; raises InvalidQuery for text that `encode` never made."""
    try:
        if len(text) > LONGEST:
            raise ValueError("too long")
        padded = text + "=" * (-len(text) % 4)
        after, picture, page, model = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        known = picture if picture is None else str(picture)
        return Cursor(_position(after), known, int(page), str(model))
    except (ValueError, TypeError, binascii.Error, RecursionError) as error:
        raise InvalidQuery("the cursor is not one of ours; begin again without it") from error


def _position(after: Sequence[Json]) -> tuple[Json, ...]:
    score, key = after
    if isinstance(score, bool) or not isinstance(score, int | float) or not isinstance(key, str):
        raise TypeError("not a sort position")
    return (score, key)
