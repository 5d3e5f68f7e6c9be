"""The plug-in contract: what a feature is, and the values that pass through it.

A feature is one way of seeing a picture. It owns one field of a nested picture document: its
mapping, how its value is extracted, and the Elasticsearch clause that searches it. It never talks
to Elasticsearch and never imports another feature.

Extra powers are extra protocols (`features.capabilities`), found with `isinstance`:

- `QueryExpanding`   extracts a richer value from a query picture than it stores
- `QueryPhotoAware`  treats a shopper's photo otherwise than a shop's picture
- `Averaging`        makes one query value of several pictures' values
- `TextQueryable`    can be searched with text
- `TextReading`      reads the text in a picture
- `Deferred`         is slow, and says cheaply whether a picture is worth the wait
- `Identified`       depends on a model whose identity index and query must share
- `Relocatable`      may lie in a field of another name, beside the values of another model
- `Measurable`       compares two values in Python, by one of several named measures
- `Explaining`       turns its clause's score back into the field's own terms
- `ExpensiveQuery`   has a clause that costs the engine much work
- `Confident`        knows from which score a match is more than a guess
- `Conclusive`       settles by itself how two pictures relate wherever its clause matches
- `Faceted`          stores names that people filter by and count

`RegionFinder` is a plug-in of its own kind. `docs/PLUGINS.md` shows how to write both, and
`features.conformance` tests them.
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
    `detail` is a long page with more pixels, so that what is cropped from it can be recognised;
    None for any other picture.
    """

    pixels: Image.Image
    width: int
    height: int
    sha256: str | None = None
    detail: Image.Image | None = None

    def crop(self, box: "Box") -> "Picture":
        """Return the part of the picture inside `box`; at least one pixel is kept."""
        pixels = self.detail or self.pixels
        left, top, right, bottom = box.in_pixels(*pixels.size)
        return replace(
            self,
            pixels=pixels.crop((left, top, right, bottom)),
            width=max(1, round(self.width * (box.right - box.left))),
            height=max(1, round(self.height * (box.bottom - box.top))),
            sha256=None,
            detail=None,
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

    @classmethod
    def parse(cls, text: str) -> "Box":
        """Return the box written as ``left,top,right,bottom``; raises ValueError."""
        left, top, right, bottom = (float(edge) for edge in text.split(","))
        return cls(left, top, right, bottom)

    @property
    def text(self) -> str:
        """The box as it is stored: `format` with four digits."""
        return self.format(4)

    def format(self, digits: int) -> str:
        """Return the box as ``left,top,right,bottom``, each to so many digits; `parse` reads it."""
        edges = (self.left, self.top, self.right, self.bottom)
        return ",".join(f"{edge:.{digits}g}" for edge in edges)

    def in_pixels(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, right and bottom in pixels; at least one pixel each way is inside."""
        left = min(int(self.left * width), width - 1)
        top = min(int(self.top * height), height - 1)
        right = max(left + 1, round(self.right * width))
        bottom = max(top + 1, round(self.bottom * height))
        return left, top, right, bottom


@dataclass(frozen=True)
class Region:
    """A part of a picture that may show one thing.

    `score` is in [0, 1] and comparable within one finder only. `label` says what the finder takes
    the thing for; '' where it does not say.
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
        """Return regions, the likeliest first; an empty list where nothing stands out."""
        ...


@dataclass(frozen=True)
class ApproximateSearch:
    """Search an approximate index (HNSW) for `k` neighbours among `num_candidates` per shard.

    Where stored vectors are quantised, `k` × `oversample` of them are rescored with the original
    vectors; None is for an index that does not quantise.
    """

    k: int
    num_candidates: int
    oversample: float | None = None


@dataclass(frozen=True)
class ClauseContext:
    """What a clause needs to know of the query, beside the value it compares with.

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
    """Raise it when stored values change meaning; kept in the index's `_meta`."""

    default_weight: float
    """Relative weight in a search's score, 0 to 1000, where neither request nor settings name one.

    0 leaves the feature out of a search that does not ask for it.
    """

    proposes_candidates: bool
    """Whether its matches are worth examining as duplicates.

    True where a match is rare among pictures that are no copies of each other, or where the
    nearest pictures are likely to be copies. Deferred features never propose any.
    """

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
