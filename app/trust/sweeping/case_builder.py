"""From examined pictures to cases: what belongs together, who represents it, what is still to ask.

Pictures are grouped by the bytes of their files, since listings that show the very same file have
everything else in common; the members of a case are then all listings that show a group's
pictures. What has a verdict, or waits in an open case, is never asked again.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from app.trust.desk.case import DECIDED, Case, Member
from app.trust.desk.intake import OpenedCases, case_id
from app.trust.examination.evidence import Finding, ListingPicture
from app.trust.sweeping.case_thresholds import CaseThresholds
from app.trust.sweeping.checkpoint import Records
from app.trust.sweeping.existing_cases import PHOTO_QUEUES, PRODUCT_QUEUES
from app.trust.sweeping.groups import Group, PicturePair, Rank, build_groups
from app.trust.sweeping.links import Links
from app.trust.sweeping.picture_inspector import ListingsByImage
from mappings.catalogue.scan import PictureListing

CASES_AT_ONCE = 100
SAME_FILE = Finding(ListingPicture("", ""), "same_file", 1.0, 1.0)
SWEEP = "sweep"
"""Who comments on a case that no person has touched."""


class CaseDesk(Protocol):
    """What opens cases and knows verdicts (`app.trust.desk.desk.Desk`)."""

    def decided_pairs(
        self, pairs: Sequence[tuple[ListingPicture, ListingPicture]]
    ) -> set[frozenset[ListingPicture]]:
        """Return those pairs that have a verdict."""
        ...

    def open_cases(self, cases: Sequence[Case]) -> OpenedCases:
        """Open the cases that are not open yet; add members to those that are."""
        ...


class CaseFinder(Protocol):
    """Finds cases by the pictures that represent them (`precedents.Precedents`)."""

    def represented_by(self, image_ids: Iterable[str], queues: Iterable[str]) -> list[Case]:
        """Return the cases these pictures represent, in the order they were opened."""
        ...


class CaseBuilder:
    """Makes cases of records and has them opened.

    `showing` tells who shows pictures (`mappings.catalogue.scan.listings_showing`).
    """

    def __init__(
        self,
        desk: CaseDesk,
        earlier: CaseFinder,
        showing: Callable[[Collection[str]], ListingsByImage],
        opening: CaseThresholds,
        clock: Callable[[], datetime],
    ) -> None:
        self._desk = desk
        self._earlier = earlier
        self._showing = showing
        self._opening = opening
        self._clock = clock

    def open_cases(self, records: Records) -> OpenedCases:
        """Open the cases that the records lead to; safe to repeat."""
        kinds = [False, True] if self._opening.similar else [False]
        total = self._opened(self._blocked(records))
        for alike in kinds:
            total = _sum(total, self._opened(self._grouped(records, alike)))
        return total

    def _opened(self, cases: Iterator[Case]) -> OpenedCases:
        total, lot = OpenedCases(), list[Case]()
        for case in cases:
            lot.append(case)
            if len(lot) == CASES_AT_ONCE:
                total, lot = _sum(total, self._desk.open_cases(lot)), []
        return _sum(total, self._desk.open_cases(lot)) if lot else total

    def _blocked(self, records: Records) -> Iterator[Case]:
        """Yield a case for each entry of the blocked bank that pictures match."""
        entries: dict[ListingPicture, dict[str, Finding]] = {}
        for _, record in records:
            for finding in record.blocked:
                entries.setdefault(finding.picture, {})[record.picture.image_id] = finding
        showing = self._showing({image for found in entries.values() for image in found})
        for entry, found in sorted(entries.items()):
            members = [
                (
                    holder,
                    Member(replace(finding, picture=ListingPicture(holder.product_id, image_id))),
                )
                for image_id, finding in found.items()
                for holder in showing.get(image_id, ())
            ]
            yield from self._case("blocked", entry, (), members)

    def _grouped(self, records: Records, alike: bool) -> Iterator[Case]:
        links = Links(records, self._opening, alike=alike)
        precedents: dict[str, list[Case]] = {}
        for case in self._earlier.represented_by(
            links.pictures, PRODUCT_QUEUES if alike else PHOTO_QUEUES
        ):
            precedents.setdefault(case.representative.image_id, []).append(case)
        settled = {
            image: {member.picture.image_id for case in cases for member in case.members}
            for image, cases in precedents.items()
        }
        showing = self._showing(links.pictures.union(*settled.values()))
        settled = {image: members for image, members in settled.items() if image in showing}
        matches = [
            PicturePair(a, b, probability)
            for a, b, probability in links.pairs()
            if a in showing and b in showing
        ]

        def rank(image_id: str) -> Rank:
            return _age(_oldest(showing[image_id])[0])

        found = build_groups(matches, self._opening.min_probability, rank, settled)
        grouped = {image for group in found for image in (group.representative, *group.members)}
        alone = {image for image in links.shared if image in showing} - grouped
        found += [Group(image, ()) for image in sorted(alone)]
        for group in found:
            led = precedents.get(group.representative, [])
            representative = _representative(group.representative, showing, led)
            members = self._members(group, representative, links, showing)
            is_file = any(one.finding.label == "same_file" for _, one in members)
            queue = "same_product" if alike else "same_file" if is_file else "same_photo"
            yield from self._case(queue, representative, led, members)

    def _members(
        self, group: Group, representative: ListingPicture, links: Links, showing: ListingsByImage
    ) -> list[tuple[PictureListing, Member]]:
        """Return every other listing that shows one of the group's pictures."""
        image = group.representative
        sellers = {holder.product_id: holder.seller_id for holder in showing[image]}
        seller = sellers[representative.product_id] if self._opening.other_sellers else None
        members = []
        for one in (image, *group.members):
            finding = SAME_FILE if one == image else links.finding(one, image)
            # Without a finding it is known from an earlier case alone, and was asked there.
            if finding is None:
                continue
            for holder in showing.get(one, ()):
                is_own = holder.product_id == representative.product_id
                if not is_own and (seller is None or holder.seller_id != seller):
                    party = ListingPicture(holder.product_id, one)
                    members.append((holder, Member(replace(finding, picture=party))))
        return members

    def _case(
        self,
        queue: str,
        representative: ListingPicture,
        led: Sequence[Case],
        members: Sequence[tuple[PictureListing, Member]],
    ) -> Iterator[Case]:
        """Yield the case that asks about those members nobody has decided about, if any."""
        # A verdict beside another listing that showed the representative's very file counts too.
        beside = {representative, *(case.representative for case in led)}
        pairs = {member.picture: [(one, member.picture) for one in beside] for _, member in members}
        decided = self._desk.decided_pairs([pair for several in pairs.values() for pair in several])
        left = [
            member
            for _, member in sorted(members, key=lambda one: (_age(one[0]), one[1].picture))
            if not any(frozenset(pair) in decided for pair in pairs[member.picture])
        ]
        comments: tuple[Mapping[str, str], ...] = ()
        now = self._clock()
        if queue != "blocked" and len(members) + 1 > self._opening.flood:
            # The first ones stand for all: once they are decided, the rest is not asked about.
            answered = len(members) - len(left)
            left = left[: max(0, self._opening.flood - answered)]
            text = (
                f"{len(members) + 1} listings show this picture or one like it; "
                f"{len(left) + 1} of them are here"
            )
            comments = ({"reviewer": SWEEP, "at": now.isoformat(), "text": text},)
            queue = "flood"
        if not left:
            return
        own = [case for case in led if case.representative == representative]
        number = 1 + max((case.round for case in own if case.state == DECIDED), default=0)
        key = case_id(representative, number)
        yield Case(
            id=f"{key}-alike" if queue == "same_product" else key,
            queue=queue,
            representative=representative,
            members=tuple(left),
            opened_at=now,
            updated_at=now,
            comments=comments,
            round=number,
        )


def _age(holder: PictureListing) -> Rank:
    return holder.added_at, holder.product_id


def _oldest(holders: Sequence[PictureListing]) -> list[PictureListing]:
    return sorted(holders, key=_age)


def _representative(image: str, showing: ListingsByImage, led: Sequence[Case]) -> ListingPicture:
    """Return the listing that represents a picture already, or else the oldest that shows it."""
    parties = [ListingPicture(holder.product_id, image) for holder in _oldest(showing[image])]
    before = [case.representative for case in led if case.representative in parties]
    return before[0] if before else parties[0]


def _sum(a: OpenedCases, b: OpenedCases) -> OpenedCases:
    return OpenedCases(a.opened + b.opened, a.joined + b.joined, a.unchanged + b.unchanged)
