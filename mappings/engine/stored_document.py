"""A document as it was read, with the state that a write over it must name."""

from dataclasses import dataclass

from features.base import Json


@dataclass(frozen=True)
class StoredDocument:
    """A document and the state it was read in."""

    id: str
    source: Json
    seq_no: int
    primary_term: int
