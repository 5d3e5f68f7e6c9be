"""The answer of a duplicate check: labels, probabilities and the evidence for them."""

from typing import Any

from pydantic import BaseModel, Field

from app.contract.presentation import image_url
from app.trust.examination.difference import Difference
from app.trust.examination.duplicate_check import CheckResult, ProductMatch
from features.geometry.alignment import Alignment


class ContributionOut(BaseModel):
    """The contribution of one signal to P(same photo); positive speaks for it."""

    signal: str
    value: float
    log_odds: float


class AlignmentOut(BaseModel):
    """How the picture checked lies on the one alignment."""

    transform: list[float] = Field(
        description="row-major 2 x 3 affine matrix, from pixels of the picture checked (`size`) "
        "to pixels of the one alignment (`other_size`)"
    )
    perspective: tuple[float, float] = Field(
        description="(g, h) of the transform's third row (g, h, 1); not 0 for a picture that was "
        "photographed at an angle"
    )
    replaced_box: tuple[float, float, float, float] | None = Field(
        description="where another word or print lies: left, top, right, bottom, in pixels of "
        "`other_size`; null where nothing is replaced"
    )
    size: tuple[int, int]
    other_size: tuple[int, int]
    mirrored: bool
    inliers: int
    coverage: float
    agreement: float
    disagreement: float


class MatchOut(BaseModel):
    """One product that is, or resembles, the checked one."""

    label: str = Field(description="same_file, same_photo or same_product")
    id: str
    p_same_photo: float = Field(ge=0, le=1)
    p_same_product: float = Field(ge=0, le=1)
    image: str = Field(description="address of the picture alignment")
    examined_image: str | None = Field(
        description="address of the checked product's picture; null for an upload"
    )
    product: dict[str, Any]
    difference: Difference | None = Field(
        description="why two pictures of one layout are no copies: the goods have another colour, "
        "or another print or other words in the same place; null where nothing is to be named"
    )
    signals: dict[str, float] = Field(description="every signal in its own units")
    contributions: list[ContributionOut] = Field(
        description="contributions to the verdict, largest first"
    )
    alignment: AlignmentOut | None


class CheckOut(BaseModel):
    """The answer of a duplicate check."""

    query_id: str
    took_ms: float
    verdict: str = Field(description="same_file, same_photo, same_product, none or no_signal")
    pictures: int = Field(description="number of pictures checked")
    matches: list[MatchOut] = Field(description="each product once, strongest match first")


def check_out(check: CheckResult) -> CheckOut:
    """Return a duplicate check for callers."""
    return CheckOut(
        query_id=check.query_id,
        took_ms=round(check.took_ms, 1),
        verdict=check.verdict,
        pictures=check.pictures,
        matches=[_match(match) for match in check.matches],
    )


def _match(match: ProductMatch) -> MatchOut:
    finding = match.finding
    return MatchOut(
        label=finding.label,
        id=finding.picture.product_id,
        p_same_photo=finding.p_same_photo,
        p_same_product=finding.p_same_product,
        image=image_url(finding.picture.image_id),
        examined_image=image_url(match.examined_image_id) if match.examined_image_id else None,
        product=dict(match.product),
        difference=finding.difference,
        signals=dict(finding.signals),
        contributions=[
            ContributionOut(signal=c.signal, value=c.value, log_odds=c.log_odds)
            for c in finding.contributions
        ],
        alignment=_alignment(finding.alignment) if finding.alignment else None,
    )


def _alignment(alignment: Alignment) -> AlignmentOut:
    return AlignmentOut(
        transform=list(alignment.transform),
        perspective=alignment.perspective,
        replaced_box=alignment.replaced_box,
        size=alignment.size,
        other_size=alignment.other_size,
        mirrored=alignment.mirrored,
        inliers=alignment.inliers,
        coverage=alignment.coverage,
        agreement=alignment.agreement,
        disagreement=alignment.disagreement,
    )
