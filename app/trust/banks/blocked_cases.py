"""What is newly blocked is looked for in the old listings, and found ones become cases."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.trust.banks.bank_matcher import BankMatcher
from app.trust.banks.entry import BankEntry
from app.trust.desk.case import Case, Member
from app.trust.desk.decision import Clock
from app.trust.desk.desk import Desk
from app.trust.desk.intake import case_id
from app.trust.examination.evidence import Finding
from features.base import Json

QUEUE = "blocked"
MOST_MEMBERS = 200
"""Listings in one case, the likeliest first: nobody judges more on one screen. Once they are
decided, the next sweep brings the others."""


@dataclass(frozen=True)
class BlockedMatches:
    """What looking back found: listings, not counting those judged before, and cases opened."""

    listings: int = 0
    case_ids: tuple[str, ...] = ()

    def __add__(self, other: "BlockedMatches") -> "BlockedMatches":
        """Return both together."""
        return BlockedMatches(self.listings + other.listings, self.case_ids + other.case_ids)


class BlockedCaseOpener:
    """Opens cases of the queue `blocked`."""

    def __init__(self, matching: BankMatcher, desk: Desk, clock: Clock) -> None:
        self._matching = matching
        self._desk = desk
        self._clock = clock

    def open_case(self, entry: BankEntry) -> BlockedMatches:
        """Open a case of the listings that show this entry's picture, if there are any."""
        return self._open([(entry, self._matching.find_listings(entry))])

    def open_cases(self, entries: Sequence[BankEntry], values: Sequence[Json]) -> BlockedMatches:
        """Do so for many entries that are hashes alone, whose stored hashes are `values`."""
        found = self._matching.find_listings_by_hash(values)
        return self._open(list(zip(entries, found, strict=True)))

    def _open(self, found: Sequence[tuple[BankEntry, Sequence[Finding]]]) -> BlockedMatches:
        some = [(entry, findings) for entry, findings in found if findings]
        if not some:
            return BlockedMatches()
        decided = self._desk.decided_pairs(
            [(entry.picture, finding.picture) for entry, findings in some for finding in findings]
        )
        rounds = self._desk.last_rounds([entry.picture for entry, _ in some])
        cases, listings = [], 0
        for entry, findings in some:
            fresh = [f for f in findings if frozenset((entry.picture, f.picture)) not in decided]
            if fresh:
                listings += len(fresh)
                cases.append(self._case(entry, fresh, rounds[entry.picture.key] + 1))
        self._desk.open_cases(cases)
        return BlockedMatches(listings, tuple(case.id for case in cases))

    def _case(self, entry: BankEntry, findings: Sequence[Finding], number: int) -> Case:
        at = self._clock()
        return Case(
            id=case_id(entry.picture, number),
            queue=QUEUE,
            representative=entry.picture,
            members=tuple(Member(finding) for finding in findings[:MOST_MEMBERS]),
            opened_at=at,
            updated_at=at,
            round=number,
        )
