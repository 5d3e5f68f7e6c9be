"""Fills in the values of another model while searches and loads go on.

It searches for pictures without the new value, so it may be interrupted at any time and run again,
and the next pass covers what a load writes meanwhile. Nothing but the new value changes.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from core.progress import Progress
from core.retries import RetryPolicy
from features.base import Box, Feature, Json, Picture
from features.parts.finder import part_id
from mappings.catalogue.model_swap import ModelSwap
from mappings.catalogue.products import PART, PICTURES, picture_key
from mappings.catalogue.versions import ModelVersion
from mappings.engine.stored_document import StoredDocument

MAX_PROBLEMS = 10_000
"""Unreadable pictures after which the backfill gives up."""

NICENESS = 19
"""Niceness of the backfill, so that searches come first."""

Read = Callable[[Iterable[Mapping[str, Json]]], Mapping[str, Picture]]
"""Takes picture documents and returns image id → picture for those that can be read."""


@dataclass(frozen=True)
class BackfillControl:
    """Retries, progress, stop signal and speed of a backfill.

    `per_second` is the most pictures a second; 0 for no limit.
    """

    patience: RetryPolicy
    progress: Progress
    stop: threading.Event
    per_second: float = 0.0

    def keep(self, pictures: int, began: float) -> None:
        """Count pictures begun at `began` (monotonic seconds), and wait to keep to `per_second`."""
        self.progress.advance(pictures)
        if self.per_second:
            self.stop.wait(max(0.0, pictures / self.per_second - (time.monotonic() - began)))


@dataclass(frozen=True)
class BackfillResult:
    """Number of pictures that got a value, and why others did not: picture key → reason."""

    pictures: int
    problems: Mapping[str, str]


def lower_priority() -> None:
    """Lower the priority of this process and its children for good."""
    os.nice(NICENESS)


class Backfill:
    """Fills in the values of one version in one index."""

    def __init__(
        self,
        index: ModelSwap,
        version: ModelVersion,
        feature: Feature,
        read: Read,
        control: BackfillControl,
    ) -> None:
        self._index = index
        self._version = version
        self._feature = feature
        self._read = read
        self._control = control
        self._pictures = 0
        self._problems: dict[str, str] = {}

    def run(self) -> BackfillResult:
        """Fill in missing values until no more can be filled in.

        Raises EngineUnavailable and similar errors once the retries are used up.
        """
        while self._control.patience.call(self._pass) and not self._control.stop.is_set():
            continue
        return BackfillResult(self._pictures, self._problems)

    def _pass(self) -> bool:
        """Go over all missing values once; return whether another pass may fill in more."""
        # Otherwise documents written within the last second would be missed.
        self._index.refresh()
        again = False
        for page in self._index.products_lacking(self._version):
            if self._control.stop.is_set() or len(self._problems) > MAX_PROBLEMS:
                return False
            again = self._fill(page) or again
        return again

    def _fill(self, page: Sequence[StoredDocument]) -> bool:
        """Fill in a page of products; return whether anything was written."""
        began = time.monotonic()
        values = self._values(page)
        filled = [(self._filled(one.source, values), one) for one in page]
        changes = [(source, one) for source, one in filled if source != one.source]
        if not changes:
            return False
        refused = self._index.replace_products(changes)
        for _, product in changes:
            if why := refused.get(product.id):
                self._problems |= {picture_key(p): why for p in self._lacking(product.source)}
        written = sum(len(self._lacking(one.source)) for _, one in changes if one.id not in refused)
        self._pictures += written
        self._control.keep(written, began)
        return True

    def _values(self, page: Sequence[StoredDocument]) -> dict[str, Json]:
        """Return key → value for the pictures of a page that lack one and can be read."""
        lacking = {
            picture_key(picture): picture for one in page for picture in self._lacking(one.source)
        }
        sources = {name: _pixel_source(one) for name, one in lacking.items()}
        whole = self._read({one["image_id"]: one for one in sources.values()}.values())
        pictures = {
            name: _crop(whole[one["image_id"]], one)
            for name, one in sources.items()
            if one["image_id"] in whole
        }
        self._problems |= dict.fromkeys(lacking.keys() - pictures.keys(), "cannot be read")
        seen = self._feature.extract(list(pictures.values()))
        values = dict(zip(pictures, seen, strict=True))
        self._problems |= {
            name: "the model returned no value" for name, value in values.items() if value is None
        }
        return {name: value for name, value in values.items() if value is not None}

    def _filled(self, source: Json, values: Mapping[str, Json]) -> Json:
        """Return the product with the new values."""
        lacking = {picture_key(picture) for picture in self._lacking(source)} & values.keys()
        return {
            **source,
            PICTURES: [
                {**picture, self._version.field: values[picture_key(picture)]}
                if picture_key(picture) in lacking
                else picture
                for picture in source[PICTURES]
            ],
        }

    def _lacking(self, source: Json) -> list[Json]:
        """Return a product's pictures without a value, except those that failed before."""
        return [
            picture
            for picture in source[PICTURES]
            if self._version.field not in picture and picture_key(picture) not in self._problems
        ]


def _pixel_source(document: Mapping[str, Json]) -> Mapping[str, Json]:
    """Return the document to read a picture by: a part is stored as a picture of its own."""
    if document.get("source") != PART:
        return document
    key = part_id(document["image_id"], document["part"], document["box"])
    return {"image_id": key, "width": document["width"], "height": document["height"]}


def _crop(whole: Picture, document: Mapping[str, Json]) -> Picture:
    """Return the whole picture, or the document's region of it."""
    if "box" not in document:
        return whole
    return whole.crop(Box.parse(document["box"]))


def clear_field(index: ModelSwap, field: str, control: BackfillControl) -> int:
    """Remove the values of a field that no version uses; return how many.

    Elasticsearch frees the space as it merges segments.
    """
    removed = 0
    while (cleared := control.patience.call(partial(_clear_pass, index, field, control))) and (
        not control.stop.is_set()
    ):
        removed += cleared
    return removed


def _clear_pass(index: ModelSwap, field: str, control: BackfillControl) -> int:
    index.refresh()
    removed = 0
    for page in index.products_having(field):
        began = time.monotonic()
        refused = index.replace_products([(_without(one.source, field), one) for one in page])
        count = sum(
            field in picture
            for one in page
            if one.id not in refused
            for picture in one.source[PICTURES]
        )
        removed += count
        control.keep(count, began)
        if control.stop.is_set():
            break
    return removed


def _without(source: Json, field: str) -> Json:
    pictures = [
        {name: value for name, value in picture.items() if name != field}
        for picture in source[PICTURES]
    ]
    return {**source, PICTURES: pictures}
