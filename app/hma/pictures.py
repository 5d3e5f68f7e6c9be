"""The picture of a call: uploaded, or fetched from a `url`."""

from contextlib import closing

from flask import request
from werkzeug.exceptions import BadRequest

from app.hma.access import check_may_fetch, hma_settings
from features.fetching.web import WebClient
from features.imaging.decode import UPLOAD_LIMITS

FILE_FIELD = "photo"


def uploaded_picture() -> bytes:
    """Return the uploaded picture; raises BadRequest."""
    if list(request.files) != [FILE_FIELD] or len(request.files.getlist(FILE_FIELD)) != 1:
        raise BadRequest(f"send one file, as multipart/form-data, in the field {FILE_FIELD!r}")
    with closing(request.files[FILE_FIELD]) as part:
        data: bytes = part.read()
    return data


def fetched_picture(url: str) -> bytes:
    """Return the picture at a public address.

    Raises BadRequest without an address, Forbidden, AddressRefused, FetchFailed, ImageTooLarge.
    """
    if not url:
        raise BadRequest("url is required")
    check_may_fetch()
    settings = hma_settings().fetching
    return WebClient(settings, UPLOAD_LIMITS.max_bytes, frozenset()).get(url)
