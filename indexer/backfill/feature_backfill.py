"""Fills in a feature that an index lacks, while the index is searched and changed.

It goes over all products in the order of their ids, notes how far it is, and may be killed and run
again. What was changed since it began is known to the ledger and looked at once more. From the end
on the feature is searched by; what writers that did not know it were at is looked at after that.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from features.base import Feature, Json
from features.fingerprint import fingerprint
from indexer.backfill.feature_values import is_applicable
from indexer.backfill.page_filler import (
    BackfillControl,
    BackfillResult,
    Extract,
    FilledPage,
    PageFiller,
    Read,
)
from indexer.backfill.position import BackfillPosition, PositionFile
from indexer.errors import IndexReplaced, NothingToDo
from indexer.ledger.ledger import Ledger
from mappings.catalogue.feature_filling import FeatureFilling
from mappings.catalogue.products import PENDING, PICTURES, picture_key
from mappings.engine.stored_document import StoredDocument

TOGETHER = 64
"""Changed products looked at in one request."""

NOTICE_S = 5.0
"""By then every process has noticed what an index holds, since they look every two seconds."""

ATTEMPTS = 8
"""Rounds of reading and writing while others change the same products."""


class FeatureBackfill:
    """Fills in one feature in one index. With a `ledger`, changes made meanwhile are found by it.

    Without one, as for the banks, the index is gone over again at the end.
    """

    def __init__(
        self,
        index: FeatureFilling,
        feature: Feature,
        read: Read,
        extract: Extract,
        control: BackfillControl,
        positions: PositionFile,
        ledger: Ledger | None = None,
        *,
        notice_s: float = NOTICE_S,
    ) -> None:
        self._index = index
        self._feature = feature
        self._control = control
        self._positions = positions
        self._ledger = ledger
        self._notice_s = notice_s
        self._filler = PageFiller(index, feature.name, read, extract, mark=feature.name)
        self._pictures = 0

    def run(self) -> BackfillResult:
        """Fill the feature in and put it into service; stopped, it can be run again.

        Raises NothingToDo where the index has it all, IndexReplaced, ModelMismatch, EngineRefused,
        and EngineUnavailable and similar errors once the retries are used up.
        """
        call, index = self._control.patience.call, self._index
        call(index.refresh)
        mark, identity = fingerprint(self._feature), call(index.identity)
        position = self._positions.read(identity, mark)
        if call(partial(index.is_complete, self._feature)) and position is None:
            self._fill_pending()
            return self._result()
        if position is None:
            position = BackfillPosition(identity, mark, self._last_change())
            self._positions.write(position)
        if not call(partial(index.is_complete, self._feature)):
            is_newer = call(partial(index.is_newer, self._feature))
            call(partial(index.begin, self._feature))
            self._control.stop.wait(self._notice_s)
            position = self._scan(position, replaces=is_newer)
            position = self._follow(position, replaces=is_newer)
            if self._is_ending:
                return self._result()
            call(index.finish)
        self._control.stop.wait(self._notice_s)
        self._follow(position, replaces=False)
        if not self._is_ending:
            self._positions.remove()
        return self._result()

    @property
    def _is_ending(self) -> bool:
        return self._control.stop.is_set() or self._filler.is_failing

    def _result(self) -> BackfillResult:
        return BackfillResult(self._pictures, self._filler.problems)

    def _last_change(self) -> int:
        return self._ledger.settled_sequence() if self._ledger else 0

    def _scan(self, position: BackfillPosition, *, replaces: bool) -> BackfillPosition:
        """Go over all products from the position on; return the position at the end."""
        if position.is_scanned:
            return position
        self._control.progress.set_total(self._index.count(position.after))
        for page in self._index.pages_from(position.after):
            if self._is_ending:
                return position
            self._check_index(position)
            self._fill(page, replaces=replaces)
            self._control.progress.advance(len(page))
            position = replace(position, after=page[-1].id)
            self._positions.write(position)
        position = replace(position, is_scanned=True)
        self._positions.write(position)
        return position

    def _follow(self, position: BackfillPosition, *, replaces: bool) -> BackfillPosition:
        """Look at what was changed since the position, until nothing more was."""
        if self._ledger is None:
            self._index.refresh()
            for page in self._index.pages_from(""):
                self._fill(page, replaces=False)
            return position
        while not self._is_ending:
            began_at = position.since
            until = self._ledger.settled_sequence()
            ids = self._ledger.changed_since(position.since)
            for start in range(0, len(ids), TOGETHER):
                if self._is_ending:
                    return position
                self._check_index(position)
                part = ids[start : start + TOGETHER]
                page = self._control.patience.call(partial(self._index.read, part))
                self._fill(page, replaces=replaces)
            position = replace(position, since=until)
            self._positions.write(position)
            if not ids or until <= began_at:
                return position
        return position

    def _fill_pending(self) -> None:
        """Fill in what loads and changes have left pending; raises NothingToDo without any."""
        has_some = False
        for page in self._index.pages_pending(self._feature):
            has_some = True
            if self._is_ending:
                return
            self._fill(page, replaces=False)
        if not has_some:
            raise NothingToDo(
                f"the index holds {self._feature.name} of every picture already: there is nothing "
                "to fill in"
            )

    def _fill(self, page: Sequence[StoredDocument], *, replaces: bool) -> None:
        """Fill in a page; products that others change meanwhile are read and filled in again."""
        began, written = time.monotonic(), 0
        lacking = partial(self._lacking, replaces=replaces)
        for _ in range(ATTEMPTS):
            filled: FilledPage = self._control.patience.call(
                partial(self._filler.fill, page, lacking)
            )
            written += filled.pictures
            if not filled.conflicts:
                break
            page = self._control.patience.call(partial(self._index.read, filled.conflicts))
        self._pictures += written
        self._control.keep(written, began)

    def _lacking(self, source: Json, *, replaces: bool) -> list[Json]:
        name = self._feature.name
        return [
            picture
            for picture in source.get(PICTURES, [])
            if is_applicable(self._feature, picture)
            and (replaces or name in picture.get(PENDING, ()) or self._is_open(picture))
        ]

    def _is_open(self, picture: Json) -> bool:
        is_empty = picture_key(picture) in self._filler.without_value
        return self._feature.name not in picture and not is_empty

    def _check_index(self, position: BackfillPosition) -> None:
        if self._control.patience.call(self._index.identity) != position.index:
            raise IndexReplaced(
                "another index was put in service meanwhile, by a rebuild or its undoing: run the "
                f"command again if it lacks {self._feature.name}"
            )
