"""The evidence of an examination: labels, probabilities and signals of pairs of pictures."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from app.trust.examination.difference import Difference
from features.base import Json
from features.geometry.alignment import Alignment

LABELS = ("same_file", "same_photo", "same_product")
"""The labels of a match, strongest first; `none` stands for no match."""


@dataclass(frozen=True, order=True)
class ListingPicture:
    """One picture of one listing. `image_id` is the SHA-256 of the picture's file, in hex."""

    product_id: str
    image_id: str

    @property
    def key(self) -> str:
        """A key made of both ids, unique and stable through re-indexing."""
        return f"{self.image_id}:{self.product_id}"


@dataclass(frozen=True)
class Contribution:
    """How far one signal speaks for (+) or against (−) the same photo, in log-odds."""

    signal: str
    value: float
    log_odds: float


@dataclass(frozen=True)
class PairFinding:
    """One candidate picture, and its relation to the examined picture.

    `signals` are the raw values by name, in their own units (``pdq_distance`` in bits,
    ``cosine`` …); signals without a value are left out. `contributions` explain
    `p_same_photo`, the strongest first. `alignment` lays the examined picture over the candidate.
    `difference` says why two pictures of one layout are no copies.
    """

    picture: ListingPicture
    label: str
    p_same_photo: float
    p_same_product: float
    signals: Mapping[str, float] = field(default_factory=dict)
    contributions: tuple[Contribution, ...] = ()
    alignment: Alignment | None = None
    difference: Difference | None = None

    def to_json(self) -> Json:
        """Return plain JSON."""
        return {
            "product_id": self.picture.product_id,
            "image_id": self.picture.image_id,
            "label": self.label,
            "p_same_photo": self.p_same_photo,
            "p_same_product": self.p_same_product,
            "signals": dict(self.signals),
            "contributions": [
                {"signal": c.signal, "value": c.value, "log_odds": c.log_odds}
                for c in self.contributions
            ],
            "alignment": self.alignment.to_json() if self.alignment else None,
            "difference": self.difference,
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Json]) -> "PairFinding":
        """Return what `to_json` gave."""
        alignment = value["alignment"]
        return cls(
            ListingPicture(value["product_id"], value["image_id"]),
            value["label"],
            value["p_same_photo"],
            value["p_same_product"],
            dict(value["signals"]),
            tuple(Contribution(**one) for one in value["contributions"]),
            Alignment.from_json(alignment) if alignment else None,
            value.get("difference"),
        )


@dataclass(frozen=True)
class Examination:
    """The findings about one picture, the strongest first.

    `picture` is None for an upload. `listings` are the products found, by id, without pictures.
    `no_signal` says that the picture is blank or nearly blank:
    this is no verdict, and never means "no duplicate".
    """

    picture: ListingPicture | None
    findings: tuple[PairFinding, ...]
    no_signal: bool = False
    listings: Mapping[str, Mapping[str, Json]] = field(default_factory=dict, compare=False)

    @property
    def verdict(self) -> str:
        """The strongest label found, `none`, or `no_signal`."""
        found = {finding.label for finding in self.findings}
        unmatched = "no_signal" if self.no_signal else "none"
        return next((label for label in LABELS if label in found), unmatched)


def strongest(findings: Iterable[PairFinding]) -> tuple[PairFinding, ...]:
    """Return the strongest finding about each picture, the strongest first."""
    best: dict[ListingPicture, PairFinding] = {}
    for finding in sorted(findings, key=_order):
        best.setdefault(finding.picture, finding)
    return tuple(best.values())


def merge(examinations: Sequence[Examination]) -> Examination:
    """Return one examination of a picture, from those of the whole and of each of its parts.

    The whole comes first and says which picture it is, and whether it is blank.
    """
    whole = examinations[0]
    if len(examinations) == 1:
        return whole
    listings = {id_: one for each in examinations for id_, one in each.listings.items()}
    findings = strongest(finding for each in examinations for finding in each.findings)
    return replace(whole, findings=findings, listings=listings)


def _order(finding: PairFinding) -> tuple[int, float, ListingPicture]:
    rank = LABELS.index(finding.label) if finding.label in LABELS else len(LABELS)
    return rank, -finding.p_same_photo, finding.picture
