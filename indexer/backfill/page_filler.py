"""Fills in what the pictures of stored products lack, a page of products at a time.

Pictures are read again, values computed and written over the state that was read. Nothing but the
new values, what is made from them, and their marks as pending change.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from core.progress import Progress
from core.retries import RetryPolicy
from features.base import Box, Json, Picture
from features.parts.finder import part_id
from mappings.catalogue.products import PART, PENDING, PICTURES, picture_key
from mappings.engine.stored_document import StoredDocument

MAX_PROBLEMS = 10_000
"""Unreadable pictures after which a backfill gives up."""

NICENESS = 19
"""Niceness of a backfill, so that searches come first."""

Document = Mapping[str, Json]

Read = Callable[[Iterable[Document]], Mapping[str, Picture]]
"""Takes picture documents and returns image id → picture for those that can be read."""

Lacking = Callable[[Json], list[Json]]
"""Returns the picture documents of a product that are to get a value."""


Merge = Callable[[Json, Json | None], list[Json]]
"""Takes a picture document and its new value; returns the documents that stand in its place."""


class PictureStore(Protocol):
    """Writes documents, as `mappings.catalogue.picture_index.PictureIndex` does."""

    def replace_products(self, changes: Sequence[tuple[Json, StoredDocument]]) -> dict[str, str]:
        """Write changed documents over what was read; return id → reason, '' for a conflict."""
        ...


@dataclass(frozen=True)
class ExtractedValues:
    """Values by picture key, None where there is no such signal, and why others have none."""

    values: Mapping[str, Json | None]
    problems: Mapping[str, str]


Extract = Callable[[Mapping[str, tuple[Document, Picture]]], ExtractedValues]
"""Computes the values of pictures, each with its document, by picture key."""


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
        """Wait to keep to `per_second`, after pictures begun at `began` (monotonic seconds)."""
        if self.per_second:
            self.stop.wait(max(0.0, pictures / self.per_second - (time.monotonic() - began)))


@dataclass(frozen=True)
class BackfillResult:
    """Number of pictures that got a value, and why others did not: picture key → reason."""

    pictures: int
    problems: Mapping[str, str]


@dataclass(frozen=True)
class FilledPage:
    """What became of a page: pictures that got a value, and how many were looked at for one.

    `conflicts` are the ids of products that had changed meanwhile.
    """

    pictures: int
    looked_at: int
    conflicts: Sequence[str]


def lower_priority() -> None:
    """Lower the priority of this process and its children for good."""
    os.nice(NICENESS)


def merge_field(field: str, mark: str = "") -> Merge:
    """Return what sets a field of a picture, or removes it where the value is None.

    `mark` is the feature's name where it may be marked as pending.
    """

    def merge(picture: Json, value: Json | None) -> list[Json]:
        others = {name: held for name, held in picture.items() if name != field}
        if mark in others.get(PENDING, ()):
            pending = [name for name in others.pop(PENDING) if name != mark]
            others |= {PENDING: pending} if pending else {}
        return [others if value is None else {**others, field: value}]

    return merge


class PageFiller:
    """Fills in one kind of value. `problems` says of pictures without one why: key → reason.

    `without_value` are the keys of those in which there is no such signal.
    """

    def __init__(self, index: PictureStore, read: Read, extract: Extract, merge: Merge) -> None:
        self.problems: dict[str, str] = {}
        self.without_value: set[str] = set()
        self._index = index
        self._read = read
        self._extract = extract
        self._merge = merge

    @property
    def is_failing(self) -> bool:
        """Whether so many pictures cannot be read that going on makes no sense."""
        return len(self.problems) > MAX_PROBLEMS

    def fill(self, page: Sequence[StoredDocument], lacking: Lacking) -> FilledPage:
        """Fill in the `lacking` pictures of products. Raises EngineUnavailable and Busy."""
        wanted = {one.id: self._open(lacking(one.source)) for one in page}
        documents = {key: picture for group in wanted.values() for key, picture in group.items()}
        values = self._values(documents) if documents else {}
        changes = [
            (source, one)
            for one in page
            if (source := self._filled(one.source, wanted[one.id], values)) != one.source
        ]
        if not changes:
            return FilledPage(0, len(documents), ())
        refused = self._index.replace_products(changes)
        for key, why in refused.items():
            if why:
                self.problems |= dict.fromkeys(wanted[key], why)
        written = sum(
            values.get(key) is not None
            for _, one in changes
            if one.id not in refused
            for key in wanted[one.id]
        )
        conflicts = [key for key, why in refused.items() if not why]
        return FilledPage(written, len(documents), conflicts)

    def _open(self, pictures: Sequence[Json]) -> dict[str, Json]:
        """Return pictures by their key, without those that failed before."""
        return {key: one for one in pictures if (key := picture_key(one)) not in self.problems}

    def _values(self, documents: Mapping[str, Json]) -> Mapping[str, Json | None]:
        """Return key → value for the pictures that can be read."""
        sources = {key: _pixel_source(one) for key, one in documents.items()}
        whole = self._read({one["image_id"]: one for one in sources.values()}.values())
        pictures = {
            key: (documents[key], _crop(whole[one["image_id"]], one))
            for key, one in sources.items()
            if one["image_id"] in whole
        }
        self.problems |= dict.fromkeys(documents.keys() - pictures.keys(), "cannot be read")
        extracted = self._extract(pictures)
        self.problems |= extracted.problems
        self.without_value |= {key for key, one in extracted.values.items() if one is None}
        return extracted.values

    def _filled(
        self, source: Json, wanted: Mapping[str, Json], values: Mapping[str, Json | None]
    ) -> Json:
        """Return the product with the new values."""
        filled: list[Json] = []
        for picture in source.get(PICTURES, []):
            if (key := picture_key(picture)) in wanted and key in values:
                filled += self._merge(picture, values[key])
            else:
                filled.append(picture)
        return {**source, PICTURES: filled}


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
