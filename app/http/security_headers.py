"""Response headers every page and answer carries."""

from collections.abc import Sequence

from apiflask import APIFlask
from flask import Response, request

from app.http.request_id import request_id

UNFRAMED_PATHS = ("/trust", "/docs")
"""Pages that no other site shows in a frame: a click there may decide something."""


def policy(framed_by: Sequence[str] = ()) -> str:
    """Return the content security policy of a page that these sites may show in a frame."""
    ancestors = " ".join(framed_by) or "'none'"
    return "; ".join(
        (
            "default-src 'self'",
            "img-src 'self' data: blob:",
            "object-src 'none'",
            "base-uri 'none'",
            "form-action 'self'",
            f"frame-ancestors {ancestors}",
        )
    )


def install(app: APIFlask, embed_origins: Sequence[str] = ()) -> None:
    """Add the headers after every request; these sites may show the shop's pages in a frame."""
    strict, embeddable = policy(), policy(embed_origins)

    @app.after_request
    def headers(response: Response) -> Response:
        is_strict = request.path.startswith(UNFRAMED_PATHS)
        response.headers.setdefault("Content-Security-Policy", strict if is_strict else embeddable)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        response.headers["X-Request-Id"] = request_id()
        return response
