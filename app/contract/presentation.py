"""Response models, and how they are made from results."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from app.contract.reading import ReadingOut, reading_of
from app.search.explanation import ExplanationOut, explanation_of
from app.search.proof import proven_labels
from app.search.search_answer import SearchAnswer
from features.base import Json
from features.capabilities import Conclusive, TextQueryable, is_lexical
from features.registry import Registry
from mappings.catalogue.products import (
    CARD_GROUP,
    PHOTO_GROUP,
    PICTURES,
    VARIANT_GROUP,
    own_pictures,
    pending_features,
)
from mappings.catalogue.sale import PRICE, current_price, is_on_sale
from mappings.catalogue.search_terms import CODES, COLOURS, TERMS
from mappings.search.query import TEXT
from mappings.search.results import Hit

DERIVED = frozenset({PICTURES, PHOTO_GROUP, VARIANT_GROUP, CARD_GROUP, TERMS, CODES, COLOURS})
"""Fields of a stored product that its feed did not send."""

BADGES = ("same_file", "same_photo", "looks_alike", "text")
"""Why a hit is shown, strongest first."""


REGULAR_PRICE = "regular_price"

PRODUCT_DESCRIPTION = (
    "its fields as the feed sent them; `price` is that of now: the sale price while a sale lasts, "
    "when `regular_price` is what it costs otherwise"
)


class VariantsOut(BaseModel):
    """Further variants of a product."""

    count: int
    colours: list[str] = Field(description="colours of theirs that the hit has not, by the feed")


class HitOut(BaseModel):
    """One product found."""

    id: str
    score: float = Field(ge=0, le=1, description="see `score_kind`; hits are ordered by it")
    badge: str | None = Field(description=f"the strongest reason: {', '.join(BADGES)}")
    signals: dict[str, dict[str, float]] = Field(
        description=(
            "for each feature its score in [0, 1], the evidence in the feature's own terms, and "
            "its share of the hit's score; shares add up to 1"
        )
    )
    unlike: dict[str, dict[str, float]] = Field(
        description="the same for the nearest negative example, without shares"
    )
    siblings: int = Field(
        description="with collapse=photo: further products found that show the same photo"
    )
    variants: VariantsOut = Field(
        description="with collapse=group: further products of the catalogue with the same "
        "`item_group_id`, which filter=item_group_id:VALUE finds"
    )
    photo_group: str | None = Field(
        description="filter=photo_group:VALUE finds all products that show the same photo"
    )
    image: str | None = Field(description="address of the picture that matched best")
    box: str | None = Field(
        None,
        description="the part of that picture which matched, written as `crop`; null for all",
    )
    product: dict[str, Any] = Field(description=PRODUCT_DESCRIPTION)
    pending: list[str] = Field(
        description="slow features of its pictures that a load has yet to extract; [] when complete"
    )


class SearchOut(BaseModel):
    """One page of a search."""

    query_id: str
    took_ms: float
    total: int = Field(
        description="hits on all pages; products that show the same photo count one by one"
    )
    total_is_exact: bool = Field(
        description="false where `total` is an estimate: with collapse=group, from a thousand "
        "groups of variants on"
    )
    partial: bool = Field(description="some shards did not answer, so hits may be missing")
    no_signal: bool = Field(description="the pictures and words contain nothing to search by")
    low_confidence: bool = Field(description="the best hit is a guess")
    cut: bool = Field(
        description="no page follows although more products may match: over this many products a "
        "search finds a limited number of neighbours; filters reach the others"
    )
    score_kind: Literal["probability", "estimate", "similarity"] = Field(
        description=(
            "what scores mean. probability: of hits with score p, a share p shows the product "
            "that the photo shows, as measured on labelled photos of this index. estimate: the "
            "same, measured on the catalogue's own further pictures, so for pictures like those. "
            "similarity: an order, comparable only within this answer: the index is not "
            "calibrated, or the search is of another kind than it was calibrated for (one photo "
            "and filters: no words, stored products, negative examples, features or weights)"
        )
    )
    confident_from: float | None = Field(
        description="score that 5 % of photos of products outside the index reach; null if unknown"
    )
    plan: str = Field(description="exact, approximate, words or browse")
    model: str = Field(description="name of the embedding model that answered")
    hits: list[HitOut]
    facets: dict[str, Any]
    next_cursor: str | None
    picture: str | None = Field(description="send as `picture` to refine without a new upload")
    unlike_picture: str | None = Field(description="the same for negative examples")
    reading: ReadingOut | None = Field(
        description="what the words were understood to mean; null without words"
    )
    read_text: list[str] = Field(
        description="lines of text in the pictures that were searched with"
    )
    experiment: str | None = Field(
        None, description="the experiment that this search took part in (docs/EXPERIMENTS.md)"
    )
    variant: str | None = Field(None, description="the variant of it that answered")
    explanation: ExplanationOut | None = Field(
        None, description="with explain=true: the plan, the request body and the time of each stage"
    )


class ProductOut(BaseModel):
    """One stored product."""

    id: str
    image: str | None
    images: list[str] = Field(description="addresses of all its pictures")
    product: dict[str, Any] = Field(description=PRODUCT_DESCRIPTION)
    pending: list[str] = Field(
        description="slow features of its pictures that a load has yet to extract; [] when complete"
    )


class IdsOut(BaseModel):
    """Product ids, nearest first."""

    result: list[str]


def image_url(image_id: str, *, is_large: bool = False) -> str:
    """Return the address of a picture's thumbnail, or of its large copy."""
    return f"/images/large/{image_id}.jpg" if is_large else f"/images/{image_id}.jpg"


