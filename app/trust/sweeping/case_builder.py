"""Builds cases from examined pictures: one for each dispute, with what nobody has answered yet.

A new picture joins the open case of its group; where it connects several, they become the oldest.
Open cases that nothing asks for any more are withdrawn.
"""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.trust.desk.case import DELETED, MERGED, OUTSIDE_POLICY, Case, Member
from app.trust.desk.case_policy import CasePolicy
from app.trust.desk.intake import ALIKE, OpenedCases, case_id
from app.trust.examination.evidence import ListingPicture, PairFinding
from app.trust.sweeping.case_thresholds import CaseThresholds
from app.trust.sweeping.checkpoint import Records
from app.trust.sweeping.dispute_finder import Dispute, DisputeFinder, FoundDisputes, VerdictLookup
from app.trust.sweeping.existing_cases import PHOTO_QUEUES, PRODUCT_QUEUES
from app.trust.sweeping.links import Links
from app.trust.sweeping.stored_picture_examiner import ListingsByImage

MANY_CASES = 10_000
"""New cases from which a sweep, and the policy's page, say so first."""

SWEEP = "sweep"
"""The author of comments that a sweep writes."""


class CaseDesk(VerdictLookup, Protocol):
    """Opens, joins and withdraws cases (`app.trust.desk.desk.Desk`)."""

    def decided_pairs(
        self, pairs: Sequence[tuple[ListingPicture, ListingPicture]]
    ) -> set[frozenset[ListingPicture]]:
        """Return the pairs that have a verdict."""
        ...

    def last_rounds(self, representatives: Sequence[ListingPicture]) -> Mapping[str, int]:
        """Return the last decided round by `ListingPicture.key`."""
        ...

    def open_cases(self, cases: Sequence[Case]) -> OpenedCases:
        """Open the cases that are not open yet; add members to those that are."""
        ...

    def withdraw(
        self,
        case_id: str,
        reason: str,
        pictures: Collection[ListingPicture] | None = None,
        merged_into: str | None = None,
    ) -> None:
        """Take these pictures, or all, off an open case."""
        ...


