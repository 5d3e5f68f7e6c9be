"""What a caller wants of a search, as one value."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from features.base import Box

NOT_IN_DIGEST = (
    "images", "crops", "unlike_images", "picture", "unlike_picture", "facets", "size", "cursor",
    "model",
)  # fmt: skip
"""What may change from page to page: pictures are remembered, and the rest moves no hit."""


@dataclass(frozen=True)
class SearchRequest:
    """What a caller wants. `crops` belong to `images`, in order; None is the whole picture.

    `picture` is the query id of an earlier search whose pictures are meant; what begins with
    `unlike` says what is not wanted, in the same ways. `combine` is one of
    `mappings.search.query.COMBINATIONS`. `features` names the ways of seeing to use, `weights`
    overrides what each says in the score (under WORDS stands what multiplies all that words say),
    `measures` how it compares. With `by_photo`, products
    that show one photo are one hit. `prepare` names steps that pictures go through
    first, `accurate` asks for a closer look at them; a picture of an earlier search stays as it was
    looked at then. `model` is the name of a model the index holds; None is the
    one in service.
    """

    images: tuple[bytes, ...] = ()
    crops: tuple[Box | None, ...] = ()
    product_ids: tuple[str, ...] = ()
    picture: str | None = None
    prepare: tuple[str, ...] = ()
    accurate: bool = False
    unlike_images: tuple[bytes, ...] = ()
    unlike_product_ids: tuple[str, ...] = ()
    unlike_picture: str | None = None
    unlike_weight: float = 0.5
    combine: str = "average"
    words: str = ""
    features: tuple[str, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    measures: Mapping[str, str] = field(default_factory=dict)
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    price_min: float | None = None
    price_max: float | None = None
    facets: tuple[str, ...] = ()
    size: int = 20
    min_score: float = 0.0
    by_photo: bool = False
    cursor: str | None = None
    model: str | None = None

    @property
    def has_negatives(self) -> bool:
        """Whether anything is named that is not wanted."""
        return bool(self.unlike_images or self.unlike_product_ids or self.unlike_picture)

    def digest(self, scale: str) -> str:
        """Return a short digest of what decides the order of hits; pages of one search share it.

        `scale` tells on what numbers it was ranked.
        """
        asked = {k: v for k, v in asdict(self).items() if k not in NOT_IN_DIGEST}
        plain = json.dumps([asked, scale], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(plain.encode()).hexdigest()[:16]
