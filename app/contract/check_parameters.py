"""The parameters of a duplicate check."""

import math
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from app.search.parameter_types import Crop, Filters, Listing, Price, SingleName, Use
from app.trust.examination.duplicate_check import CheckRequest
from core.errors import InvalidQuery

LISTING_FIELDS = ("title", "brand", "gtin", "seller_id", "price", "currency")
"""Fields of a listing that are compared with those of its matches."""


class CheckParameters(BaseModel):
    """A listing, and what to compare it with."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product_id: SingleName = Field(
        None, description="check the pictures of this stored product instead of an upload"
    )
    crop: Annotated[Crop | None, Use(event="crops")] = Field(
        None, description="left,top,right,bottom as fractions of the picture (0 to 1)"
    )
    listing: Listing = Field(
        default_factory=dict,
        description="NAME:VALUE, what is known of the listing that the picture belongs to: "
        f"{', '.join(LISTING_FIELDS)}",
    )
    other_sellers: bool = Field(False, description="compare with other sellers' listings only")
    filter: Annotated[Filters, Use(event="filters")] = Field(
        default_factory=dict,
        description="NAME:VALUE; values of the same name are alternatives, and every name "
        "must match",
    )
    price_min: Annotated[Price, Use(event="filters")] = Field(None, description="lowest price")
    price_max: Annotated[Price, Use(event="filters")] = Field(None, description="highest price")
    size: Annotated[int, Use(event="size")] = Field(
        20, ge=1, le=24, description="maximum number of matches"
    )

    def request(self, images: list[bytes]) -> CheckRequest:
        """Return the check of these parameters and pictures; raises InvalidQuery."""
        if len(images) > 1:
            raise InvalidQuery("a duplicate check takes one picture at a time")
        for name in self.listing:
            if name not in LISTING_FIELDS:
                fields = ", ".join(LISTING_FIELDS)
                raise InvalidQuery(f"listing: {name[:80]!r} is none of {fields}")
        return CheckRequest(
            image=images[0] if images else None,
            crop=self.crop,
            product_id=self.product_id,
            listing={name: self._value(name, value) for name, value in self.listing.items()},
            filters={name: tuple(values) for name, values in self.filter.items()},
            price_min=self.price_min,
            price_max=self.price_max,
            other_sellers=self.other_sellers,
            size=self.size,
        )

    def _value(self, name: str, value: str | float) -> str | float:
        if name != "price":
            return str(value)
        try:
            price = float(value)
        except ValueError as error:
            raise InvalidQuery(f"listing: price {value!r} is not a number") from error
        if not math.isfinite(price):
            raise InvalidQuery(f"listing: price {value!r} is not a finite number")
        return price
