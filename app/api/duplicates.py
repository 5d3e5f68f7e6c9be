"""Is this picture already in the catalogue?"""

from apiflask import APIBlueprint
from flask import request

from app.contract import parameters
from app.contract.check_parameters import CheckParameters
from app.contract.check_presentation import CheckOut, check_out
from app.search import search_recording
from app.services import current_services

blueprint = APIBlueprint("duplicates", __name__, tag="Duplicates")


@blueprint.post("/api/v1/duplicates/check")
@blueprint.output(CheckOut)
@blueprint.doc(summary="Check one picture against the catalogue")
def check() -> CheckOut:
    """Say whether a picture, or a stored product's pictures, are in the catalogue already.

    `same_file`, `same_photo` and `same_product` are different answers, each with its probability
    and evidence. `no_signal` means that nothing can be seen in the picture: it is not `none`.
    """
    given, images = parameters.read_request(request, CheckParameters)
    return check_out(search_recording.checked(current_services(), given.request(images)))
