"""Photos that shoppers confirmed to show a product: extra views of it, until a day."""

from typing import Literal

from apiflask import APIBlueprint
from flask import request
from pydantic import BaseModel, ConfigDict, Field

from app.contract import parameters
from app.services import current_services
from core.errors import InvalidQuery

blueprint = APIBlueprint("shopper_photos", __name__, tag="Products")


class PhotoParameters(BaseModel):
    """What comes with a photo."""

    model_config = ConfigDict(extra="forbid")

    consent: bool = Field(False, description="true: the shopper agreed that the photo is kept")
    days: int | None = Field(None, ge=1, le=3650, description="days until it is over")


class PhotoOut(BaseModel):
    """A photo that is kept."""

    product_id: str
    image_id: str = Field(description="its name, to remove it by")
    expires_at: str
    photos: int = Field(description="photos of shoppers that the product has now")


class RemovedOut(BaseModel):
    """A photo that is kept no more."""

    image_id: str
    status: Literal["removed"] = "removed"


@blueprint.post("/api/v1/products/<path:key>/photos")
@blueprint.output(PhotoOut, status_code=201)
@blueprint.doc(summary="Attach a shopper's photo to the product it shows")
def attach(key: str) -> PhotoOut:
    """Keep a photo as an extra view of a product, as after a purchase that began with it.

    For the shop's own server, which sends its token as `Authorization: Bearer`. Searches find the
    product by the photo from then on; the photo itself is never shown.
    """
    taken = current_services().shopper_photos
    taken.check_token(_token())
    given, images = parameters.read_request(request, PhotoParameters)
    if not given.consent:
        raise InvalidQuery("consent: send consent=true once the shopper has agreed")
    if len(images) != 1:
        raise InvalidQuery(f"send one picture as `image`, not {len(images)}")
    kept = taken.attach(key, images[0], given.days)
    return PhotoOut(
        product_id=key,
        image_id=kept.image_id,
        expires_at=kept.expires_at.isoformat(timespec="seconds"),
        photos=kept.photos,
    )


@blueprint.delete("/api/v1/products/<path:key>/photos/<image_id>")
@blueprint.output(RemovedOut)
@blueprint.doc(summary="Forget a shopper's photo")
def remove(key: str, image_id: str) -> RemovedOut:
    """Forget a photo at once, as when the shopper takes the agreement back."""
    taken = current_services().shopper_photos
    taken.check_token(_token())
    taken.remove(key, image_id)
    return RemovedOut(image_id=image_id)


def _token() -> str | None:
    """Return the token that came as `Authorization: Bearer`, or None."""
    sent = request.authorization
    return sent.token if sent is not None and sent.type == "bearer" else None
