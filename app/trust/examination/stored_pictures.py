"""Stored pictures, and the protocol of what examines them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from app.trust.examination.evidence import Examination
from features.base import Json
from mappings.search.filters import Filters


@dataclass(frozen=True)
class StoredPicture:
    """A stored product and one of its picture documents, with vectors."""

    product: Mapping[str, Json]
    document: Mapping[str, Json]


class PictureExaminer(Protocol):
    """Compares stored pictures with an index (`examiner.Examiner`)."""

    def examine_stored(
        self, batch: Sequence[StoredPicture], filters: Filters | None = None
    ) -> list[Examination]:
        """Return one examination per picture, in order, against the products that pass."""
        ...
