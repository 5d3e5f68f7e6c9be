"""``/hma/h``: the signals of a picture."""

from flask import Response, jsonify

from app.hma.access import new_blueprint
from app.hma.parameters import SignalTypesParameters, query_values
from app.hma.pictures import fetched_picture, uploaded_picture
from app.services import current_services

blueprint = new_blueprint("hashing", "/hma/h")


@blueprint.get("/hash")
@blueprint.doc(summary="Hash the picture at an address")
def hash_address() -> Response:
    """Answer with the signals by type."""
    parameters = query_values(SignalTypesParameters)
    data = fetched_picture(parameters.url)
    return jsonify(current_services().signal_matcher.hash_picture(data, parameters.signal_types))


@blueprint.post("/hash")
@blueprint.doc(summary="Hash an uploaded picture")
def hash_upload() -> Response:
    """Answer with the signals by type."""
    parameters = query_values(SignalTypesParameters)
    data = uploaded_picture()
    return jsonify(current_services().signal_matcher.hash_picture(data, parameters.signal_types))
