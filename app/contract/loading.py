"""The body of `GET /api/v1/loading`."""

from pydantic import BaseModel, Field


class LoadingOut(BaseModel):
    """The loads that run now, as far as they share this server's state folder."""

    loading: bool = Field(description="whether products are being loaded now")
    products: int = Field(description="products loaded so far, by the loads that run now")
    total: int = Field(description="about how many they load in all")
    pending: int = Field(
        description="products already loaded whose slow features, such as text in pictures, are "
        "still to come; each of them names these in its `pending`"
    )
