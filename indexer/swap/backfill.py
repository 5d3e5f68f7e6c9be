"""Fills in what another model sees, while searches and loads go on.

It looks for pictures that lack the new value, so it may be killed at any moment and begun again,
and what a load writes behind its back is met in the next pass. Nothing but the new value changes.
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
from mappings.catalogue.model_swap import ModelSwap
from mappings.catalogue.products import PICTURES, picture_key
from mappings.catalogue.versions import ModelVersion
from mappings.engine.documents import StoredDocument

MAX_PROBLEMS = 10_000
"""Pictures that cannot be read, remembered by id, before the rest is given up on."""

NICENESS = 19
"""Niceness of whoever fills in: a new model can wait, whoever searches cannot."""

Read = Callable[[Iterable[Mapping[str, Json]]], Mapping[str, Picture]]
"""Takes picture documents and returns image id → picture, as far as they can be had."""


@dataclass(frozen=True)
class BackfillControl:
    """How the work goes on: told to whom, how fast, how patiently, and until when.

    `per_second` is the most pictures a second; 0 is as many as there can be.
    """

    patience: RetryPolicy
    progress: Progress
    stop: threading.Event
    per_second: float = 0.0

    def keep(self, pictures: int, began: float) -> None:
        """Count pictures that were begun at `began` (monotonic), and wait where that was early."""
        self.progress.advance(pictures)
        if self.per_second:
            self.stop.wait(max(0.0, pictures / self.per_second - (time.monotonic() - began)))


@dataclass(frozen=True)
class BackfillResult:
    """How many pictures got a value, and why others did not: picture key → reason."""

    pictures: int
    problems: Mapping[str, str]


def lower_priority() -> None:
    """Leave the processor to searches, for the rest of this process and those it starts."""
    os.nice(NICENESS)


class Backfill:
    """Fills one version's values into one index."""

    def __init__(
        self,
        index: ModelSwap,
        version: ModelVersion,
        feature: Feature,
        read: Read,
        pace: BackfillControl,
    ) -> None:
        self._index = index
        self._version = version
        self._feature = feature
        self._read = read
        self._pace = pace
        self._pictures = 0
        self._problems: dict[str, str] = {}

    def run(self) -> BackfillResult:
        """Go over what lacks a value until nothing more can be filled in.

        Raises EngineUnavailable and its kin once the patience for them is used up.
        """
        while self._pace.patience.call(self._pass) and not self._pace.stop.is_set():
            continue
        return BackfillResult(self._pictures, self._problems)

    def _pass(self) -> bool:
        """Go over all once; return whether another pass may find more."""
        # What was written in the last second is not findable yet.
        self._index.refresh()
        again = False
        for page in self._index.products_lacking(self._version):
            if self._pace.stop.is_set() or len(self._problems) > MAX_PROBLEMS:
                return False
            again = self._fill(page) or again
        return again

    def _fill(self, page: Sequence[StoredDocument]) -> bool:
        """Fill in a page of products; return whether there was anything to write."""
        began = time.monotonic()
        values = self._values(page)
        filled = [(self._filled(one.source, values), one) for one in page]
        changes = [(source, one) for source, one in filled if source != one.source]
        if not changes:
            return False
        refused = self._index.replace_products(changes)
        for _, one in changes:
            if why := refused.get(one.id):
                self._problems |= {picture_key(p): why for p in self._lacking(one.source)}
        written = sum(len(self._lacking(one.source)) for _, one in changes if one.id not in refused)
        self._pictures += written
        self._pace.keep(written, began)
        return True

    def _values(self, page: Sequence[StoredDocument]) -> dict[str, Json]:
        """Return key → value, for the pictures of a page that lack one and can be read."""
        wanted = {
            picture_key(picture): picture for one in page for picture in self._lacking(one.source)
        }
        whole = self._read({one["image_id"]: one for one in wanted.values()}.values())
        pictures = {
            name: _crop(whole[one["image_id"]], one)
            for name, one in wanted.items()
            if one["image_id"] in whole
        }
        self._problems |= dict.fromkeys(wanted.keys() - pictures.keys(), "it cannot be read")
        seen = self._feature.extract(list(pictures.values()))
        values = dict(zip(pictures, seen, strict=True))
        self._problems |= {
            name: "the model sees nothing in it" for name, value in values.items() if value is None
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
        """Return a product's pictures that have no value yet, and might get one."""
        return [
            picture
            for picture in source[PICTURES]
            if self._version.field not in picture and picture_key(picture) not in self._problems
        ]


def _crop(whole: Picture, document: Mapping[str, Json]) -> Picture:
    """Return what a document is of: all of a picture, or its region."""
    if "box" not in document:
        return whole
    return whole.crop(Box.parse(document["box"]))


def clear_field(index: ModelSwap, field: str, pace: BackfillControl) -> int:
    """Take out of all pictures the values of a field that no version lies in; return how many.

    The space comes back as Elasticsearch merges its segments.
    """
    gone = 0
    while (cleared := pace.patience.call(partial(_clear_pass, index, field, pace))) and (
        not pace.stop.is_set()
    ):
        gone += cleared
    return gone


def _clear_pass(index: ModelSwap, field: str, pace: BackfillControl) -> int:
    index.refresh()
    gone = 0
    for page in index.products_having(field):
        began = time.monotonic()
        refused = index.replace_products([(_without(one.source, field), one) for one in page])
        count = sum(
            field in picture
            for one in page
            if one.id not in refused
            for picture in one.source[PICTURES]
        )
        gone += count
        pace.keep(count, began)
        if pace.stop.is_set():
            break
    return gone


def _without(source: Json, field: str) -> Json:
    pictures = [
        {name: value for name, value in picture.items() if name != field}
        for picture in source[PICTURES]
    ]
    return {**source, PICTURES: pictures}
