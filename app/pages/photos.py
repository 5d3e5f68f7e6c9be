"""What a page asks for about the photo it searched with: the photo, and the text in it."""

from apiflask import APIBlueprint
from flask import Response, send_file

from app.services import current_services

blueprint = APIBlueprint("photos", __name__, enable_openapi=False)

READING_PATIENCE_S = 5.0
"""How long a page waits for the text in its photos."""


@blueprint.get("/photos/<name>.jpg")
def photo(name: str) -> Response:
    """Return a shopper's photo while it is stored. Nothing on the way may keep it."""
    answer = send_file(current_services().photo_store.path(name), mimetype="image/jpeg")
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["X-Robots-Tag"] = "noindex, noimageindex"
    return answer


@blueprint.get("/pictures/<picture>/text")
def picture_text(picture: str) -> dict[str, str]:
    """Return the text in the photos of a search, once it is read."""
    return {"text": current_services().text_reader.wait(picture, READING_PATIENCE_S)}
