"""What a feature may be able to do beyond the contract: one small protocol each.

A plug-in implements those it needs and declares nothing: they are found with `isinstance`.
`features.base` lists them all.
"""

from collections.abc import Sequence
from typing import Protocol, runtime_checkable

from features.base import Feature, Json, Picture


@runtime_checkable
class QueryExpanding(Protocol):
    """A feature whose query value holds more than its stored value (PDQ: eight orientations).

    Its `clause`, and its `distance` as `a`, take both kinds of value.
    """

    def extract_query(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return one query value per picture, in order; None where there is no such signal."""
        ...


@runtime_checkable
class QueryPhotoAware(Protocol):
    """A feature that treats a shopper's photo otherwise than a shop's picture.

    Only a search by photo uses it: where two catalogue pictures are compared, as for near-
    duplicates, both are extracted alike.
    """

    def extract_photo(
        self, pictures: Sequence[Picture], *, accurate: bool = False
    ) -> list[Json | None]:
        """Return one query value per photo, in order; `accurate` takes several times as long."""
        ...

    def extract_stored_photo(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return what to store of each photo, in order, for other photos to find."""
        ...


@runtime_checkable
class Averaging(Protocol):
    """A feature whose values have a mean, such as vectors; hashes have none."""

    def average(self, values: Sequence[Json]) -> Json | None:
        """Return one query value that stands for all; None where they cancel each other."""
        ...


@runtime_checkable
class TextQueryable(Protocol):
    """A feature that can be searched with text."""

    is_lexical: bool
    """Whether a match means that the text's words were found in the picture.

    False where the nearest picture always matches, as in a space that text and pictures share.
    """

    def query_from_text(self, text: str) -> Json | None:
        """Return the value to search with, or None where the text has no letter or digit."""
        ...


@runtime_checkable
class TextReading(Protocol):
    """A feature that reads the text in a picture while somebody waits."""

    def read_text(self, picture: Picture) -> str:
        """Return the text, a line of the picture a line; '' where there is none."""
        ...


@runtime_checkable
class Deferred(Protocol):
    """A slow feature: worker processes extract it, and a search uses it only by name."""

    def is_worthwhile(self, picture: Picture) -> bool:
        """Say within a few milliseconds whether extraction could find anything."""
        ...


@runtime_checkable
class Identified(Protocol):
    """A feature whose values can be compared only when both sides used the same model."""

    def identity(self) -> dict[str, Json]:
        """Return the model and preprocessing, as kept in the index's `_meta`."""
        ...


@runtime_checkable
class Relocatable(Protocol):
    """A feature whose values may lie in a field that is not named after it.

    Two models of one feature can then be held side by side, each in a field of its own; the
    feature's name stays the same for both.
    """

    field: str
    """The field it owns within a picture's document; its name unless it was relocated."""

    def with_field(self, field: str) -> "Feature":
        """Return this feature, model and all, with its values in another field."""
        ...


@runtime_checkable
class Measurable(Protocol):
    """A feature that can compare two values."""

    measures: tuple[str, ...]
    """The measures it knows, the default first."""

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        """Return the distance of two stored values: 0 for equal, in the measure's own unit."""
        ...


@runtime_checkable
class Explaining(Protocol):
    """A feature that can restate its clause's score."""

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        """Return the score in the field's own terms, such as ``{"distance": 8}``."""
        ...


@runtime_checkable
class ExpensiveQuery(Protocol):
    """A feature whose clause costs the engine much work in every segment, whatever it matches."""

    is_expensive_query: bool
    """Whether it does, so that a request should contain the clause no more often than it must."""


@runtime_checkable
class Confident(Protocol):
    """A feature that knows from which score a match is more than a guess.

    Used where nobody has calibrated the index (`lookalike-indexer calibrate`).
    """

    confident_score: float
    """The score, 0 to 1, that few pictures of other things reach."""


@runtime_checkable
class Conclusive(Protocol):
    """A feature whose match alone settles how two pictures relate."""

    relation: str
    """A rung of the evidence ladder: ``same_file`` or ``same_photo``."""


@runtime_checkable
class Faceted(Protocol):
    """A feature that stores names (keywords) to filter by and to count."""

    facet: str
    """The sub-field that holds the names; filter and facet are named ``picture_<feature>``."""


CAPABILITIES: tuple[type, ...] = (
    QueryExpanding,
    QueryPhotoAware,
    Averaging,
    TextQueryable,
    TextReading,
    Deferred,
    Identified,
    Relocatable,
    Measurable,
    Explaining,
    ExpensiveQuery,
    Confident,
    Conclusive,
    Faceted,
)
"""Every protocol above."""


def is_lexical(feature: object) -> bool:
    """Return whether a match of the feature, searched with text, means that words were found."""
    return isinstance(feature, TextQueryable) and feature.is_lexical
