"""Search by pictures, words and filters; and by a product already stored."""

from apiflask import APIBlueprint
from flask import request

from app.contract import parameters
from app.contract.parameters import Parameters
from app.contract.presentation import IdsOut, SearchOut, search_out
from app.search import search_recording
from app.search.search_request import SearchRequest
from app.services import answering
from core.errors import InvalidQuery

blueprint = APIBlueprint("search", __name__, tag="Search")

MOST_IDS = 200


def asked(**changes: object) -> SearchOut:
    """Answer the search a request asks for, with some parameters changed."""
    others = [parameters.UNLIKE_IMAGE]
    given, images = parameters.from_request(request, Parameters, others)
    unlike = parameters.pictures(request, parameters.UNLIKE_IMAGE, [parameters.IMAGE])
    wanted = given.model_copy(update=changes).request(images, unlike)
    return answered(wanted, explain=given.explain)


def answered(wanted: SearchRequest, *, explain: bool = False) -> SearchOut:
    """Run a search, log it, and return the page."""
    shared = answering(wanted)
    return search_out(search_recording.searched(shared, wanted), shared.registry, explain=explain)


@blueprint.post("/api/v1/search")
@blueprint.output(SearchOut)
@blueprint.doc(summary="Search by pictures, words and filters")
def search() -> SearchOut:
    """Answer a multipart form, a plain form or a JSON object."""
    return asked()


@blueprint.get("/api/v1/search")
@blueprint.output(SearchOut)
@blueprint.doc(summary="Search by words, filters or an earlier picture")
def search_by_address() -> SearchOut:
    """Answer a query string; pictures need a POST or the `picture` of an earlier answer."""
    return asked()


@blueprint.get("/api/v1/products/<path:key>/similar")
@blueprint.output(SearchOut)
@blueprint.doc(summary="Products that look like a stored one")
def similar(key: str) -> SearchOut:
    """Answer with more like one product; takes every parameter of a search."""
    return asked(product_id=[key])


@blueprint.get("/nns")
@blueprint.output(IdsOut)
@blueprint.doc(summary="Ids of a product's nearest neighbours")
def nearest_ids() -> IdsOut:
    """Answer with ids alone: `product_id`, and optionally `category_id` and `limit` (1 to 200)."""
    key = request.args.get("product_id", "")
    category = request.args.get("category_id", "")
    limit = request.args.get("limit", "10")
    if not key:
        raise InvalidQuery("product_id: which product's neighbours?")
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= MOST_IDS:
        raise InvalidQuery(f"limit: a whole number from 1 to {MOST_IDS}, not {limit[:20]!r}")
    wanted = SearchRequest(
        product_ids=(key,),
        filters={"category_id": (category,)} if category else {},
        size=int(limit),
    )
    return IdsOut(result=[hit.id for hit in answered(wanted).hits])