class CaseBuilder:
    """Builds cases from records and has the desk open them."""

    def __init__(
        self,
        desk: CaseDesk,
        finder: DisputeFinder,
        find_listings: Callable[[Collection[str]], ListingsByImage],
        thresholds: CaseThresholds,
        read_policy: Callable[[], CasePolicy],
        clock: Callable[[], datetime],
    ) -> None:
        """`read_policy` returns the policy in force."""
        self.read_policy = read_policy
        self._desk = desk
        self._finder = finder
        self._find_listings = find_listings
        self._thresholds = thresholds
        self._clock = clock

    def open_cases(
        self, records: Records, say: Callable[[str], None], *, whole: bool = False
    ) -> OpenedCases:
        """Open the cases that the records lead to; safe to repeat.

        With `whole`, the records are about the whole catalogue: all open cases are looked at again.
        Calls `say` before it opens very many cases.
        """
        total, policy = OpenedCases(), self.read_policy()
        for case in self._blocked(records):
            total += self._desk.open_cases([case])
        for queues in self._queue_families():
            links = Links(records, self._thresholds, by_product=queues == PRODUCT_QUEUES)
            found = self._finder.find(links, policy, queues, whole=whole)
            fresh = sum(not dispute.open_cases for dispute in found.disputes)
            if fresh > MANY_CASES:
                say(f"{fresh} cases are about to be opened: the policy at /trust/policy is wide")
            for dispute in found.disputes:
                total += self._open(dispute, found, queues)
            for case in found.needless:
                self._desk.withdraw(case.id, _reason(case.pictures, found))
        return total

    def count_cases(self, records: Records, policy: CasePolicy) -> int:
        """Return how many cases would be open under a policy, without a change of anything."""
        count = 0
        for queues in self._queue_families():
            links = Links(records, self._thresholds, by_product=queues == PRODUCT_QUEUES)
            count += len(self._finder.find(links, policy, queues, whole=True).disputes)
        return count

    def _queue_families(self) -> list[tuple[str, ...]]:
        return [PHOTO_QUEUES, *([PRODUCT_QUEUES] if self._thresholds.similar else [])]

    def _open(self, dispute: Dispute, found: FoundDisputes, queues: Sequence[str]) -> OpenedCases:
        """Open a dispute's case, or have the oldest of its open cases take it in."""
        case = self._case(dispute, queues)
        if case is None:
            for needless in dispute.open_cases:
                self._desk.withdraw(needless.id, _reason(needless.pictures, found))
            return OpenedCases()
        first, others = dispute.open_cases[:1], dispute.open_cases[1:]
        for before in first:
            needed = {case.representative, *(member.picture for member in case.members)}
            if surplus := {member.picture for member in before.members} - needed:
                self._desk.withdraw(before.id, _reason(surplus, found), surplus)
        opened = self._desk.open_cases([case])
        for other in others:
            self._desk.withdraw(other.id, MERGED, merged_into=case.id)
        return opened

    def _case(self, dispute: Dispute, queues: Sequence[str]) -> Case | None:
        """Return the case to open or to extend; None where a flood has been answered."""
        now, members = self._clock(), dispute.members
        is_file = any(member.finding.label == "same_file" for member in members)
        photo_queue = "same_file" if is_file else "same_photo"
        queue = "same_product" if queues == PRODUCT_QUEUES else photo_queue
        comments: tuple[Mapping[str, str], ...] = ()
        if dispute.size > self._thresholds.flood:
            # The first members stand for all: once they are decided, no others are asked about.
            members = members[: max(0, self._thresholds.flood - dispute.decided)]
            text = (
                f"{dispute.size} listings show this picture or a matching one; "
                f"this case contains {len(members) + 1} pictures of them"
            )
            comments = ({"reviewer": SWEEP, "at": now.isoformat(), "text": text},)
            queue = "flood"
        if not members:
            return None
        number = dispute.last_round + 1
        key = case_id(dispute.representative, number)
        ids = [case.id for case in dispute.open_cases]
        return Case(
            id=ids[0] if ids else f"{key}{ALIKE}" if queue == "same_product" else key,
            queue=queue,
            representative=dispute.representative,
            members=members,
            relatives=dispute.relatives,
            owners=dispute.owners,
            opened_at=now,
            updated_at=now,
            comments=comments,
            round=number,
        )

    def _blocked(self, records: Records) -> Iterator[Case]:
        """Yield a case for each entry of the blocked bank that pictures match."""
        entries: dict[ListingPicture, dict[str, PairFinding]] = {}
        for _, record in records:
            for finding in record.blocked:
                entries.setdefault(finding.picture, {})[record.picture.image_id] = finding
        if not entries:
            return
        listings = self._find_listings({image for found in entries.values() for image in found})
        rounds = self._desk.last_rounds(sorted(entries))
        for entry, findings in sorted(entries.items()):
            members = [
                (listing.added_at, _with_listing(finding, listing.product_id, image_id))
                for image_id, finding in findings.items()
                for listing in listings.get(image_id, ())
            ]
            decided = self._desk.decided_pairs([(entry, each.picture) for _, each in members])
            undecided = [
                Member(finding)
                for _, finding in sorted(members, key=lambda member: (member[0], member[1].picture))
                if frozenset((entry, finding.picture)) not in decided
            ]
            if undecided:
                now, number = self._clock(), rounds[entry.key] + 1
                yield Case(
                    case_id(entry, number), "blocked", entry, tuple(undecided), now, now,
                    round=number,
                )  # fmt: skip


def _with_listing(finding: PairFinding, product_id: str, image_id: str) -> PairFinding:
    return replace(finding, picture=ListingPicture(product_id, image_id))


def _reason(pictures: Collection[ListingPicture], found: FoundDisputes) -> str:
    """Return why these pictures are no case any more."""
    return DELETED if any(each not in found.present for each in pictures) else OUTSIDE_POLICY
