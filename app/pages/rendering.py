"""Renders a template in the reader's language."""

from urllib.parse import urlencode

from flask import Response, make_response, render_template, request

from app.pages import language as languages
from app.pages.address import RESULTS, Address
from app.pages.language import CODES, FIELD, Language
from app.pages.upload_rules import upload_rules
from app.services import current_services

YEAR_S = 31_536_000


def page(
    template: str, *, address: Address | None = None, path: str | None = None, **values: object
) -> Response:
    """Return a whole page. `address` is where it is found again, this request's by default.

    A POST has no address of its own, so links to "this page" use `address`, or `path` where the
    page is not a search.
    """
    language, services = languages.requested_language(request), current_services()
    response = make_response(
        render_template(
            template,
            address=address or Address(),
            language=language,
            t=language.text,
            loading=services.loading,
            events=services.settings.shop_events,
            switches=_switches(address, path, language),
            upload=upload_rules(services.settings.search.photo_ttl_s, language),
            **values,
        )
    )
    response.headers["Content-Language"] = language.code
    response.headers["Vary"] = "Accept-Language, Cookie"
    response.headers["Cache-Control"] = "no-cache"
    if request.args.get(FIELD) == language.code:
        response.set_cookie(FIELD, language.code, max_age=YEAR_S, samesite="Lax", httponly=True)
    return response


def _switches(
    address: Address | None, path: str | None, current: Language
) -> list[tuple[Language, str]]:
    """Return the other languages, and this page's address in each."""
    if path is not None:
        fields = []
    elif address is None:
        fields = [pair for pair in request.args.items(multi=True) if pair[0] != FIELD]
        # A page that only a POST reaches is linked to as an empty search.
        path = request.path if request.method == "GET" else RESULTS
    else:
        fields, path = list(address.fields), RESULTS
    others = [languages.language(code) for code in CODES if code != current.code]
    return [(other, f"{path}?{urlencode([*fields, (FIELD, other.code)])}") for other in others]
