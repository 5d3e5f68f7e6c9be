"""Renders one of the desk's pages, in the reader's language."""

from functools import partial
from typing import Any

from flask import Response, request

from app.pages import language
from app.pages.figures import percent
from app.pages.rendering import page
from app.trust.desk.case import VERDICTS


def desk_page(
    template: str, status: int = 200, *, path: str | None = None, **values: Any
) -> Response:
    """Return a page, or the part of one, with what every page of the desk needs."""
    written = partial(percent, language=language.requested_language(request))
    answer = page(f"trust/{template}", path=path, percent=written, verdicts=VERDICTS, **values)
    answer.status_code = status
    return answer
