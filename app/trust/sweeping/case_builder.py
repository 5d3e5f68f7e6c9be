"""Builds cases from examined pictures: groups them, picks a representative, leaves out old pairs.

Pictures are grouped by file, since listings that show the same file share everything else. The
members of a case are all listings that show a picture of the group. A pair that has a verdict, or
waits in an open case, is left out.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.trust.desk.case import DECIDED, Case, Member
from app.trust.desk.intake import OpenedCases, case_id
from app.trust.examination.evidence import ListingPicture, PairFinding
from app.trust.sweeping.case_thresholds import CaseThresholds
from app.trust.sweeping.checkpoint import Records
from app.trust.sweeping.existing_cases import PHOTO_QUEUES, PRODUCT_QUEUES
from app.trust.sweeping.groups import Group, PicturePair, Rank, build_groups
from app.trust.sweeping.links import Links
from app.trust.sweeping.picture_inspector import ListingsByImage
from mappings.catalogue.scan import PictureListing

BATCH = 100
"""Cases opened together."""

SAME_FILE = PairFinding(ListingPicture("", ""), "same_file", 1.0, 1.0)
SWEEP = "sweep"
"""The author of comments that a sweep writes."""


class CaseDesk(Protocol):
    """Opens cases and knows verdicts (`app.trust.desk.desk.Desk`)."""

    def decided_pairs(
        self, pairs: Sequence[tuple[ListingPicture, ListingPicture]]
    ) -> set[frozenset[ListingPicture]]:
        """Return the pairs that have a verdict."""
        ...

    def open_cases(self, cases: Sequence[Case]) -> OpenedCases:
        """Open the cases that are not open yet; add members to those that are."""
        ...


class CaseFinder(Protocol):
    """Finds cases by the pictures that represent them (`existing_cases.ExistingCases`)."""

    def represented_by(self, image_ids: Iterable[str], queues: Iterable[str]) -> list[Case]:
        """Return the cases these pictures represent, in the order they were opened."""
        ...


class CaseBuilder:
    """Builds cases from records and has the desk open them.

    `find_listings` returns the listings that show pictures, by image id.
    """

    def __init__(
        self,
        desk: CaseDesk,
        existing_cases: CaseFinder,
        find_listings: Callable[[Collection[str]], ListingsByImage],
        thresholds: CaseThresholds,
        clock: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._existing_cases = existing_cases
        self._find_listings = find_listings
        self._thresholds = thresholds
        self._clock = clock

    def open_cases(self, records: Records) -> OpenedCases:
        """Open the cases that the records lead to; safe to repeat."""
        total = self._open(self._blocked(records))
        for by_product in [False, True] if self._thresholds.similar else [False]:
            total = _sum(total, self._open(self._grouped(records, by_product)))
        return total

    def _open(self, cases: Iterator[Case]) -> OpenedCases:
        total, batch = OpenedCases(), list[Case]()
        for case in cases:
            batch.append(case)
            if len(batch) == BATCH:
                total, batch = _sum(total, self._desk.open_cases(batch)), []
        return _sum(total, self._desk.open_cases(batch)) if batch else total

    def _blocked(self, records: Records) -> Iterator[Case]:
        """Yield a case for each entry of the blocked bank that pictures match."""
        entries: dict[ListingPicture, dict[str, PairFinding]] = {}
        for _, record in records:
            for finding in record.blocked:
                entries.setdefault(finding.picture, {})[record.picture.image_id] = finding
        image_ids = {image for findings in entries.values() for image in findings}
        listings = self._find_listings(image_ids)
        for entry, findings in sorted(entries.items()):
            members = [
                (listing, _member(finding, listing.product_id, image_id))
                for image_id, finding in findings.items()
                for listing in listings.get(image_id, ())
            ]
            yield from self._case("blocked", entry, (), members)

    def _grouped(self, records: Records, by_product: bool) -> Iterator[Case]:
        """Yield a case for each group of the same photo, or else of the same product."""
        links = Links(records, self._thresholds, by_product=by_product)
        cases: dict[str, list[Case]] = {}
        queues = PRODUCT_QUEUES if by_product else PHOTO_QUEUES
        for case in self._existing_cases.represented_by(links.pictures, queues):
            cases.setdefault(case.representative.image_id, []).append(case)
        previous = {
            image: {member.picture.image_id for case in led for member in case.members}
            for image, led in cases.items()
        }
        listings = self._find_listings(links.pictures.union(*previous.values()))
        for group in self._groups(links, previous, listings):
            led = cases.get(group.representative, [])
            representative = _representative(group.representative, listings, led)
            members = self._members(group, representative, links, listings)
            is_file = any(member.finding.label == "same_file" for _, member in members)
            photo_queue = "same_file" if is_file else "same_photo"
            queue = "same_product" if by_product else photo_queue
            yield from self._case(queue, representative, led, members)

    def _groups(
        self, links: Links, previous: Mapping[str, set[str]], listings: ListingsByImage
    ) -> list[Group]:
        """Return the groups of linked pictures, and of pictures that several listings show."""
        pairs = [
            PicturePair(a, b, probability)
            for a, b, probability in links.pairs()
            if a in listings and b in listings
        ]

        def rank(image_id: str) -> Rank:
            return _age(_by_age(listings[image_id])[0])

        groups = build_groups(
            pairs,
            self._thresholds.min_probability,
            rank,
            {image: members for image, members in previous.items() if image in listings},
        )
        grouped = {image for group in groups for image in (group.representative, *group.members)}
        alone = {image for image in links.shared if image in listings} - grouped
        return groups + [Group(image, ()) for image in sorted(alone)]

    def _members(
        self,
        group: Group,
        representative: ListingPicture,
        links: Links,
        listings: ListingsByImage,
    ) -> list[tuple[PictureListing, Member]]:
        """Return every other listing that shows one of the group's pictures."""
        image = group.representative
        sellers = {listing.product_id: listing.seller_id for listing in listings[image]}
        seller = sellers[representative.product_id] if self._thresholds.other_sellers else None
        members = []
        for image_id in (image, *group.members):
            finding = SAME_FILE if image_id == image else links.finding(image_id, image)
            # Without a finding it comes from an earlier case alone, which asks about it already.
            if finding is None:
                continue
            for listing in listings.get(image_id, ()):
                is_own = listing.product_id == representative.product_id
                if not is_own and (seller is None or listing.seller_id != seller):
                    members.append((listing, _member(finding, listing.product_id, image_id)))
        return members

    def _case(
        self,
        queue: str,
        representative: ListingPicture,
        led: Sequence[Case],
        members: Sequence[tuple[PictureListing, Member]],
    ) -> Iterator[Case]:
        """Yield the case about the members without a verdict, if there are any.

        `led` are the earlier cases that the same picture represents.
        """
        undecided = self._undecided(representative, led, members)
        now = self._clock()
        comments: tuple[Mapping[str, str], ...] = ()
        if queue != "blocked" and len(members) + 1 > self._thresholds.flood:
            # The first members stand for all: once they are decided, no others are asked about.
            decided = len(members) - len(undecided)
            undecided = undecided[: max(0, self._thresholds.flood - decided)]
            text = (
                f"{len(members) + 1} listings show this picture or a matching one; "
                f"this case contains {len(undecided) + 1} of them"
            )
            comments = ({"reviewer": SWEEP, "at": now.isoformat(), "text": text},)
            queue = "flood"
        if not undecided:
            return
        own = [case for case in led if case.representative == representative]
        number = 1 + max((case.round for case in own if case.state == DECIDED), default=0)
        key = case_id(representative, number)
        yield Case(
            id=f"{key}-alike" if queue == "same_product" else key,
            queue=queue,
            representative=representative,
            members=tuple(undecided),
            opened_at=now,
            updated_at=now,
            comments=comments,
            round=number,
        )

    def _undecided(
        self,
        representative: ListingPicture,
        led: Sequence[Case],
        members: Sequence[tuple[PictureListing, Member]],
    ) -> list[Member]:
        """Return the members without a verdict, the oldest listing first."""
        # A verdict beside another listing that showed the representative's file counts too.
        representatives = {representative, *(case.representative for case in led)}
        pairs = {
            member.picture: [(each, member.picture) for each in representatives]
            for _, member in members
        }
        decided = self._desk.decided_pairs([pair for group in pairs.values() for pair in group])
        by_age = sorted(members, key=lambda member: (_age(member[0]), member[1].picture))
        return [
            member
            for _, member in by_age
            if not any(frozenset(pair) in decided for pair in pairs[member.picture])
        ]


def _member(finding: PairFinding, product_id: str, image_id: str) -> Member:
    return Member(replace(finding, picture=ListingPicture(product_id, image_id)))


def _age(listing: PictureListing) -> Rank:
    return listing.added_at, listing.product_id


def _by_age(listings: Sequence[PictureListing]) -> list[PictureListing]:
    return sorted(listings, key=_age)


def _representative(image: str, listings: ListingsByImage, led: Sequence[Case]) -> ListingPicture:
    """Return the listing that represents a picture already, or else the oldest that shows it."""
    pictures = [ListingPicture(listing.product_id, image) for listing in _by_age(listings[image])]
    before = [case.representative for case in led if case.representative in pictures]
    return before[0] if before else pictures[0]


def _sum(a: OpenedCases, b: OpenedCases) -> OpenedCases:
    return OpenedCases(a.opened + b.opened, a.joined + b.joined, a.unchanged + b.unchanged)
