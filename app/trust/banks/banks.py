"""The banks of blocked and allowed pictures.

Every change is an entry of the desk's log. Old listings that show a newly blocked picture become a
case of the queue `blocked` at once.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from app.search import cursor as cursors
from app.search.query_extractor import QueryExtractor
from app.trust.banks import hash_lists
from app.trust.banks.bank_matcher import HASH_FEATURE, BankMatch, BankMatcher
from app.trust.banks.blocked_cases import BlockedCaseOpener, BlockedListings
from app.trust.banks.entry import (
    BANKS,
    BLOCKED,
    LONGEST_NAME,
    PREFIX,
    BankEntry,
    EntryDetails,
    new_entry,
)
from app.trust.banks.list_import import ImportReport, ListImport
from app.trust.desk.decision import BANK_ADDED, BANK_REMOVED, Clock, now
from app.trust.desk.desk import Desk
from app.trust.examination.evidence import PairFinding
from app.trust.examination.stored_pictures import StoredPicture
from core.errors import InvalidQuery, NotFound, UnknownName
from features.base import Json
from features.geometry.keypoint_store import KeypointStore
from features.imaging.thumbnails import Thumbnails
from mappings.catalogue import scan
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES, own_pictures
from mappings.trust.banks import BankIndex

HASHES = ("pdq", "phash")
"""Features without a value for a picture with too little detail."""

PICTURE_FIELDS = ("image_id", "width", "height")


@dataclass(frozen=True)
class Addition:
    """The result of adding a picture; `is_new` is False if it was in the bank already."""

    entry: BankEntry
    is_new: bool
    blocked_listings: BlockedListings


@dataclass(frozen=True)
class BankEntries:
    """Some entries, the newest first. `cursor` is None on the last page."""

    entries: tuple[BankEntry, ...]
    cursor: str | None


class Banks:
    """The two banks. Thread-safe. The first use creates the index."""

    def __init__(
        self,
        index: BankIndex,
        matcher: BankMatcher,
        *,
        catalogue: Catalogue,
        extractor: QueryExtractor,
        thumbnails: Thumbnails,
        keypoints: KeypointStore,
        desk: Desk,
        clock: Clock = now,
    ) -> None:
        self._index = index
        self._registry = extractor.registry
        self._matcher = matcher
        self._catalogue = catalogue
        self._extractor = extractor
        self._thumbnails = thumbnails
        self._keypoints = keypoints
        self._desk = desk
        self._clock = clock
        self._blocked_cases = BlockedCaseOpener(matcher, desk, clock)

    def prepare(self) -> None:
        """Create the index if it is missing; raises ModelMismatch when it holds other features."""
        self._index.prepare()

    def add(self, bank: str, data: bytes, details: EntryDetails, by: str) -> Addition:
        """Put a picture into a bank.

        Raises the errors of decoding, InvalidQuery for a picture with too little detail to
        recognise, UnknownName for an unknown bank.
        """
        check_bank(bank)
        picture, values = self._extractor.extract_stored(data, self._index.prepare())
        hashes = [name for name in HASHES if name in self._registry]
        if hashes and not any(name in values for name in hashes):
            raise InvalidQuery(
                "the picture is blank or nearly blank, so copies could not be recognised: "
                "send one that shows the goods, or one that is cropped less tightly"
            )
        assert picture.sha256 is not None, "a whole picture has a file"
        self._thumbnails.save(picture)
        size = {"width": picture.width, "height": picture.height}
        return self._add(bank, picture.sha256, {**values, **size, "source": "bank"}, details, by)

    def add_from_listing(
        self, bank: str, product_id: str, image_id: str, details: EntryDetails, by: str
    ) -> Addition:
        """Put a listing's picture into a bank, as it is stored; raises NotFound, UnknownName."""
        check_bank(bank)
        source = self._catalogue.product(product_id, vectors=True)
        for picture in own_pictures(source.get(PICTURES, [])):
            if picture["image_id"] == image_id:
                names = (*PICTURE_FIELDS, *self._index.prepare())
                values = {name: picture[name] for name in names if name in picture}
                return self._add(bank, image_id, {**values, "source": "bank"}, details, by)
        raise NotFound(f"product {product_id[:80]!r} has no picture {image_id[:80]!r}")

    def add_hashes(
        self, bank: str, image_id: str, values: Mapping[str, Json], details: EntryDetails, by: str
    ) -> Addition:
        """Put the hashes of a picture into a bank, by feature, without the picture itself.

        `image_id` is one of them. Raises UnknownName.
        """
        check_bank(bank)
        return self._add(bank, image_id, values, details, by)

    def remove(self, key: str, by: str) -> BankEntry:
        """Remove an entry from its bank and return it; raises NotFound.

        Its thumbnail and keypoints are deleted, unless a listing or another entry shows the same
        picture.
        """
        entry = self.entry(key)
        self._index.delete(entry.picture.product_id)
        self._index.refresh()
        if not self._index.showing(entry.image_id) and not scan.listings_showing(
            self._catalogue, [entry.image_id]
        ):
            with suppress(NotFound):
                self._thumbnails.path(entry.image_id).unlink()
            self._keypoints.forget(entry.image_id)
        self._desk.record(
            BANK_REMOVED, by, subject=entry.picture.product_id, comment=f"it was: {entry.reason}"
        )
        return entry

    def entry(self, key: str) -> BankEntry:
        """Return an entry by its id, as it is now; raises NotFound."""
        self.prepare()
        found = self._index.get_current([PREFIX + key]) if len(key) < LONGEST_NAME else {}
        if not found:
            raise NotFound(f"there is no entry {key[:80]!r} in the banks")
        return BankEntry.from_json(found[PREFIX + key])

    def page(
        self, bank: str | None = None, size: int = 48, cursor: str | None = None
    ) -> BankEntries:
        """Return a page of entries; raises UnknownName, and InvalidQuery for a foreign cursor."""
        if bank is not None:
            check_bank(bank)
        self.prepare()
        hits = self._index.page(bank, size + 1, cursors.page_start(cursor))
        entries = tuple(BankEntry.from_json(hit["_source"]) for hit in hits[:size])
        return BankEntries(entries, cursors.next_page(hits, size))

    def counts(self) -> Mapping[str, int]:
        """Return the number of entries of each bank."""
        self.prepare()
        found = self._index.count_by_bank()
        return {bank: found.get(bank, 0) for bank in BANKS}

    def import_list(
        self, bank: str, stream: IO[bytes], details: EntryDetails, by: str
    ) -> ImportReport:
        """Import a list of PDQ hashes into a bank; bad lines are named, the others are stored.

        Importing the same list again changes nothing. Raises UnknownName, and InvalidQuery if the
        file is not a list of hashes.
        """
        check_bank(bank)
        self.prepare()
        list_import = ListImport(self._index, self._blocked_cases, self._clock)
        report = list_import.run(bank, stream, details, by)
        self._index.refresh()
        if report.added:
            self._desk.record(
                BANK_ADDED,
                by,
                subject=f"{PREFIX}{bank}",
                comment=f"{report.added} hashes of the list {details.list!r}: {details.reason}",
            )
        return report

    def export_list(self, bank: str) -> Iterator[str]:
        """Return the lines of a bank's hash list, a header first; each hash once.

        Entries whose picture has no PDQ hash are left out. Raises UnknownName.
        """
        check_bank(bank)
        self.prepare()
        return hash_lists.write(self._hashes(bank))

    def match_stored(self, batch: Sequence[StoredPicture]) -> list[list[BankMatch]]:
        """Return the entries that each stored picture matches; blocked ones hide allowed ones."""
        self.prepare()
        return self._matcher.match_stored(batch)

    def find_listings(self, entry: BankEntry) -> list[PairFinding]:
        """Return the listings that show an entry's picture, likeliest first; raises NotFound."""
        self.prepare()
        return self._matcher.find_listings(entry)

    def _hashes(self, bank: str) -> Iterator[hash_lists.ListedHash]:
        yielded: set[bytes] = set()
        for _, value in self._index.scan_values(bank, HASH_FEATURE):
            bits = str(value["bits"])
            if (key := bytes.fromhex(bits)) not in yielded:
                yielded.add(key)
                yield hash_lists.ListedHash(bits, int(value["quality"]))

    def _add(
        self, bank: str, image_id: str, picture: Mapping[str, Json], details: EntryDetails, by: str
    ) -> Addition:
        self.prepare()
        has_picture = "width" in picture
        entry = new_entry(bank, image_id, details, by, self._clock(), has_picture=has_picture)
        if known := self._index.get_current([entry.picture.product_id]):
            return Addition(
                BankEntry.from_json(known[entry.picture.product_id]), False, BlockedListings()
            )
        refused = self._index.create([entry.document(picture)])
        if refused:
            raise InvalidQuery(f"the entry was refused: {next(iter(refused.values()))}")
        self._index.refresh()
        self._desk.record(
            BANK_ADDED, by, subject=entry.picture.product_id, comment=f"{bank}: {entry.reason}"
        )
        is_blocked = bank == BLOCKED
        matches = self._blocked_cases.open_case(entry) if is_blocked else BlockedListings()
        return Addition(entry, True, matches)


def check_bank(bank: str) -> str:
    """Return the bank's name; raises UnknownName for an unknown one."""
    if bank not in BANKS:
        raise UnknownName("bank", bank, BANKS)
    return bank
