"""The pictures that match each other, from fresh findings and from the cases that ask about them.

The follower examines new pictures alone: what connects the older ones is in their cases.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from app.trust.desk.case import Case, Member
from app.trust.desk.representative import inverted
from app.trust.examination.evidence import ListingPicture, PairFinding
from app.trust.sweeping.links import Links

SAME_FILE = PairFinding(ListingPicture("", ""), "same_file", 1.0, 1.0)


class MatchGraph:
    """Pictures, by image id, and the matches between different ones."""

    def __init__(self, links: Links, cases: Iterable[Case]) -> None:
        """`cases` add the matches that they ask or asked about; fresh findings replace them."""
        self._links = links
        self._stored: dict[tuple[str, str], PairFinding] = {}
        self._near: dict[str, dict[str, float]] = {image: {} for image in links.shared}
        for case in cases:
            for member in (*case.members, *case.relatives):
                self._add_stored(case, member)
        for a, b, probability in links.pairs():
            self._connect(a, b, probability)

    @property
    def pairs_same_file(self) -> bool:
        """Whether listings that show the same file match."""
        return not self._links.by_product

    @property
    def pictures(self) -> set[str]:
        """The ids of all pictures that match another one or are shown by several listings."""
        return set(self._near)

    def near(self, image: str) -> Mapping[str, float]:
        """Return the other pictures that match this one, each with its probability."""
        return self._near.get(image, {})

    def remove(self, images: Iterable[str]) -> None:
        """Forget pictures that are no evidence."""
        for image in images:
            for other in self._near.pop(image, {}):
                self._near[other].pop(image, None)

    def finding(self, picture: ListingPicture, other: ListingPicture) -> PairFinding:
        """Return the finding that lays a picture over another that it matches."""
        a, b = picture.image_id, other.image_id
        finding = SAME_FILE if a == b else self._links.finding(a, b) or self._from_case(a, b)
        return replace(finding, picture=picture)

    def _add_stored(self, case: Case, member: Member) -> None:
        a, b = member.picture.image_id, case.other_picture(member).image_id
        if {a, b} & self._links.allowed:
            return
        if a == b:
            self._near.setdefault(a, {})
            return
        self._stored[a, b] = member.finding
        self._connect(a, b, self._links.probability(member.finding))

    def _connect(self, a: str, b: str, probability: float) -> None:
        self._near.setdefault(a, {})[b] = probability
        self._near.setdefault(b, {})[a] = probability

    def _from_case(self, a: str, b: str) -> PairFinding:
        if (a, b) in self._stored:
            return self._stored[a, b]
        return inverted(self._stored[b, a], self._stored[b, a].picture)
