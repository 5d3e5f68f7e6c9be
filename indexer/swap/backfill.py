"""Fills in the values of another model while searches and loads go on.

It searches for pictures without the new value, so it may be interrupted at any time and run again,
and the next pass covers what a load writes meanwhile. Nothing but the new value changes.
"""

import time
from collections.abc import Mapping, Sequence
from functools import partial

from features.base import Feature, Json, Picture
from indexer.backfill.page_filler import (
    BackfillControl,
    BackfillResult,
    Document,
    ExtractedValues,
    PageFiller,
    Read,
    merge_field,
)
from mappings.catalogue.model_swap import ModelSwap
from mappings.catalogue.products import PICTURES
from mappings.catalogue.versions import ModelVersion
from mappings.engine.stored_document import StoredDocument


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
        self._control = control
        self._filler = PageFiller(index, read, self._extract, merge_field(version.field))
        self._pictures = 0

    def run(self) -> BackfillResult:
        """Fill in missing values until no more can be filled in.

        Raises EngineUnavailable and similar errors once the retries are used up.
        """
        while self._control.patience.call(self._pass) and not self._control.stop.is_set():
            continue
        return BackfillResult(self._pictures, self._filler.problems)

    def _pass(self) -> bool:
        """Go over all missing values once; return whether another pass may fill in more."""
        # Otherwise documents written within the last second would be missed.
        self._index.refresh()
        again = False
        for page in self._index.products_lacking(self._version):
            if self._control.stop.is_set() or self._filler.is_failing:
                return False
            again = self._fill(page) or again
        return again

    def _fill(self, page: Sequence[StoredDocument]) -> bool:
        """Fill in a page of products; return whether another pass may find more."""
        began = time.monotonic()
        filled = self._filler.fill(page, self._lacking)
        self._pictures += filled.pictures
        self._control.progress.advance(filled.pictures)
        self._control.keep(filled.pictures, began)
        return bool(filled.pictures or filled.conflicts)

    def _lacking(self, source: Json) -> list[Json]:
        return [one for one in source[PICTURES] if self._version.field not in one]

    def _extract(self, pictures: Mapping[str, tuple[Document, Picture]]) -> ExtractedValues:
        values = self._feature.extract([picture for _, picture in pictures.values()])
        by_key = dict(zip(pictures, values, strict=True))
        return ExtractedValues(
            {key: value for key, value in by_key.items() if value is not None},
            {key: "the model returned no value" for key, value in by_key.items() if value is None},
        )


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
        control.progress.advance(count)
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
