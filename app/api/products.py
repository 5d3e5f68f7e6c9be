"""Stored products and their pictures."""

from apiflask import APIBlueprint
from flask import Response, jsonify, redirect, request, send_file
from werkzeug.wrappers import Response as BaseResponse

from app.contract.presentation import ProductOut, product_out
from app.contract.related import RelatedOut, RelatedParameters, related_out
from app.contract.request_reading import read_request
from app.services import current_services
from core.errors import NotFound
from mappings.catalogue.product_tag import product_tag

blueprint = APIBlueprint("products", __name__, tag="Products")

YEAR_S = 31_536_000
HOUR_S = 3600


@blueprint.get("/api/v1/products/<path:key>")
@blueprint.output(ProductOut)
@blueprint.doc(summary="Show a stored product")
def product(key: str) -> Response:
    """Answer with a product's metadata and the addresses of its pictures.

    The `ETag` is for `If-Match` in a change of the product.
    """
    catalogue = current_services().catalogue
    source = catalogue.product(key)
    answer = jsonify(product_out(source).model_dump())
    answer.set_etag(product_tag(source, catalogue.fields))
    return answer


@blueprint.get("/api/v1/products/<path:key>/related")
@blueprint.output(RelatedOut)
@blueprint.doc(summary="Find products that shoppers viewed or bought with a stored product")
def related(key: str) -> RelatedOut:
    """Answer with what the same visits had, as far as it is no chance; see docs/EVENTS.md."""
    services = current_services()
    parameters, _ = read_request(request, RelatedParameters)
    services.catalogue.product(key)
    found = services.shared.related.find(key)
    ids = [product.id for product in (*found.also_viewed, *found.bought_with)]
    return related_out(found, services.catalogue.products(ids), parameters.size)


@blueprint.get("/api/v1/products/<path:key>/picture")
@blueprint.doc(summary="Find a product's first picture", responses={302: "its thumbnail"})
def first_picture(key: str) -> BaseResponse:
    """Lead to the thumbnail of what is the first picture now, for tables that know only an id."""
    picture = product_out(current_services().catalogue.product(key)).image
    if picture is None:
        raise NotFound(f"the product {key[:80]!r} has no picture")
    answer = redirect(picture)
    answer.headers["Cache-Control"] = f"public, max-age={HOUR_S}"
    return answer


@blueprint.get("/images/<image_id>.jpg")
@blueprint.doc(summary="Show a picture's thumbnail", hide=True)
def thumbnail(image_id: str) -> Response:
    """Answer with a re-encoded JPEG. The address is a digest of the content: neither changes."""
    path = current_services().thumbnails.path(image_id)
    answer = send_file(path, mimetype="image/jpeg", max_age=YEAR_S)
    answer.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    return answer


@blueprint.get("/images/large/<image_id>.jpg")
@blueprint.doc(summary="Show a picture's large copy", hide=True)
def large_copy(image_id: str) -> Response:
    """Answer with the large copy of a picture; where there is none, with its thumbnail.

    A later load may bring a large copy, so a thumbnail in its place is kept for an hour only.
    """
    thumbnails = current_services().thumbnails
    is_large = thumbnails.has_large(image_id)
    path = thumbnails.large_path(image_id) if is_large else thumbnails.path(image_id)
    answer = send_file(path, mimetype="image/jpeg", max_age=YEAR_S if is_large else HOUR_S)
    if is_large:
        answer.headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable"
    return answer