def badge(signals: Mapping[str, Json], registry: Registry) -> str | None:
    """Return the strongest reason among a hit's signals; None when nothing was searched for."""
    reasons = proven_labels(signals, registry)
    if any(name == TEXT or is_lexical(registry.get(name)) for name in signals):
        reasons.add("text")
    for name in signals:
        feature = registry.get(name)
        # Being near to words is not looking like a picture; matching words is the better reason.
        is_worded = name == TEXT or isinstance(feature, TextQueryable)
        if not isinstance(feature, Conclusive) and not (is_worded and "text" in reasons):
            reasons.add("looks_alike")
    return next((reason for reason in BADGES if reason in reasons), None)


def hit_out(hit: Hit, registry: Registry) -> HitOut:
    """Return one hit for callers; the product comes without its picture documents."""
    return HitOut(
        id=hit.id,
        score=round(hit.score, 6),
        badge=badge(hit.signals, registry),
        signals={name: dict(signal) for name, signal in hit.signals.items()},
        unlike={name: dict(signal) for name, signal in hit.unlike.items()},
        siblings=hit.siblings,
        variants=VariantsOut(count=hit.variants.count, colours=list(hit.variants.colours)),
        photo_group=hit.product.get(PHOTO_GROUP),
        image=image_url(hit.image_id) if hit.image_id else None,
        box=hit.box,
        product=_metadata(hit.product),
        pending=pending_features(hit.product.get(PICTURES, [])),
    )


def search_out(answer: SearchAnswer, registry: Registry, *, explain: bool = False) -> SearchOut:
    """Return one page for callers; with `explain`, also how it was found."""
    page = answer.results
    return SearchOut(
        query_id=answer.query_id,
        took_ms=round(answer.took_ms, 1),
        total=page.total,
        total_is_exact=page.is_total_exact,
        partial=page.partial,
        no_signal=answer.no_signal,
        low_confidence=answer.low_confidence,
        cut=answer.is_truncated,
        score_kind=answer.scale.kind,
        confident_from=answer.scale.confident_from,
        plan=answer.plan.kind,
        model=answer.model,
        hits=[hit_out(hit, registry) for hit in page.hits],
        facets=dict(page.facets),
        next_cursor=answer.next_cursor,
        picture=answer.picture,
        reading=reading_of(answer),
        read_text=answer.read_text.splitlines(),
        experiment=answer.assignment.experiment if answer.assignment else None,
        variant=answer.assignment.variant if answer.assignment else None,
        explanation=explanation_of(answer) if explain else None,
        unlike_picture=answer.unlike_picture,
    )


def product_out(source: Mapping[str, Json]) -> ProductOut:
    """Return one stored product for callers."""
    pictures = [
        image_url(picture["image_id"]) for picture in own_pictures(source.get(PICTURES, []))
    ]
    return ProductOut(
        id=source["id"],
        image=pictures[0] if pictures else None,
        images=pictures,
        product=_metadata(source),
        pending=pending_features(source.get(PICTURES, [])),
    )


def _metadata(source: Mapping[str, Json]) -> dict[str, Json]:
    """Return the fields of a product that came from its feed, with the price of now.

    While it is on sale, `regular_price` is what it costs otherwise.
    """
    fields = {name: value for name, value in source.items() if name not in DERIVED}
    now = datetime.now(UTC)
    if is_on_sale(source, now):
        if PRICE in fields:
            fields[REGULAR_PRICE] = fields[PRICE]
        fields[PRICE] = current_price(source, now)
    return fields
