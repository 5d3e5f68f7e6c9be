"""Liveness, readiness and version."""

from importlib.metadata import version as installed

from apiflask import APIBlueprint
from flask import Response, jsonify

from app.errors import problem_response
from app.services import current_services
from core.errors import LookalikeError

blueprint = APIBlueprint("probes", __name__, tag="Probes")


@blueprint.get("/livez")
@blueprint.doc(summary="Check that the process is alive")
def live() -> Response:
    """Answer 200 as long as this worker runs, whatever Elasticsearch does."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
@blueprint.doc(summary="Check that searches can be answered")
def ready() -> Response:
    """Answer 200 when the index is there, not red, and built with our features."""
    catalogue = current_services().catalogue
    try:
        catalogue.check_features()
        health = catalogue.health()
    except LookalikeError as error:
        return problem_response(503, error.code, str(error), error.retry_after_s or 5)
    if health == "red":
        detail = "the index is red: some of its data is missing; run `python -m ops doctor`"
        return problem_response(503, "index_red", detail, 5)
    return jsonify(status="ready", index=health)


@blueprint.get("/version")
@blueprint.doc(summary="Show the versions of the program and its features")
def version() -> Response:
    """Answer with the program's version and every feature's."""
    features = {name: feature.version for name, feature in current_services().registry.items()}
    return jsonify(version=installed("lookalike"), features=features)
