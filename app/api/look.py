"""Searches with every part of a photo at once."""

from apiflask import APIBlueprint
from flask import request

from app.contract.look import LookOut, LookParameters, look_out
from app.contract.request_reading import read_request
from app.services import current_services
from core.errors import InvalidQuery

blueprint = APIBlueprint("look", __name__, tag="Search")


@blueprint.post("/api/v1/look")
@blueprint.output(LookOut)
@blueprint.doc(summary="Find the parts of a photo, and what looks like each")
def look() -> LookOut:
    """Answer with the parts in reading order, each named after its matches; [] where nothing
    stands out. All parts are one request to Elasticsearch.

    These searches are not recorded: somebody who chooses a part searches with its `crop`.
    """
    parameters, images = read_request(request, LookParameters)
    services = current_services()
    if parameters.photo:
        images.append(services.photo_store.load(parameters.photo))
    if len(images) != 1:
        raise InvalidQuery(f"send one picture as `image`, not {len(images)}")
    found = services.look_searcher.search(
        images[0], parameters.search_parameters(), parameters.parts, parameters.photo
    )
    return look_out(found, services.registry)
