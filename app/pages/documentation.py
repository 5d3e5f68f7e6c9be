"""The API reference: /openapi.json as one page without scripts."""

from typing import cast

from apiflask import APIBlueprint, APIFlask
from flask import current_app, request
from werkzeug.wrappers import Response

from app.pages import reference
from app.pages.rendering import page

blueprint = APIBlueprint("documentation", __name__, enable_openapi=False)


@blueprint.get("/docs")
def docs() -> Response:
    """Show every operation by its tag, and the shapes of their answers."""
    spec = cast(APIFlask, current_app).spec
    if not isinstance(spec, dict):
        raise TypeError("the description is served as JSON")
    origin = request.host_url.rstrip("/")
    return page(
        "docs.html",
        groups=reference.operations_by_tag(spec, origin),
        schemas=reference.schemas(spec),
    )
