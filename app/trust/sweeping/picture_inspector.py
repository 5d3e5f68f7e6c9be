"""A batch of stored pictures: beside the banks, beside the catalogue; a broken one is set aside."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Protocol, TypeAlias

from app.trust.banks.bank_matcher import BankMatch
from app.trust.banks.entry import ALLOWED, BLOCKED
from app.trust.examination.evidence import Examination, ListingPicture
from app.trust.examination.stored_pictures import PictureExaminer, StoredPicture
from app.trust.sweeping.case_thresholds import CaseThresholds
from app.trust.sweeping.checkpoint import PictureRecord
from core.errors import (
    Busy,
    EngineRefused,
    EngineUnavailable,
    IndexBlocked,
    IndexMissing,
    InvalidSetting,
    LookalikeError,
)
from features.errors import ModelUnavailable
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.scan import PictureListing
from mappings.search.filters import Filters

AT_ONCE = 16
"""Pictures asked about together: an answer holds 24 products with vectors for each, about 6 MB."""

SYSTEM_ERRORS = (
    Busy,
    EngineRefused,
    EngineUnavailable,
    IndexBlocked,
    IndexMissing,
    InvalidSetting,
    ModelMismatch,
    ModelUnavailable,
)
"""Errors that another picture would meet as well: they end the work."""


MANY_LISTINGS = 8
"""Listings with one file from which they are kept out of its candidates: they are known, and would
leave no room among 24 for other pictures."""


ListingsByImage: TypeAlias = Mapping[str, Sequence[PictureListing]]
"""Image id → the listings that show it."""


class BankLookup(Protocol):
    """What compares stored pictures with the banks (`app.trust.banks.banks.Banks`)."""

    def match_stored(self, batch: Sequence[StoredPicture]) -> list[list[BankMatch]]:
        """Return the entries each picture matches, in order; blocked ones hide allowed ones."""
        ...


class PictureInspector:
    """Examines batches; any number of threads may at once."""

    def __init__(
        self,
        examiner: PictureExaminer,
        banks: BankLookup,
        showing: Callable[[Collection[str]], ListingsByImage],
        opening: CaseThresholds,
        has_pixels: Callable[[str], bool],
    ) -> None:
        self._examiner = examiner
        self._banks = banks
        self._showing = showing
        self._opening = opening
        self._has_pixels = has_pixels

    def inspect(self, batch: Sequence[StoredPicture]) -> list[PictureRecord]:
        """Return a record per picture, in order. Raises the errors of NOT_THE_PICTURE."""
        if len(batch) > AT_ONCE:
            lots = [batch[start : start + AT_ONCE] for start in range(0, len(batch), AT_ONCE)]
            return [record for lot in lots for record in self.inspect(lot)]
        try:
            return self._inspect(batch) if batch else []
        except SYSTEM_ERRORS:
            raise
        # Whatever the examination stumbles over must cost one picture, not a sweep of hours.
        except Exception as error:
            if len(batch) > 1:
                return [record for one in batch for record in self.inspect([one])]
            ours = isinstance(error, LookalikeError)
            problem = str(error) if ours else f"{type(error).__name__}: {error}"
            return [PictureRecord(_party(batch[0]), problem=problem or type(error).__name__)]

    def _inspect(self, batch: Sequence[StoredPicture]) -> list[PictureRecord]:
        showing = self._showing([_party(one).image_id for one in batch])
        matches = self._banks.match_stored(batch)
        settled = [
            _settled(one, several, self._has_pixels)
            for one, several in zip(batch, matches, strict=True)
        ]
        examined = self._examined(
            [one for one, record in zip(batch, settled, strict=True) if record is None], showing
        )
        return [
            record or self._record(one, several, examined[_party(one)], showing)
            for one, several, record in zip(batch, matches, settled, strict=True)
        ]

    def _examined(
        self, batch: Sequence[StoredPicture], showing: ListingsByImage
    ) -> Mapping[ListingPicture, Examination]:
        """Return an examination of each picture."""
        few, found = [], {}
        for one in batch:
            holders = {holder.product_id for holder in showing.get(_party(one).image_id, ())}
            if len(holders) < MANY_LISTINGS:
                few.append(one)
            else:
                others = Filters(excluded_ids=tuple(sorted(holders)))
                (found[_party(one)],) = self._examiner.examine_stored([one], others)
        together = self._examiner.examine_stored(few) if few else []
        return found | {_party(one): seen for one, seen in zip(few, together, strict=True)}

    def _record(
        self,
        one: StoredPicture,
        matches: Sequence[BankMatch],
        examination: Examination,
        showing: ListingsByImage,
    ) -> PictureRecord:
        party = _party(one)
        return PictureRecord(
            party,
            shared=len({h.product_id for h in showing.get(party.image_id, ())}) > 1,
            no_signal=examination.no_signal,
            findings=tuple(
                finding
                for finding in examination.findings
                if finding.picture.image_id != party.image_id and self._opening.accepts(finding)
            ),
            blocked=tuple(m.finding for m in matches if m.entry.bank == BLOCKED),
        )


def _settled(
    one: StoredPicture, matches: Sequence[BankMatch], has_pixels: Callable[[str], bool]
) -> PictureRecord | None:
    """Return the record of a picture that is not to be examined, or None."""
    party = _party(one)
    if any(match.entry.bank == ALLOWED for match in matches):
        return PictureRecord(party, allowed=True)
    if not has_pixels(party.image_id):
        return PictureRecord(
            party, problem="its thumbnail is missing or broken; load the feed again"
        )
    return None


def _party(one: StoredPicture) -> ListingPicture:
    return ListingPicture(str(one.product["id"]), str(one.document["image_id"]))
