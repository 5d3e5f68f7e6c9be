"""The banks: what is in them, who put it there, and what happens when something is blocked.

Every change is a line of the desk's log. What is newly blocked is looked for in the old listings
at once, and those that show it become a case of the queue `blocked`.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import IO

from app.cursor import Cursor, decode_cursor
from app.search.query_extractor import QueryExtractor
from app.trust.banks import hash_lists
from app.trust.banks.bank_matcher import HASH_FEATURE, BankMatch, BankMatcher
from app.trust.banks.blocked_cases import BlockedCaseOpener, BlockedMatches
from app.trust.banks.entry import (
    BANKS,
    BLOCKED,
    LONGEST_NAME,
    PREFIX,
    BankEntry,
    EntryDetails,
    entry_id,
    new_entry,
)
from app.trust.banks.list_import import ImportReport, ListImport
from app.trust.desk.decision import BANK_ADDED, BANK_REMOVED, Clock, now
from app.trust.desk.desk import Desk
from app.trust.examination.evidence import Finding
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
"""Features that see nothing in a picture with too little in it."""

PICTURE_FIELDS = ("image_id", "width", "height")


@dataclass(frozen=True)
class Addition:
    """What became of an addition; `is_new` is False for what was in the bank already."""

    entry: BankEntry
    is_new: bool
    blocked_matches: BlockedMatches


@dataclass(frozen=True)
class BankPage:
    """Some entries, the newest first. `cursor` is None on the last page."""

    entries: tuple[BankEntry, ...]
    cursor: str | None


class Banks:
    """The two banks. Thread-safe. Nothing is sent before the first use."""

    def __init__(
        self,
        index: BankIndex,
        matching: BankMatcher,
        *,
        catalogue: Catalogue,
        eyes: QueryExtractor,
        thumbnails: Thumbnails,
        shelf: KeypointStore,
        desk: Desk,
        clock: Clock = now,
    ) -> None:
        self._index = index
        self._registry = eyes.registry
        self._matching = matching
        self._catalogue = catalogue
        self._eyes = eyes
        self._thumbnails = thumbnails
        self._shelf = shelf
        self._desk = desk
        self._clock = clock
        self._blocking = BlockedCaseOpener(matching, desk, clock)

    def prepare(self) -> None:
        """Create the index if it is missing; raises ModelMismatch when it holds other features."""
        self._index.prepare()

    def add(self, bank: str, data: bytes, about: EntryDetails, by: str) -> Addition:
        """Put a picture into a bank.

        Raises UnsupportedImage and its kin, InvalidQuery for one with too little in it to be
        recognised by, UnknownName for a bank nobody knows.
        """
        check_bank(bank)
        picture, values = self._eyes.extract_stored(data, self._index.prepare())
        wanted = [name for name in HASHES if name in self._registry]
        if wanted and not any(name in values for name in wanted):
            raise InvalidQuery(
                "there is too little in this picture to recognise it by: it is blank, or nearly; "
                "send one that shows the goods themselves, or a less tightly cropped one"
            )
        assert picture.sha256 is not None, "a whole picture has a file"
        self._thumbnails.save(picture)
        size = {"width": picture.width, "height": picture.height}
        return self._add(bank, picture.sha256, {**values, **size, "source": "bank"}, about, by)

    def add_from_listing(
        self, bank: str, product_id: str, image_id: str, about: EntryDetails, by: str
    ) -> Addition:
        """Put a listing's picture into a bank, as it is stored; raises NotFound, UnknownName."""
        check_bank(bank)
        source = self._catalogue.product(product_id, vectors=True)
        for picture in own_pictures(source.get(PICTURES, [])):
            if picture["image_id"] == image_id:
                names = (*PICTURE_FIELDS, *self._index.prepare())
                kept = {name: picture[name] for name in names if name in picture}
                return self._add(bank, image_id, {**kept, "source": "bank"}, about, by)
        raise NotFound(f"product {product_id[:80]!r} has no picture {image_id[:80]!r}")

    def remove(self, key: str, by: str) -> BankEntry:
        """Take an entry out of its bank and return it; raises NotFound.

        Its thumbnail and keypoints go with it, unless a listing or the other bank shows the same
        picture.
        """
        entry = self.entry(key)
        self._index.delete(entry.picture.product_id)
        self._index.refresh()
        others = [PREFIX + entry_id(bank, entry.image_id) for bank in BANKS]
        if not self._index.existing_ids(others) and not scan.listings_showing(
            self._catalogue, [entry.image_id]
        ):
            with suppress(NotFound):
                self._thumbnails.path(entry.image_id).unlink()
            self._shelf.forget(entry.image_id)
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

    def page(self, bank: str | None = None, size: int = 48, cursor: str | None = None) -> BankPage:
        """Return a page of entries; raises UnknownName, and InvalidQuery for a foreign cursor."""
        if bank is not None:
            check_bank(bank)
        self.prepare()
        after: Sequence[Json] = decode_cursor(cursor).after if cursor else ()
        hits = self._index.page(bank, size + 1, after)
        entries = tuple(BankEntry.from_json(hit["_source"]) for hit in hits[:size])
        following = Cursor(tuple(hits[size - 1]["sort"])).encode() if len(hits) > size else None
        return BankPage(entries, following)

    def counts(self) -> Mapping[str, int]:
        """Return how many entries each bank has."""
        self.prepare()
        found = self._index.count_by_bank()
        return {bank: found.get(bank, 0) for bank in BANKS}

    def import_list(
        self, bank: str, stream: IO[bytes], about: EntryDetails, by: str
    ) -> ImportReport:
        """Put a list of PDQ hashes into a bank; bad lines are named, the rest goes in.

        The same list again changes nothing. Raises UnknownName, and InvalidQuery for what is no
        list of hashes at all.
        """
        check_bank(bank)
        self.prepare()
        importing = ListImport(self._index, self._blocking, self._clock)
        imported = importing.run(bank, stream, about, by)
        self._index.refresh()
        if imported.added:
            self._desk.record(
                BANK_ADDED,
                by,
                subject=f"{PREFIX}{bank}",
                comment=f"{imported.added} hashes of the list {about.list!r}: {about.reason}",
            )
        return imported

    def export_list(self, bank: str) -> Iterator[str]:
        """Return the lines of a bank's hash list, a header first; each hash once.

        Entries whose picture has no PDQ hash are left out. Raises UnknownName.
        """
        check_bank(bank)
        self.prepare()
        return hash_lists.write(self._hashes(bank))

    def match_stored(self, batch: Sequence[StoredPicture]) -> list[list[BankMatch]]:
        """Return which entries each stored picture matches; where both banks do, blocked wins."""
        self.prepare()
        return self._matching.match_stored(batch)

    def find_listings(self, entry: BankEntry) -> list[Finding]:
        """Return the listings that show an entry's picture, likeliest first; raises NotFound."""
        self.prepare()
        return self._matching.find_listings(entry)

    def _hashes(self, bank: str) -> Iterator[hash_lists.ListedHash]:
        had: set[bytes] = set()
        for _, value in self._index.scan_values(bank, HASH_FEATURE):
            bits = str(value["bits"])
            if (key := bytes.fromhex(bits)) not in had:
                had.add(key)
                yield hash_lists.ListedHash(bits, int(value["quality"]))

    def _add(
        self, bank: str, image_id: str, picture: Mapping[str, Json], about: EntryDetails, by: str
    ) -> Addition:
        self.prepare()
        entry = new_entry(bank, image_id, about, by, self._clock())
        if known := self._index.get_current([entry.picture.product_id]):
            return Addition(
                BankEntry.from_json(known[entry.picture.product_id]), False, BlockedMatches()
            )
        refused = self._index.create([entry.document(picture)])
        if refused:
            raise InvalidQuery(f"the entry was refused: {next(iter(refused.values()))}")
        self._index.refresh()
        self._desk.record(
            BANK_ADDED, by, subject=entry.picture.product_id, comment=f"{bank}: {entry.reason}"
        )
        found = self._blocking.open_case(entry) if bank == BLOCKED else BlockedMatches()
        return Addition(entry, True, found)


def check_bank(bank: str) -> str:
    """Return the bank's name; raises UnknownName for one nobody knows."""
    if bank not in BANKS:
        raise UnknownName("bank", bank, BANKS)
    return bank
