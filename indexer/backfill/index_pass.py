"""Goes over an index that is searched and changed, and fills in what its pictures lack.

All products come in the order of their ids, and how far it is is noted, so that it may be killed
and run again. What was changed since it began is known to the ledger and looked at once more.
"""

import time
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from features.base import Json
from indexer.backfill.page_filler import BackfillControl, BackfillResult, Lacking, PageFiller
from indexer.backfill.position import BackfillPosition, PositionFile
from indexer.errors import IndexReplaced
from indexer.ledger.ledger import Ledger
from mappings.catalogue.feature_filling import FeatureFilling
from mappings.engine.stored_document import StoredDocument

TOGETHER = 64
"""Changed products looked at in one request."""

ATTEMPTS = 8
"""Rounds of reading and writing while others change the same products."""


class IndexPass:
    """Fills in one kind of value, called `name`, in one index.

    With a `ledger`, changes made meanwhile are found by it.
    """

    def __init__(
        self,
        index: FeatureFilling,
        name: str,
        filler: PageFiller,
        control: BackfillControl,
        positions: PositionFile,
        ledger: Ledger | None = None,
    ) -> None:
        self._index = index
        self._name = name
        self._filler = filler
        self._control = control
        self._positions = positions
        self._ledger = ledger
        self._pictures = 0

    @property
    def is_ending(self) -> bool:
        """Whether it was stopped, or goes on in vain."""
        return self._control.stop.is_set() or self._filler.is_failing

    @property
    def result(self) -> BackfillResult:
        """What was filled in so far, and what was not."""
        return BackfillResult(self._pictures, self._filler.problems)

    def read_position(self, mark: Json) -> BackfillPosition | None:
        """Return how far an earlier run came by this mark, None where none was begun."""
        return self._positions.read(self._control.patience.call(self._index.identity), mark)

    def begin(self, mark: Json) -> BackfillPosition:
        """Note that a run begins, and return its position."""
        since = self._ledger.settled_sequence() if self._ledger else 0
        position = BackfillPosition(self._control.patience.call(self._index.identity), mark, since)
        self._positions.write(position)
        return position

    def end(self) -> None:
        """Forget the position, unless the run was stopped before its end."""
        if not self.is_ending:
            self._positions.remove()

    def scan(self, position: BackfillPosition, lacking: Lacking) -> BackfillPosition:
        """Go over all products from the position on; return the position at the end.

        Raises IndexReplaced where another index was put in service.
        """
        if position.is_scanned:
            return position
        self._control.progress.set_total(self._index.count(position.after))
        for page in self._index.pages_from(position.after):
            if self.is_ending:
                return position
            self._check_index(position)
            self.fill(page, lacking)
            self._control.progress.advance(len(page))
            position = replace(position, after=page[-1].id)
            self._positions.write(position)
        position = replace(position, is_scanned=True)
        self._positions.write(position)
        return position

    def follow(self, position: BackfillPosition, lacking: Lacking) -> BackfillPosition:
        """Look at what was changed since the position, until nothing more was.

        Without a ledger the index is gone over again. Raises IndexReplaced.
        """
        if self._ledger is None:
            self._index.refresh()
            for page in self._index.pages_from(""):
                self.fill(page, lacking)
            return position
        while not self.is_ending:
            began_at = position.since
            until = self._ledger.settled_sequence()
            ids = self._ledger.changed_since(position.since)
            for start in range(0, len(ids), TOGETHER):
                if self.is_ending:
                    return position
                self._check_index(position)
                part = ids[start : start + TOGETHER]
                page = self._control.patience.call(partial(self._index.read, part))
                self.fill(page, lacking)
            position = replace(position, since=until)
            self._positions.write(position)
            if not ids or until <= began_at:
                return position
        return position

    def fill(self, page: Sequence[StoredDocument], lacking: Lacking) -> None:
        """Fill in a page; products that others change meanwhile are read and filled in again."""
        began, looked_at = time.monotonic(), 0
        for _ in range(ATTEMPTS):
            filled = self._control.patience.call(partial(self._filler.fill, page, lacking))
            self._pictures += filled.pictures
            looked_at += filled.looked_at
            if not filled.conflicts:
                break
            page = self._control.patience.call(partial(self._index.read, filled.conflicts))
        self._control.keep(looked_at, began)

    def _check_index(self, position: BackfillPosition) -> None:
        if self._control.patience.call(self._index.identity) != position.index:
            raise IndexReplaced(
                "another index was put in service meanwhile, by a rebuild or its undoing: run the "
                f"command again if it lacks {self._name}"
            )
