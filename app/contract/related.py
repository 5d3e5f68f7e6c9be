"""The parameters and the answer of a request for related products."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ConfigDict, Field

from app.contract.presentation import ProductOut, product_out
from app.shoppers.related_products import Related
from features.base import Json
from mappings.events.co_occurrence import RelatedProduct


class RelatedParameters(BaseModel):
    """What a request for related products takes."""

    model_config = ConfigDict(extra="forbid")

    size: int = Field(
        default=12, ge=1, le=24, description="maximum number of products of each kind"
    )


class RelatedProductOut(ProductOut):
    """A related product."""

    sessions: int = Field(description="visits that had both products")
    score: float = Field(
        description="log-likelihood ratio: how surely it is no chance; 10.83 and more are shown"
    )


class RelatedOut(BaseModel):
    """What goes with a product, the surest first; empty where too few visits say so."""

    also_viewed: list[RelatedProductOut]
    bought_with: list[RelatedProductOut]


def related_out(related: Related, stored: Mapping[str, Json], size: int) -> RelatedOut:
    """Return related products for callers; `stored` holds those that are still in the catalogue."""
    return RelatedOut(
        also_viewed=_out(related.also_viewed, stored, size),
        bought_with=_out(related.bought_with, stored, size),
    )


def _out(
    products: Iterable[RelatedProduct], stored: Mapping[str, Json], size: int
) -> list[RelatedProductOut]:
    there = [product for product in products if product.id in stored][:size]
    return [
        RelatedProductOut(
            **product_out(stored[product.id]).model_dump(),
            sessions=product.sessions,
            score=product.ratio,
        )
        for product in there
    ]
