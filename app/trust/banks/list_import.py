"""Imports a list of PDQ hashes into a bank, a batch at a time."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import IO

from app.trust.banks import hash_lists
from app.trust.banks.blocked_cases import BlockedCaseOpener, BlockedListings
from app.trust.banks.entry import BLOCKED, EntryDetails, new_entry
from app.trust.banks.hash_lists import BadLine, ListedHash
from app.trust.desk.decision import Clock
from core.errors import InvalidQuery
from features import pdq
from mappings.trust.banks import BankIndex

MIN_QUALITY = pdq.Pdq().min_quality
BATCH = 1000
MAX_BAD_START = 1000
"""Bad lines at the beginning of a list after which the import is given up."""

MAX_BAD_NAMED = 1000
"""Bad lines that are named; all are counted."""


@dataclass(frozen=True)
class ImportReport:
    """The result of an import. `duplicates` were in the bank already, or twice in the list.

    `bad` names the first MAX_BAD_NAMED of the `rejected` lines. `blocked_listings` are the old
    listings that match a blocked list.
    """

    added: int = 0
    duplicates: int = 0
    rejected: int = 0
    bad: tuple[BadLine, ...] = ()
    blocked_listings: BlockedListings = field(default_factory=BlockedListings)

    def with_bad_line(self, line: BadLine) -> "ImportReport":
        """Return the report with one more rejected line."""
        named = (*self.bad, line) if len(self.bad) < MAX_BAD_NAMED else self.bad
        return replace(self, rejected=self.rejected + 1, bad=named)


class ListImport:
    """Imports lists; calls `report_progress` with the report so far after every batch."""

    def __init__(
        self,
        index: BankIndex,
        blocking: BlockedCaseOpener,
        clock: Clock,
        report_progress: Callable[[ImportReport], None] | None = None,
    ) -> None:
        self._index = index
        self._blocking = blocking
        self._clock = clock
        self._report_progress = report_progress

    def run(self, bank: str, stream: IO[bytes], details: EntryDetails, by: str) -> ImportReport:
        """Store every good line; raises InvalidQuery if the list begins with bad lines only."""
        at, done = self._clock(), ImportReport()
        batch: dict[str, ListedHash] = {}
        for line in hash_lists.read(stream, MIN_QUALITY):
            if isinstance(line, BadLine):
                done = done.with_bad_line(line)
                if done.rejected == MAX_BAD_START and not (done.added or done.duplicates or batch):
                    raise InvalidQuery(
                        f"not a list of PDQ hashes: none of the first {MAX_BAD_START} lines "
                        f"is `hash,quality`; line {done.bad[0].number}: {done.bad[0].rule}"
                    )
            elif line.bits in batch:
                done = replace(done, duplicates=done.duplicates + 1)
            else:
                batch[line.bits] = line
                if len(batch) == BATCH:
                    done = self._store(bank, batch, details, by, at, done)
                    batch = {}
        return self._store(bank, batch, details, by, at, done)

    def _store(
        self,
        bank: str,
        batch: Mapping[str, ListedHash],
        details: EntryDetails,
        by: str,
        at: datetime,
        done: ImportReport,
    ) -> ImportReport:
        entries = {
            bits: new_entry(bank, bits, details, by, at, has_picture=False) for bits in batch
        }
        existing = self._index.existing_ids(
            [entry.picture.product_id for entry in entries.values()]
        )
        fresh = {
            b: entry for b, entry in entries.items() if entry.picture.product_id not in existing
        }
        values = {bits: pdq.stored_value(bits, batch[bits].quality) for bits in fresh}
        refused = self._index.create(
            [fresh[bits].document({pdq.Pdq.name: values[bits]}) for bits in fresh]
        )
        if refused:
            raise InvalidQuery(f"the hashes were refused: {next(iter(refused.values()))}")
        blocked_listings = BlockedListings()
        if bank == BLOCKED:
            blocked_listings = self._blocking.open_cases(
                list(fresh.values()), list(values.values())
            )
        done = replace(
            done,
            added=done.added + len(fresh),
            duplicates=done.duplicates + len(batch) - len(fresh),
            blocked_listings=done.blocked_listings + blocked_listings,
        )
        if self._report_progress is not None:
            self._report_progress(done)
        return done
