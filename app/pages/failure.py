"""The page for a problem: what happened, and what to do next."""

from collections.abc import Mapping

from flask import Response, request

from app.pages import language
from app.pages.rendering import page
from features.base import Json


def render_failure(problem: Mapping[str, Json]) -> Response:
    """Return a problem document as a page in the reader's language.

    The message is that of the problem's code, or else of its status or its class of status. The
    problem's own detail follows, to report it with.
    """
    reader = language.requested_language(request)
    status = problem["status"]
    keys = (f"failure.{name}" for name in (problem["code"], status, f"{status // 100}xx"))
    key = next(key for key in keys if reader.has(key))
    return page("failure.html", problem=problem, message=reader.text(key))
