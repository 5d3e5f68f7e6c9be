"""Is this picture already in the catalogue?"""

from apiflask import APIBlueprint
from flask import request

from app.contract.check_parameters import CheckParameters
from app.contract.check_presentation import CheckOut, check_out
from app.contract.request_reading import read_request
from app.search_recording import record_check
from app.services import current_services

blueprint = APIBlueprint("duplicates", __name__, tag="Duplicates")


@blueprint.post("/api/v1/duplicates/check")
@blueprint.output(CheckOut)
@blueprint.doc(summary="Check a picture for duplicates in the catalogue")
def check() -> CheckOut:
    """Say whether a picture, or a stored product's pictures, are in the catalogue already.

    `same_file`, `same_photo` and `same_product` are different answers, each with its probability
    and evidence. `no_signal` means that the picture is too plain to compare, which is not the same
    as `none`.
    """
    parameters, images = read_request(request, CheckParameters)
    services = current_services()
    result = services.duplicate_check.check(parameters.request(images))
    record_check(services.search_log, parameters, result)
    return check_out(result)
