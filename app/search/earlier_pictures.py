"""Which part of which picture a search goes on with, of those that an earlier search sent."""

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from app.search.feature_cache import CachedQuery
from app.search.parameter_types import crop_text
from core.errors import InvalidQuery
from features.base import Box

WHOLE = Box(0, 0, 1, 1)


@dataclass(frozen=True)
class EarlierPart:
    """A part of an earlier picture: its place in that search, and its crop, "" for all of it.

    `is_other` says that the earlier search looked at another part, so that its features do not do.
    """

    place: int
    crop: str
    is_other: bool

    @property
    def box(self) -> Box | None:
        """The crop, None for all of the picture."""
        return Box.parse(self.crop) if self.crop else None


def part_text(crop: Box | None) -> str:
    """Return a crop as text, "" for the whole picture."""
    return "" if crop is None or crop == WHOLE else crop_text(crop)


def picture_parts(
    cached: CachedQuery, crops: Sequence[Box], numbers: Sequence[int]
) -> tuple[EarlierPart, ...]:
    """Return the parts to search with: pictures by their `numbers` from 1, or all of them.

    `crops` belong to these, in order; a picture without one stays as it was. Raises InvalidQuery
    for a picture that is not there.
    """
    count = len(cached.pictures)
    places = [number - 1 for number in numbers] or list(range(count))
    if any(place >= count for place in places):
        raise InvalidQuery(f"picture_number: the search had {count} pictures, from 1 to {count}")
    if len(crops) > len(places):
        raise InvalidQuery(f"{len(crops)} crops for {len(places)} pictures: send one per picture")
    former = cached.crops or ("",) * count
    parts = []
    for place, crop in zip_longest(places, crops):
        text = former[place] if crop is None else part_text(crop)
        parts.append(EarlierPart(place, text, text != former[place]))
    return tuple(parts)


def is_same_search(cached: CachedQuery, parts: Sequence[EarlierPart]) -> bool:
    """Say whether the parts are those that the earlier search looked at."""
    return len(parts) == len(cached.pictures) and not any(part.is_other for part in parts)


def part_query_id(cached: CachedQuery, parts: Sequence[EarlierPart]) -> str:
    """Return the id that the features of these parts are cached under: always the same.

    It is as hard to guess as the ids it is made of.
    """
    places = range(len(cached.pictures))
    photos = cached.photos or [f"{cached.query_id}/{place}" for place in places]
    plain = json.dumps([[photos[part.place], part.crop] for part in parts])
    digest = hashlib.sha256(plain.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
