"""Proposes the parts of a picture that are worth searching with."""

import time

from apiflask import APIBlueprint
from flask import request

from app.contract.regions import RegionParameters, RegionsOut, region_out
from app.contract.request_reading import read_request
from app.services import current_services
from core.errors import InvalidQuery

blueprint = APIBlueprint("regions", __name__, tag="Search")


@blueprint.post("/api/v1/regions")
@blueprint.output(RegionsOut)
@blueprint.doc(summary="Propose the parts of a picture to search with")
def regions() -> RegionsOut:
    """Answer with parts that may each show one object; [] where nothing stands out."""
    parameters, images = read_request(request, RegionParameters)
    services = current_services()
    if parameters.photo:
        images.append(services.photo_store.load(parameters.photo))
    if len(images) != 1:
        raise InvalidQuery(f"send one picture as `image`, not {len(images)}")
    started = time.perf_counter()
    proposed = services.region_finders.find_regions(
        services.extractor.decode(images[0]), parameters.size
    )
    took_ms = 1000 * (time.perf_counter() - started)
    return RegionsOut(
        took_ms=round(took_ms, 1), regions=[region_out(region) for region in proposed]
    )
