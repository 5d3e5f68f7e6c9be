"""The pairs of pictures that match, and where the finding about each is stored."""

from collections.abc import Iterator
from dataclasses import dataclass

from app.trust.desk.representative import inverted
from app.trust.examination.evidence import PairFinding
from app.trust.sweeping.case_thresholds import CaseThresholds
from app.trust.sweeping.checkpoint import Records


@dataclass(frozen=True)
class Link:
    """Two pictures that match. `record` and `finding` are the numbers of the evidence."""

    probability: float
    record: int
    finding: int


class Links:
    """The pairs of pictures that match well enough for a case, without their evidence.

    Of several findings on a pair the most probable counts; of equals, that of the picture whose
    id sorts first, so that the order of the records makes no difference. A picture of the allowed
    bank (`allowed`) matches nothing. `shared` are the pictures that several listings show.
    """

    def __init__(self, records: Records, thresholds: CaseThresholds, *, by_product: bool) -> None:
        self._records = records
        self._links: dict[tuple[str, str], Link] = {}
        self.by_product = by_product
        self.shared: set[str] = set()
        self.allowed: set[str] = set()
        best: dict[tuple[str, str], tuple[float, bool]] = {}
        for number, record in records:
            image = record.picture.image_id
            if record.allowed:
                self.allowed.add(image)
            elif record.shared and not by_product:
                self.shared.add(image)
            for index, finding in enumerate(record.findings):
                other = finding.picture.image_id
                probability = thresholds.probability(finding, by_product=by_product)
                pair = _pair(image, other)
                candidate = (probability, image < other)
                if other != image and probability > 0 and candidate > best.get(pair, (0.0, False)):
                    best[pair] = candidate
                    self._links[pair] = Link(probability, number, index)
        for pair in [pair for pair in self._links if self.allowed.intersection(pair)]:
            del self._links[pair]

    @property
    def pictures(self) -> set[str]:
        """The ids of all pictures that are in a pair or shared."""
        return {image for pair in self._links for image in pair} | self.shared

    def pairs(self) -> Iterator[tuple[str, str, float]]:
        """Yield the two pictures of every pair, and its probability."""
        for (a, b), link in self._links.items():
            yield a, b, link.probability

    def probability(self, finding: PairFinding) -> float:
        """Return the probability that counts here: of the same photo, or of the same product."""
        return finding.p_same_product if self.by_product else finding.p_same_photo

    def finding(self, image: str, other: str) -> PairFinding | None:
        """Return the finding that lays `image` over `other`; None if they are not a pair."""
        link = self._links.get(_pair(image, other))
        if link is None:
            return None
        record = self._records[link.record]
        finding = record.findings[link.finding]
        if record.picture.image_id == image:
            return finding
        return inverted(finding, record.picture)


def _pair(a: str, b: str) -> tuple[str, str]:
    return (a, b) if a < b else (b, a)
