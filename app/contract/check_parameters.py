"""What a duplicate check takes beside its picture."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from app.contract.parameters import Filters, parse_crop, parse_single_pairs
from app.trust.examination.duplicate_check import CheckRequest
from core.errors import InvalidQuery

LISTING_FIELDS = ("title", "brand", "gtin", "seller_id", "price", "currency")
"""Fields of a listing that are compared with those of its matches."""

Listing = Annotated[
    dict[str, Annotated[str | float, Field(union_mode="left_to_right")]],
    BeforeValidator(parse_single_pairs),
]


def _only(value: Any) -> Any:
    """Return the one value of a field that may be repeated."""
    if isinstance(value, list):
        if len(value) > 1:
            raise ValueError("a duplicate check takes one product at a time")
        return value[0] if value else None
    return value


Product = Annotated[Annotated[str, Field(max_length=512)] | None, BeforeValidator(_only)]


class CheckParameters(BaseModel):
    """A listing, and what it is to be compared with."""

    model_config = ConfigDict(extra="forbid")

    product_id: Product = Field(None, description="a stored product, in place of a picture")
    crop: str | None = Field(
        None, description="left,top,right,bottom in shares of the picture (0 to 1)"
    )
    listing: Listing = Field(
        default_factory=dict,
        description="NAME:VALUE, what is known of the picture's listing: "
        f"{', '.join(LISTING_FIELDS)}",
    )
    other_sellers: bool = Field(False, description="compare with other sellers' listings only")
    filter: Filters = Field(
        default_factory=dict,
        description="NAME:VALUE; values of one name are alternatives, names must all hold",
    )
    price_min: float | None = Field(None, ge=0, allow_inf_nan=False)
    price_max: float | None = Field(None, ge=0, allow_inf_nan=False)
    size: int = Field(20, ge=1, le=24, description="matches at most")

    def request(self, images: list[bytes]) -> CheckRequest:
        """Return the check these parameters and pictures ask for; raises InvalidQuery."""
        if len(images) > 1:
            raise InvalidQuery("a duplicate check takes one picture at a time")
        for name in self.listing:
            if name not in LISTING_FIELDS:
                raise InvalidQuery(f"listing: {name[:80]!r} is none of {', '.join(LISTING_FIELDS)}")
        return CheckRequest(
            image=images[0] if images else None,
            crop=parse_crop(self.crop) if self.crop else None,
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
            return float(value)
        except ValueError as error:
            raise InvalidQuery(f"listing: price {value!r} is no number") from error
