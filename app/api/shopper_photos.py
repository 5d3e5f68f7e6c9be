"""Photos that shoppers confirmed to show a product: extra views of it, until they expire."""

from apiflask import APIBlueprint
from flask import request

from app.accounts.bearer_token import sent_token
from app.contract.request_reading import read_request
from app.contract.shopper_photos import PhotoOut, PhotoParameters, RemovedOut
from app.services import current_services
from core.errors import InvalidQuery

blueprint = APIBlueprint("shopper_photos", __name__, tag="Products")


@blueprint.post("/api/v1/products/<path:key>/photos")
@blueprint.output(PhotoOut, status_code=201)
@blueprint.doc(summary="Attach a shopper's photo to the product it shows")
def attach(key: str) -> PhotoOut:
    """Store a photo as an extra view of a product, as after a purchase that began with it.

    For the shop's own server, which sends its token as `Authorization: Bearer`. Searches find the
    product by the photo from then on; the photo itself is never displayed.
    """
    service = current_services().shopper_photos
    service.check_token(sent_token())
    parameters, images = read_request(request, PhotoParameters)
    if not parameters.consent:
        raise InvalidQuery("consent: send consent=true once the shopper has agreed")
    if len(images) != 1:
        raise InvalidQuery(f"send one picture as `image`, not {len(images)}")
    photo = service.attach(key, images[0], parameters.days)
    return PhotoOut(
        product_id=key,
        image_id=photo.image_id,
        expires_at=photo.expires_at.isoformat(timespec="seconds"),
        photos=photo.photos,
    )


@blueprint.delete("/api/v1/products/<path:key>/photos/<image_id>")
@blueprint.output(RemovedOut)
@blueprint.doc(summary="Remove a shopper's photo")
def remove(key: str, image_id: str) -> RemovedOut:
    """Remove a photo at once, as when the shopper withdraws consent."""
    service = current_services().shopper_photos
    service.check_token(sent_token())
    service.remove(key, image_id)
    return RemovedOut(image_id=image_id)
