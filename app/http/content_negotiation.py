"""Which kind of answer a request prefers: a page, or a problem document for programs."""

from flask import request

PROBLEM_TYPE = "application/problem+json"
PROGRAM_PATHS = (
    "/1/",
    "/api/",
    "/hma/",
    "/livez",
    "/nns",
    "/openapi.json",
    "/readyz",
    "/version",
)
"""Paths whose answers are for programs, whatever the request accepts."""


def wants_page() -> bool:
    """Say whether this request prefers HTML; `*/*`, as programs send, does not."""
    if request.path.startswith(PROGRAM_PATHS):
        return False
    return request.accept_mimetypes.best_match([PROBLEM_TYPE, "text/html"]) == "text/html"
