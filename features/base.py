"""The plug-in contract: what a feature is, and the values that pass through it.

A feature is one way of seeing a picture. It owns one field of a nested picture document: its
mapping, how its value is extracted, and the Elasticsearch clause that asks for it. It never
talks to Elasticsearch and never imports another feature.

Extra powers are extra protocols, found with `isinstance`:

- `QueryExpanding`     extracts a richer value on the query side than it stores (PDQ's eight turns)
- `QueryPhotoAware` sees a shopper's photo otherwise than a shop's picture, or closer on demand
- `Averaging`   makes one query value of several pictures' values
- `TextQueryable`      can be asked with words (`ocr`; `clip`, which sees what they say)
- `Deferred`    is slow; says cheaply whether a picture is worth the wait
- `Identified`  depends on a model whose identity the index must share with the query
- `Placed`      may lie in a field of another name, beside the values of another model
- `Measurable`  compares two stored values in Python, by one of several named measures
- `Explaining`     turns its clause's score back into the field's own terms (a distance, a cosine)
- `Conclusive`     settles by itself how two pictures relate whenever its clause matches
- `Faceted`     stores names that people filter by and count
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeAlias, runtime_checkable

from PIL import Image

Json: TypeAlias = Any
"""Anything `json.dumps` accepts."""


@dataclass(frozen=True)
class Picture:
    """A decoded picture: upright, RGB, safe to hand to any feature.

    `pixels` may be smaller than the stored picture (see `features.imaging.decode`); `width` and
    `height` are those of the stored picture after its EXIF turn. `sha256` is the hex digest of the
    stored bytes, or None when the pixels are only a part of them (a crop has no file of its own).
    """

    pixels: Image.Image
    width: int
    height: int
    sha256: str | None = None

    def crop(self, box: "Box") -> "Picture":
        """Return the part of the picture inside `box`; at least one pixel is kept."""
        across, down = self.pixels.size
        left, top = min(int(box.left * across), across - 1), min(int(box.top * down), down - 1)
        right = max(left + 1, round(box.right * across))
        bottom = max(top + 1, round(box.bottom * down))
        part = self.pixels.crop((left, top, right, bottom))
        return replace(
            self,
            pixels=part,
            width=max(1, round(self.width * (box.right - box.left))),
            height=max(1, round(self.height * (box.bottom - box.top))),
            sha256=None,
        )


@dataclass(frozen=True)
class Box:
    """A rectangle in shares of the picture: 0 ≤ left < right ≤ 1 and 0 ≤ top < bottom ≤ 1.

    Raises ValueError for anything else, NaN included.
    """

    left: float
    top: float
    right: float
    bottom: float

    def __post_init__(self) -> None:
        if not (0 <= self.left < self.right <= 1 and 0 <= self.top < self.bottom <= 1):
            raise ValueError(
                "a crop is left,top,right,bottom with 0 ≤ left < right ≤ 1 "
                f"and 0 ≤ top < bottom ≤ 1, not {self.left},{self.top},{self.right},{self.bottom}"
            )


@dataclass(frozen=True)
class Region:
    """A part of a picture that may show one thing. `score` is in [0, 1], within its finder's own.

    `label` is what the finder takes it for, '' where it does not say.
    """

    box: Box
    score: float
    label: str = ""


@runtime_checkable
class RegionFinder(Protocol):
    """Proposes regions of a picture to search with; a plug-in of the group `lookalike.regions`."""

    name: str
    """Registry key: ``[a-z][a-z0-9_]*``."""

    def find_regions(self, picture: Picture) -> list[Region]:
        """Return regions, the likeliest first; none where nothing stands out."""
        ...


@dataclass(frozen=True)
class ApproximateSearch:
    """Ask an approximate index (HNSW) for `k` neighbours among `num_candidates` per shard.

    Where vectors are quantised, `k` × `oversample` of them are compared once more as they were;
    None is for an index that keeps them whole.
    """

    k: int
    num_candidates: int
    oversample: float | None = None


@dataclass(frozen=True)
class ClauseContext:
    """What a query wants of one feature, beside the value it compares with.

    `field` is the feature's full path, such as ``images.embedding``. `approximate` is None for
    an exact comparison with every filtered picture. `filters` are the request's metadata
    filters: a clause that picks its own neighbours (`knn`) must carry them inside, because
    outside they would only trim what was already picked. `measure` is one of the feature's
    `measures`, or None for its default.
    """

    field: str
    approximate: ApproximateSearch | None = None
    filters: tuple[Json, ...] = ()
    measure: str | None = None


@runtime_checkable
class Feature(Protocol):
    """One way of seeing a picture. Immutable once built; never talks to Elasticsearch."""

    name: str
    """Registry key, API value, and the one document field it owns: ``[a-z][a-z0-9_]*``."""

    version: int
    """Bumped when stored values change meaning; kept in the index's `_meta`."""

    def mapping(self) -> Json:
        """Return the field's mapping, a fresh dict on every call."""
        ...

    def extract(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return one value per picture, in order; None where there is no such signal."""
        ...

    def clause(self, value: Json, context: ClauseContext) -> Json:
        """Return the Elasticsearch query for one picture; its score is a similarity in [0, 1].

        The query runs inside the nested picture document. Same arguments, same JSON.
        """
        ...


@runtime_checkable
class QueryExpanding(Protocol):
    """A feature whose query value holds more than its stored value."""

    def extract_query(self, pictures: Sequence[Picture]) -> list[Json | None]:
        """Return one query value per picture, in order; `clause` also takes stored values."""
        ...


@runtime_checkable
class QueryPhotoAware(Protocol):
    """A feature that asks with a shopper's photo otherwise than it stores a shop's picture.

    Only a search of photos uses it: where two catalogue pictures are compared, as for near-
    duplicates, both sides are extracted alike.
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
        """Return one query value that stands for several; None where they cancel each other."""
        ...


@runtime_checkable
class TextQueryable(Protocol):
    """A feature that words can ask for."""

    def query_from_text(self, words: str) -> Json | None:
        """Return the value that asks for these words, or None where they say nothing."""
        ...


@runtime_checkable
class Deferred(Protocol):
    """A slow feature: it runs in worker processes and is asked of a query only by name."""

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

    Two models of one feature can then be held side by side, each in a field of its own; people
    go on calling both by the feature's name.
    """

    field: str
    """The field it owns within a picture's document; its name unless it was placed elsewhere."""

    def with_field(self, field: str) -> "Feature":
        """Return this feature, model and all, with its values in another field."""
        ...


@runtime_checkable
class Measurable(Protocol):
    """A feature that can compare two stored values."""

    measures: tuple[str, ...]
    """The measures it knows, the default first."""

    def distance(self, a: Json, b: Json, measure: str | None = None) -> float:
        """Return how far apart two values are; 0 means equal, in the measure's own unit."""
        ...


@runtime_checkable
class Explaining(Protocol):
    """A feature that can restate its clause's score."""

    def evidence(self, score: float, measure: str | None = None) -> dict[str, float]:
        """Return the score in the field's own terms, such as ``{"distance": 8}``."""
        ...


@runtime_checkable
class ExpensiveQuery(Protocol):
    """A feature whose clause takes the engine much work in every segment, whatever it finds."""

    is_expensive_query: bool
    """Whether it is, so that it should run no more often than it must."""


@runtime_checkable
class Conclusive(Protocol):
    """A feature whose match alone settles how two pictures relate."""

    relation: str
    """A rung of the evidence ladder: ``same_file`` or ``same_photo``."""


@runtime_checkable
class Faceted(Protocol):
    """A feature that stores names (keywords) to filter by and to count."""

    facet: str
    """The sub-field that holds the names; the filter and the facet bear the feature's name."""
