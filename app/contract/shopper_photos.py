"""The parameters and the answers of attaching and removing a shopper's photo."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class PhotoParameters(BaseModel):
    """What a request takes beside the photo."""

    model_config = ConfigDict(extra="forbid")

    consent: bool = Field(
        False, description="true: the shopper has agreed to the photo being stored"
    )
    days: int | None = Field(None, ge=1, le=3650, description="days until the photo expires")


class PhotoOut(BaseModel):
    """A stored photo."""

    product_id: str
    image_id: str = Field(description="the photo's id, to remove it by")
    expires_at: str
    photos: int = Field(description="number of shoppers' photos the product now has")


class RemovedOut(BaseModel):
    """A removed photo."""

    image_id: str
    status: Literal["removed"] = "removed"
