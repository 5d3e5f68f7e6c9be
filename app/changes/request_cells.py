"""Reads the product that a request sends: a JSON object, or a form with pictures."""

from contextlib import closing

from flask import Request
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from app.contract.request_reading import FORM_TYPES, IMAGE
from core.errors import UnknownName
from features.base import Json
from indexer.live.uploaded_pictures import PictureUploads

PICTURES = "image_link"


def read_cells(request: Request) -> tuple[dict[str, Json], PictureUploads]:
    """Return the product's cells and the pictures that came with them.

    Raises BadRequest, UnsupportedMediaType, and UnknownName for a file that is no `image`.
    """
    if request.is_json:
        return _json_object(request), PictureUploads()
    if request.mimetype not in FORM_TYPES:
        raise UnsupportedMediaType(
            "send the product as application/json, or as multipart/form-data with pictures as "
            "files named `image`"
        )
    uploads = PictureUploads()
    cells: dict[str, Json] = {
        name: texts if len(texts) > 1 else texts[0] for name, texts in request.form.lists()
    }
    addresses = _uploaded(request, uploads)
    if addresses:
        given = cells.get(PICTURES, [])
        cells[PICTURES] = [*addresses, *(given if isinstance(given, list) else [given])]
    return cells, uploads


def _uploaded(request: Request, uploads: PictureUploads) -> list[str]:
    """Take the request's files; return their addresses in order."""
    for field in request.files:
        if field != IMAGE:
            raise UnknownName("file field", field or "", [IMAGE])
    addresses = []
    for part in request.files.getlist(IMAGE):
        with closing(part):
            data = part.read()
            # A browser sends a nameless, empty part for a field that nobody filled in.
            if data or part.filename:
                addresses.append(uploads.add(data))
    return addresses


def _json_object(request: Request) -> dict[str, Json]:
    try:
        values = request.get_json(silent=True)
    except RecursionError:
        values = None
    if not isinstance(values, dict):
        raise BadRequest("the body is not a JSON object; check its commas, quotes and nesting")
    return values
