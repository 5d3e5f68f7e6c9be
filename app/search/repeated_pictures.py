"""The features of pictures that come again: a screenshot that is passed around, a demo's sample.

A picture is known by a digest of its bytes, of the part that is looked at, and of what is extracted
how. Nothing tells the picture from its digest. Values of another model are never found.
"""

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence

from app.search.feature_cache import QueryFeatureCache
from app.search.photo_store import PhotoStore
from app.search.query_extractor import ExtractedFeatures
from app.search.search_parameters import SearchParameters


def picture_key(
    data: bytes, crop: str, names: Sequence[str], parameters: SearchParameters, choice: str
) -> str:
    """Return the key of a picture's features: 22 letters, equal for equal bytes and questions."""
    how = json.dumps([crop, sorted(names), parameters.prepare, parameters.accurate, choice])
    digest = hashlib.sha256(hashlib.sha256(data).digest() + how.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


class RepeatedPictures:
    """Features of uploads by the digest of their bytes, until they expire."""

    def __init__(self, cache: QueryFeatureCache, photo_store: PhotoStore) -> None:
        self._cache = cache
        self._photo_store = photo_store

    def find(self, key: str, photo_name: str = "") -> tuple[ExtractedFeatures, str] | None:
        """Return a picture's features, and the name its photo is stored under.

        The photo is stored again under `photo_name`, where one is given. None for a picture that
        was not there lately, and where its photo is wanted and gone.
        """
        cached = self._cache.find(key)
        if cached is None or not self._cache.is_usable(cached):
            return None
        stored = ""
        if photo_name and self._photo_store.ttl_s > 0:
            stored = self._photo_store.copy(cached.photos[0], photo_name)
            if not stored:
                return None
        (values,) = cached.pictures
        text = cached.texts[0] if cached.texts else ""
        return ExtractedFeatures(values, text), stored

    def store(self, key: str, features: ExtractedFeatures, photo_name: str) -> None:
        """Store a picture's features, and the name its photo is stored under, "" for none."""
        values: Mapping[str, object] = features.values
        self._cache.store(key, [values], [features.text], [photo_name])
