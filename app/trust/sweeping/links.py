"""Which pictures match which, and where the finding about each pair is kept."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from app.trust.examination.evidence import Finding
from app.trust.sweeping.case_thresholds import CaseThresholds
from app.trust.sweeping.checkpoint import Records


@dataclass(frozen=True)
class Link:
    """Two pictures that match. `record` and `finding` are the numbers the evidence has."""

    probability: float
    record: int
    finding: int


class Links:
    """The pairs of pictures that match well enough for a case, without their evidence.

    Of several findings on a pair the most probable counts; of two as good, that of the picture
    whose id sorts first: the order of the records makes no difference. A picture of the allowed
    bank matches nothing. `shared` are the pictures that several listings show.
    """

    def __init__(self, records: Records, opening: CaseThresholds, *, alike: bool) -> None:
        self._records = records
        self._links: dict[tuple[str, str], Link] = {}
        self.shared: set[str] = set()
        worth: dict[tuple[str, str], tuple[float, bool]] = {}
        allowed = set()
        for number, record in records:
            image = record.picture.image_id
            if record.allowed:
                allowed.add(image)
            elif record.shared and not alike:
                self.shared.add(image)
            for index, finding in enumerate(record.findings):
                other = finding.picture.image_id
                probability = opening.probability(finding, alike=alike)
                pair = _pair(image, other)
                this = (probability, image < other)
                if other != image and probability > 0 and this > worth.get(pair, (0.0, False)):
                    worth[pair] = this
                    self._links[pair] = Link(probability, number, index)
        for pair in [pair for pair in self._links if allowed.intersection(pair)]:
            del self._links[pair]

    @property
    def pictures(self) -> set[str]:
        """The ids of all pictures in a pair or shared."""
        return {image for pair in self._links for image in pair} | self.shared

    def pairs(self) -> Iterator[tuple[str, str, float]]:
        """Yield the two pictures of every pair, and its probability."""
        for (a, b), link in self._links.items():
            yield a, b, link.probability

    def finding(self, image: str, other: str) -> Finding | None:
        """Return the finding that lays `image` over `other`; None where they are no pair."""
        link = self._links.get(_pair(image, other))
        if link is None:
            return None
        record = self._records[link.record]
        finding = record.findings[link.finding]
        if record.picture.image_id == image:
            return finding
        laid = finding.alignment.inverted() if finding.alignment else None
        return replace(finding, picture=record.picture, alignment=laid)


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)
