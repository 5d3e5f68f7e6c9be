"""Finds the disputes among matching pictures that nobody has answered; changes nothing.

What is found depends on the fresh findings, the cases and verdicts there are, and the policy.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from app.trust.desk.case import DECIDED, OPEN, Case, Member
from app.trust.desk.case_policy import CasePolicy, ListingOwner
from app.trust.desk.groups import Group, GroupMember, Rank, build_groups
from app.trust.examination.evidence import ListingPicture
from app.trust.sweeping.earlier_answers import EarlierAnswers
from app.trust.sweeping.links import Links
from app.trust.sweeping.listing_pairs import listing_pairs, owner, shared_pictures
from app.trust.sweeping.match_graph import MatchGraph
from app.trust.sweeping.stored_picture_examiner import ListingsByImage
from mappings.catalogue.scan import PictureListing

MOST_STEPS = 4
"""Steps from the fresh findings over cases to further listings: a group that is longer is completed
by the next sweep."""


@dataclass(frozen=True)
class Dispute:
    """A group that needs an answer.

    `members` and `relatives` have their evidence, the oldest first. `decided` counts pictures
    with a verdict, `size` the listings without the relatives. `open_cases` ask about parts of it
    already, the oldest first; `last_round` is the number of the last decided case of its
    representative.
    """

    representative: ListingPicture
    members: tuple[Member, ...]
    relatives: tuple[Member, ...]
    owners: Mapping[str, ListingOwner]
    decided: int
    size: int
    open_cases: tuple[Case, ...]
    last_round: int


@dataclass(frozen=True)
class FoundDisputes:
    """The disputes, the open cases that no dispute needs any more, and all pictures on sale."""

    disputes: Sequence[Dispute]
    needless: Sequence[Case]
    present: Collection[ListingPicture]


class CaseLookup(Protocol):
    """Finds cases by their listings (`existing_cases.ExistingCases`)."""

    def about(self, product_ids: Iterable[str], queues: Iterable[str]) -> list[Case]:
        """Return the open and decided cases about these listings, in the order they were opened."""
        ...

    def waiting(self, queues: Iterable[str]) -> list[Case]:
        """Return all open cases of these queues, in the order they were opened."""
        ...


class VerdictLookup(Protocol):
    """Knows verdicts (`app.trust.desk.desk.Desk`)."""

    def verdicts_about(self, image_ids: Collection[str]) -> Mapping[frozenset[ListingPicture], str]:
        """Return every verdict on pairs with one of these pictures."""
        ...


class DisputeFinder:
    """Finds disputes. `find_listings` returns the listings that show pictures, by image id."""

    def __init__(
        self,
        cases: CaseLookup,
        verdicts: VerdictLookup,
        find_listings: Callable[[Collection[str]], ListingsByImage],
    ) -> None:
        self._cases = cases
        self._verdicts = verdicts
        self._find_listings = find_listings

    def find(
        self, links: Links, policy: CasePolicy, queues: Sequence[str], *, whole: bool
    ) -> FoundDisputes:
        """Return the disputes; with `whole`, look at all open cases of the queues, too."""
        cases = {case.id: case for case in (self._cases.waiting(queues) if whole else ())}
        listings: dict[str, Sequence[PictureListing]] = {}
        wanted = links.pictures | _image_ids(cases.values())
        for _ in range(MOST_STEPS):
            if not (missing := wanted - listings.keys()):
                break
            fresh = self._find_listings(missing)
            listings |= dict.fromkeys(missing, ()) | dict(fresh)
            product_ids = {each.product_id for shown in fresh.values() for each in shown}
            cases |= {case.id: case for case in self._cases.about(product_ids, queues)}
            wanted |= _image_ids(cases.values())
        stored = sorted(cases.values(), key=_opening)
        return _disputes(links, policy, listings, stored, self._verdicts.verdicts_about(wanted))


def _disputes(
    links: Links,
    policy: CasePolicy,
    listings: ListingsByImage,
    cases: Sequence[Case],
    verdicts: Mapping[frozenset[ListingPicture], str],
) -> FoundDisputes:
    present = {
        ListingPicture(listing.product_id, image): listing
        for image, shown in listings.items()
        for listing in shown
    }
    owners = {picture.product_id: owner(listing) for picture, listing in present.items()}
    graph = MatchGraph(links, cases)
    graph.remove(shared_pictures(graph, listings, policy))
    answers = EarlierAnswers(verdicts, cases, lambda picture: present[picture].added_at)
    waiting = [case for case in cases if case.state == OPEN]

    def rank(picture: ListingPicture) -> Rank:
        listing = present.get(picture)
        return listing.added_at if listing else "", picture.product_id, picture.image_id

    groups = build_groups(
        listing_pairs(graph, listings, policy, answers.relation),
        rank,
        lambda a, b: not policy.opens(owners[a], owners[b]),
        [
            case.representative
            for case in waiting
            if case.is_representative_fixed and case.representative in present
        ],
    )
    about = _waiting_by_listing(waiting)
    rounds = _last_rounds(cases)
    disputes = [_dispute(group, graph, owners, about, rounds) for group in groups]
    needed = {case.id for dispute in disputes for case in dispute.open_cases}
    return FoundDisputes(
        disputes, [case for case in waiting if case.id not in needed], present.keys()
    )


def _dispute(
    group: Group,
    graph: MatchGraph,
    owners: Mapping[str, ListingOwner],
    about: Mapping[str, Sequence[Case]],
    rounds: Mapping[ListingPicture, int],
) -> Dispute:
    def with_evidence(member: GroupMember) -> Member:
        finding = graph.finding(member.picture, member.other)
        return Member(finding, compared_with=member.other)

    waiting = {case.id: case for key in group.product_ids for case in about.get(key, ())}
    return Dispute(
        group.representative,
        tuple(with_evidence(member) for member in group.members),
        tuple(with_evidence(member) for member in group.relatives),
        {product_id: owners[product_id] for product_id in sorted(group.product_ids)},
        group.decided,
        group.size,
        tuple(sorted(waiting.values(), key=_opening)),
        rounds.get(group.representative, 0),
    )


def _waiting_by_listing(waiting: Iterable[Case]) -> Mapping[str, Sequence[Case]]:
    """Return listing → the open cases about it."""
    about: dict[str, list[Case]] = defaultdict(list)
    for case in waiting:
        for key in case.product_ids:
            about[key].append(case)
    return about


def _last_rounds(cases: Iterable[Case]) -> Mapping[ListingPicture, int]:
    """Return representative → the number of its last decided case."""
    rounds: dict[ListingPicture, int] = {}
    for case in cases:
        if case.state == DECIDED:
            rounds[case.representative] = max(case.round, rounds.get(case.representative, 0))
    return rounds


def _opening(case: Case) -> tuple[datetime, str]:
    """Return what cases are sorted by: the oldest first."""
    return case.opened_at, case.id


def _image_ids(cases: Iterable[Case]) -> set[str]:
    return {
        picture.image_id
        for case in cases
        for picture in (*case.pictures, *(case.other_picture(m) for m in case.members))
    }
