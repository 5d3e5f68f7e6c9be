"""Examines batches of stored pictures against the banks and the catalogue; skips broken ones."""

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
"""Pictures per request: for each, the answer contains 24 products with vectors, about 6 MB."""

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
"""Errors that any other picture would raise as well: they end the work."""


MANY_LISTINGS = 8
"""Listings with the same file from which they are left out of its candidates: they are known, and
would leave no room for other pictures among the 24."""


ListingsByImage: TypeAlias = Mapping[str, Sequence[PictureListing]]
"""Image id → the listings that show it."""


class BankLookup(Protocol):
    """Compares stored pictures with the banks (`app.trust.banks.banks.Banks`)."""

    def match_stored(self, batch: Sequence[StoredPicture]) -> list[list[BankMatch]]:
        """Return the entries each picture matches, in order; blocked ones hide allowed ones."""
        ...


class StoredPictureExaminer:
    """Examines batches; any number of threads may at once."""

    def __init__(
        self,
        examiner: PictureExaminer,
        banks: BankLookup,
        find_listings: Callable[[Collection[str]], ListingsByImage],
        thresholds: CaseThresholds,
        has_pixels: Callable[[str], bool],
    ) -> None:
        self._examiner = examiner
        self._banks = banks
        self._find_listings = find_listings
        self._thresholds = thresholds
        self._has_pixels = has_pixels

    def examine(self, batch: Sequence[StoredPicture]) -> list[PictureRecord]:
        """Return a record per picture, in order. Raises SYSTEM_ERRORS."""
        if len(batch) > AT_ONCE:
            parts = [batch[start : start + AT_ONCE] for start in range(0, len(batch), AT_ONCE)]
            return [record for part in parts for record in self.examine(part)]
        try:
            return self._examine_at_once(batch) if batch else []
        except SYSTEM_ERRORS:
            raise
        # An unforeseen error must cost one picture, not a sweep of hours.
        except Exception as error:
            if len(batch) > 1:
                return [record for stored in batch for record in self.examine([stored])]
            is_known = isinstance(error, LookalikeError)
            problem = str(error) if is_known else f"{type(error).__name__}: {error}"
            return [
                PictureRecord(_listing_picture(batch[0]), problem=problem or type(error).__name__)
            ]

    def _examine_at_once(self, batch: Sequence[StoredPicture]) -> list[PictureRecord]:
        pictures = [_listing_picture(stored) for stored in batch]
        listings = self._find_listings([picture.image_id for picture in pictures])
        matches = self._banks.match_stored(batch)
        skipped = [
            self._skipped(picture, entries)
            for picture, entries in zip(pictures, matches, strict=True)
        ]
        examined = self._examine(
            [stored for stored, record in zip(batch, skipped, strict=True) if record is None],
            listings,
        )
        return [
            record or self._record(picture, entries, examined[picture], listings)
            for picture, entries, record in zip(pictures, matches, skipped, strict=True)
        ]

    def _skipped(
        self, picture: ListingPicture, matches: Sequence[BankMatch]
    ) -> PictureRecord | None:
        """Return the record of a picture that is not to be examined, or None."""
        if any(match.entry.bank == ALLOWED for match in matches):
            return PictureRecord(picture, allowed=True)
        if not self._has_pixels(picture.image_id):
            problem = "its thumbnail is missing or broken; load the feed again"
            return PictureRecord(picture, problem=problem)
        return None

    def _examine(
        self, batch: Sequence[StoredPicture], listings: ListingsByImage
    ) -> Mapping[ListingPicture, Examination]:
        """Return an examination of each picture."""
        together, examinations = [], {}
        for stored in batch:
            picture = _listing_picture(stored)
            ids = {listing.product_id for listing in listings.get(picture.image_id, ())}
            if len(ids) < MANY_LISTINGS:
                together.append(stored)
            else:
                others = Filters(excluded_ids=tuple(sorted(ids)))
                (examinations[picture],) = self._examiner.examine_stored([stored], others)
        answers = self._examiner.examine_stored(together) if together else []
        return examinations | {
            _listing_picture(stored): examination
            for stored, examination in zip(together, answers, strict=True)
        }

    def _record(
        self,
        picture: ListingPicture,
        matches: Sequence[BankMatch],
        examination: Examination,
        listings: ListingsByImage,
    ) -> PictureRecord:
        ids = {listing.product_id for listing in listings.get(picture.image_id, ())}
        return PictureRecord(
            picture,
            shared=len(ids) > 1,
            no_signal=examination.no_signal,
            findings=tuple(
                finding
                for finding in examination.findings
                if finding.picture.image_id != picture.image_id
                and self._thresholds.accepts(finding)
            ),
            blocked=tuple(match.finding for match in matches if match.entry.bank == BLOCKED),
        )


def _listing_picture(stored: StoredPicture) -> ListingPicture:
    return ListingPicture(str(stored.product["id"]), str(stored.document["image_id"]))
