"""One search as it was requested: its parameters and its pictures."""

import hashlib
import json
from dataclasses import dataclass, field

from app.experiments.assignment import Assignment
from app.search.feature_cache import CachedQuery
from app.search.parameter_types import uses
from app.search.search_parameters import SearchParameters
from core.errors import InvalidQuery

RANKING = {name for name, use in uses(SearchParameters).items() if use.ranks}
"""Parameters that all pages of one search agree on."""


@dataclass(frozen=True)
class SearchRequest:
    """A search. `parameters.crop` belongs to `images`, in order.

    `earlier` is what the pictures of an earlier search showed, where that has been read already.
    `assignment` is the variant of an experiment that the search takes part in, `recall` what the
    planner promises in it (`app.search.assigned_request`); None for the settings' own.
    Raises InvalidQuery for more crops than pictures.
    """

    parameters: SearchParameters = field(default_factory=SearchParameters)
    images: tuple[bytes, ...] = ()
    unlike_images: tuple[bytes, ...] = ()
    earlier: CachedQuery | None = field(default=None, repr=False)
    assignment: Assignment | None = None
    recall: float | None = None

    def __post_init__(self) -> None:
        crops, images = len(self.parameters.crop), len(self.images)
        if crops > max(1, images):
            raise InvalidQuery(f"{crops} crops for {images} pictures: send one per picture")

    @property
    def has_negatives(self) -> bool:
        """Whether the search names anything to find less of."""
        parameters = self.parameters
        return bool(self.unlike_images or parameters.unlike_product_id or parameters.unlike_picture)

    def digest(self, scale: str) -> str:
        """Return a short digest of what decides the order of hits; pages of one search share it.

        `scale` describes the numbers that hits are ranked by.
        """
        ranking = self.parameters.model_dump(mode="json", include=RANKING)
        plain = json.dumps([ranking, scale], sort_keys=True, ensure_ascii=True)
        return hashlib.sha256(plain.encode()).hexdigest()[:16]
