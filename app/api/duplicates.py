"""Is this picture already in the catalogue?"""

from apiflask import APIBlueprint
from flask import request

from app import journal, parameters
from app.presentation import CheckOut, check_out
from app.services import services

blueprint = APIBlueprint("duplicates", __name__, tag="Duplicates")


@blueprint.post("/api/v1/duplicates/check")
@blueprint.output(CheckOut)
@blueprint.doc(summary="Check one picture against the catalogue")
def check() -> CheckOut:
    """Answer for one picture or `product_id`, with filters as in a search."""
    given, images = parameters.from_request(request)
    shared = services()
    return check_out(journal.checked(shared, given.request(images)), shared.registry)
