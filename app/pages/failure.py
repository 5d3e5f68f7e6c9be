"""What a person sees when something went wrong: what it was, and the way on."""

from collections.abc import Mapping

from flask import Response, request

from app.pages import language
from app.pages.rendering import page
from features.base import Json


def render_failure(problem: Mapping[str, Json]) -> Response:
    """Return a problem document as a page in the reader's language.

    The reader's words are those for the problem's code, or else for its status or the
    kind of it; the
    problem's own detail follows for who reports it.
    """
    reader = language.requested_language(request)
    status = problem["status"]
    keys = (f"failure.{name}" for name in (problem["code"], status, f"{status // 100}xx"))
    key = next(key for key in keys if reader.has(key))
    return page("failure.html", problem=problem, said=reader.text(key))
