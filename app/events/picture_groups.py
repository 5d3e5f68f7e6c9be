"""Groups the pictures of queries, so that copies of one picture share what shoppers did.

A group is named after the hash of its first picture. A picture joins the group of the nearest
earlier one that is the same photo, whether it was re-encoded, resized, turned or mirrored; one with
much around it is another. The hashes are part of the recorded queries and go when those do; no
picture is kept.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from core.bounded_cache import BoundedCache
from core.errors import IndexMissing
from features.base import ClauseContext, Feature, Json
from features.capabilities import Measurable
from features.pdq import MAX_DISTANCE, stored_value
from mappings.events.ubi_documents import PLAIN_PICTURE, with_group
from mappings.events.ubi_mapping import QUERIES, photo_feature

FIELD = "picture.hash"
GROUP_CHARS = 16
RECENT = 500
RECENT_S = 30.0
"""How long a group is remembered here: after that, searches find it."""


class PictureGroups:
    """Names the groups of query pictures."""

    def __init__(
        self, features: Mapping[str, Feature], search: Callable[[str, Json], Json]
    ) -> None:
        """`search` runs a body over a data stream."""
        self._feature = photo_feature(features)
        self._search = search
        self._recent: BoundedCache[str, str] = BoundedCache(RECENT, RECENT_S)

    def complete(self, documents: Sequence[Json]) -> list[Json]:
        """Return the documents of queries, those with a picture with its group."""
        return [
            self._with_group(document) if "picture" in document else document
            for document in documents
        ]

    def _with_group(self, document: Json) -> Json:
        value = document["picture"].get("hash")
        if not value or self._feature is None:
            return with_group(document, PLAIN_PICTURE)
        bits = value["turns"][0]
        group = (
            self._recent_group(value)
            or self._stored_group(self._feature, value)
            or _new_group(bits)
        )
        self._recent.store({bits: group})
        return with_group(document, group, stored_value(bits, value["quality"]))

    def _recent_group(self, value: Json) -> str | None:
        feature = cast(Measurable, self._feature)
        distances = [
            (feature.distance(value, {"bits": bits}), group)
            for bits, group in self._recent.entries().items()
        ]
        bits_apart, group = min(distances, default=(MAX_DISTANCE + 1, ""))
        return group if bits_apart <= MAX_DISTANCE else None

    def _stored_group(self, feature: Feature, value: Json) -> str | None:
        body = {
            "size": 1,
            "track_total_hits": False,
            "_source": ["picture.group"],
            "query": feature.clause(value, ClauseContext(field=FIELD)),
        }
        try:
            hits = self._search(QUERIES, body)["hits"]["hits"]
        except IndexMissing:  # this is the first query of all
            return None
        return next((str(hit["_source"]["picture"]["group"]) for hit in hits), None)


def _new_group(bits: str) -> str:
    return hashlib.sha256(bits.encode()).hexdigest()[:GROUP_CHARS]
