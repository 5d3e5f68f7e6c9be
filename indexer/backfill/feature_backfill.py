"""Fills in a feature that an index lacks, while the index is searched and changed.

It goes over all products and may be killed and run again (`indexer.backfill.index_pass`). From the
end on the feature is searched by; what writers that did not know it were at is looked at after
that.
"""

from functools import partial

from features.base import Feature, Json
from features.fingerprint import fingerprint
from indexer.backfill.feature_values import is_applicable
from indexer.backfill.index_pass import IndexPass
from indexer.backfill.page_filler import (
    BackfillControl,
    BackfillResult,
    Extract,
    Lacking,
    PageFiller,
    Read,
    merge_field,
)
from indexer.backfill.position import PositionFile
from indexer.errors import NothingToDo
from indexer.ledger.ledger import Ledger
from mappings.catalogue.feature_filling import FeatureFilling
from mappings.catalogue.products import PENDING, PICTURES, picture_key

NOTICE_S = 5.0
"""By then every process has noticed what an index holds, since they look every two seconds."""


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
        self._has_ledger = ledger is not None
        self._notice_s = notice_s
        merge = merge_field(feature.name, mark=feature.name)
        self._filler = PageFiller(index, read, extract, merge)
        self._pass = IndexPass(index, feature.name, self._filler, control, positions, ledger)

    def run(self) -> BackfillResult:
        """Fill the feature in and put it into service; stopped, it can be run again.

        Raises NothingToDo where the index has it all, IndexReplaced, ModelMismatch, EngineRefused,
        and EngineUnavailable and similar errors once the retries are used up.
        """
        call, index = self._control.patience.call, self._index
        call(index.refresh)
        mark = fingerprint(self._feature)
        position = self._pass.read_position(mark)
        if call(partial(index.is_complete, self._feature)) and position is None:
            self._fill_pending()
            return self._pass.result
        if position is None:
            position = self._pass.begin(mark)
        if not call(partial(index.is_complete, self._feature)):
            lacking = self._lacking(replaces=call(partial(index.is_newer, self._feature)))
            call(partial(index.begin, self._feature))
            self._control.stop.wait(self._notice_s)
            position = self._pass.scan(position, lacking)
            # The ledger names what was changed; without one, everything would be replaced twice.
            again = lacking if self._has_ledger else self._lacking(replaces=False)
            position = self._pass.follow(position, again)
            if self._pass.is_ending:
                return self._pass.result
            call(index.finish)
        self._control.stop.wait(self._notice_s)
        self._pass.follow(position, self._lacking(replaces=False))
        self._pass.end()
        return self._pass.result

    def _fill_pending(self) -> None:
        """Fill in what loads and changes have left pending; raises NothingToDo without any."""
        has_some = False
        for page in self._index.pages_pending(self._feature):
            has_some = True
            if self._pass.is_ending:
                return
            self._pass.fill(page, self._lacking(replaces=False))
        if not has_some:
            raise NothingToDo(
                f"the index holds {self._feature.name} of every picture already: there is nothing "
                "to fill in"
            )

    def _lacking(self, *, replaces: bool) -> Lacking:
        name = self._feature.name

        def lacking(source: Json) -> list[Json]:
            return [
                picture
                for picture in source.get(PICTURES, [])
                if is_applicable(self._feature, picture)
                and (replaces or name in picture.get(PENDING, ()) or self._is_open(picture))
            ]

        return lacking

    def _is_open(self, picture: Json) -> bool:
        is_empty = picture_key(picture) in self._filler.without_value
        return self._feature.name not in picture and not is_empty
