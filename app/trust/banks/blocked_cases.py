"""Finds listings that show a newly blocked picture, and opens cases for them."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.trust.banks.bank_matcher import BankMatcher
from app.trust.banks.entry import BankEntry
from app.trust.desk.case import Case, Member
from app.trust.desk.decision import Clock
from app.trust.desk.desk import Desk
from app.trust.desk.intake import case_id
from app.trust.examination.evidence import PairFinding
from features.base import Json

QUEUE = "blocked"
MAX_MEMBERS = 200
"""Listings in one case, the likeliest first: no reviewer can judge more on one screen. Once they
are decided, the next sweep brings the others."""


@dataclass(frozen=True)
class BlockedListings:
    """How many listings match, without those decided before, and the cases opened for them."""

    count: int = 0
    case_ids: tuple[str, ...] = ()

    def __add__(self, other: "BlockedListings") -> "BlockedListings":
        """Return the sum of both."""
        return BlockedListings(self.count + other.count, self.case_ids + other.case_ids)


class BlockedCaseOpener:
    """Opens cases of the queue `blocked`."""

    def __init__(self, matcher: BankMatcher, desk: Desk, clock: Clock) -> None:
        self._matcher = matcher
        self._desk = desk
        self._clock = clock

    def open_case(self, entry: BankEntry) -> BlockedListings:
        """Open a case of the listings that show this entry's picture, if there are any."""
        return self._open([(entry, self._matcher.find_listings(entry))])

    def open_cases(self, entries: Sequence[BankEntry], values: Sequence[Json]) -> BlockedListings:
        """Open cases for entries that are only hashes; `values` are their stored hashes."""
        findings = self._matcher.find_listings_by_hash(values)
        return self._open(list(zip(entries, findings, strict=True)))

    def _open(self, entries: Sequence[tuple[BankEntry, Sequence[PairFinding]]]) -> BlockedListings:
        matched = [(entry, findings) for entry, findings in entries if findings]
        if not matched:
            return BlockedListings()
        decided = self._desk.decided_pairs(
            [
                (entry.picture, finding.picture)
                for entry, findings in matched
                for finding in findings
            ]
        )
        rounds = self._desk.last_rounds([entry.picture for entry, _ in matched])
        cases, listings = [], 0
        for entry, findings in matched:
            fresh = [f for f in findings if frozenset((entry.picture, f.picture)) not in decided]
            if fresh:
                listings += len(fresh)
                cases.append(self._case(entry, fresh, rounds[entry.picture.key] + 1))
        self._desk.open_cases(cases)
        return BlockedListings(listings, tuple(case.id for case in cases))

    def _case(self, entry: BankEntry, findings: Sequence[PairFinding], number: int) -> Case:
        at = self._clock()
        return Case(
            id=case_id(entry.picture, number),
            queue=QUEUE,
            representative=entry.picture,
            members=tuple(Member(finding) for finding in findings[:MAX_MEMBERS]),
            opened_at=at,
            updated_at=at,
            round=number,
        )
