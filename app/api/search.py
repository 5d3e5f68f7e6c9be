"""Search by pictures, words and filters; and by a product already stored."""

from apiflask import APIBlueprint
from flask import request

from app.contract.presentation import IdsOut, SearchOut, search_out
from app.contract.request_reading import IMAGE, UNLIKE_IMAGE, read_pictures, read_request, validate
from app.search.search_parameters import MAX_HITS, SearchParameters, SimilarParameters
from app.search.search_request import SearchRequest
from app.search_recording import record_search
from app.services import services_for_request
from core.errors import InvalidQuery

blueprint = APIBlueprint("search", __name__, tag="Search")


def respond(model: type[SearchParameters], **path_values: object) -> SearchOut:
    """Answer the search that a request describes; `path_values` are parameters from its path."""
    parameters, images = read_request(
        request, model, other_files=[UNLIKE_IMAGE], path_values=path_values
    )
    unlike = read_pictures(request, UNLIKE_IMAGE, [IMAGE])
    return run_search(SearchRequest(parameters, tuple(images), tuple(unlike)))


def run_search(search: SearchRequest) -> SearchOut:
    """Run a search, record it, and return its page."""
    services, search = services_for_request(search)
    answer = services.searcher.search(search)
    record_search(services.shared, search.parameters, answer)
    return search_out(answer, services.registry, explain=search.parameters.explain)


@blueprint.post("/api/v1/search")
@blueprint.output(SearchOut)
@blueprint.doc(summary="Search by pictures, words and filters")
def search() -> SearchOut:
    """Takes a multipart form with pictures, a plain form, or a JSON object."""
    return respond(SearchParameters)


@blueprint.get("/api/v1/search")
@blueprint.output(SearchOut)
@blueprint.doc(summary="Search by words, filters or an earlier picture")
def search_by_address() -> SearchOut:
    """Takes a query string. To search with a picture, POST it or send `picture` from an answer."""
    return respond(SearchParameters)


@blueprint.get("/api/v1/products/<path:key>/similar")
@blueprint.output(SearchOut)
@blueprint.doc(summary="Find products similar to a stored product")
def similar(key: str) -> SearchOut:
    """Takes every parameter of a search. Shows other products, each with its variants as one hit;
    `collapse=none` shows every product, its own variants among them."""
    return respond(SimilarParameters, product_id=[key])


@blueprint.get("/nns")
@blueprint.output(IdsOut)
@blueprint.doc(summary="List the ids of a product's nearest neighbours")
def nearest_ids() -> IdsOut:
    """Takes `product_id`, and optionally `category_id` and `limit` (1 to 200)."""
    key = request.args.get("product_id", "")
    category = request.args.get("category_id", "")
    limit = request.args.get("limit", "10")
    if not key:
        raise InvalidQuery("product_id: send the id of the product whose neighbours you want")
    if not limit.isascii() or not limit.isdigit() or not 1 <= int(limit[:9]) <= MAX_HITS:
        raise InvalidQuery(f"limit: a whole number from 1 to {MAX_HITS}, not {limit[:20]!r}")
    parameters = validate(
        {
            "product_id": [key],
            "filter": {"category_id": [category]} if category else {},
            "size": int(limit),
        },
        SearchParameters,
    )
    return IdsOut(result=[hit.id for hit in run_search(SearchRequest(parameters)).hits])
