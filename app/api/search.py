"""Search by pictures, words and filters; and by a product already stored."""

from apiflask import APIBlueprint
from flask import request

from app.contract import parameters
from app.contract.parameters import SearchParameters
from app.contract.presentation import IdsOut, SearchOut, search_out
from app.search import search_recording
from app.search.search_request import SearchRequest
from app.services import services_for_request
from core.errors import InvalidQuery

blueprint = APIBlueprint("search", __name__, tag="Search")

MAX_IDS = 200


def respond(**changes: object) -> SearchOut:
    """Answer the search a request asks for, with some parameters changed."""
    others = [parameters.UNLIKE_IMAGE]
    given, images = parameters.read_request(request, SearchParameters, others)
    unlike = parameters.read_pictures(request, parameters.UNLIKE_IMAGE, [parameters.IMAGE])
    wanted = given.model_copy(update=changes).request(images, unlike)
    return run_search(wanted, explain=given.explain)


def run_search(wanted: SearchRequest, *, explain: bool = False) -> SearchOut:
    """Run a search, log it, and return the page."""
    shared = services_for_request(wanted)
    return search_out(search_recording.searched(shared, wanted), shared.registry, explain=explain)


@blueprint.post("/api/v1/search")
@blueprint.output(SearchOut)
@blueprint.doc(summary="Search by pictures, words and filters")
def search() -> SearchOut:
    """Answer a multipart form, a plain form or a JSON object."""
    return respond()


@blueprint.get("/api/v1/search")
@blueprint.output(SearchOut)
@blueprint.doc(summary="Search by words, filters or an earlier picture")
def search_by_address() -> SearchOut:
    """Answer a query string; pictures need a POST or the `picture` of an earlier answer."""
    return respond()


@blueprint.get("/api/v1/products/<path:key>/similar")
@blueprint.output(SearchOut)
@blueprint.doc(summary="Products that look like a stored one")
def similar(key: str) -> SearchOut:
    """Answer with more like one product; takes every parameter of a search."""
    return respond(product_id=[key])


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
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit) <= MAX_IDS:
        raise InvalidQuery(f"limit: a whole number from 1 to {MAX_IDS}, not {limit[:20]!r}")
    wanted = SearchRequest(
        product_ids=(key,),
        filters={"category_id": (category,)} if category else {},
        size=int(limit),
    )
    return IdsOut(result=[hit.id for hit in run_search(wanted).hits])
