"""The list of cases, searched by listing, seller, queue, state and reviewer."""

from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlencode

from apiflask import APIBlueprint
from flask import Response, request

from app.accounts.access import sign_in_required
from app.pages import language
from app.pages.trust.case_rows import build_rows
from app.pages.trust.listing_filter import matching_listings
from app.pages.trust.rendering import desk_page
from app.services import current_services
from app.trust.desk.case import QUEUES
from app.trust.desk.case_search import STATES, CaseFilter
from core.errors import InvalidQuery

blueprint = APIBlueprint("trust_case_list", __name__, enable_openapi=False)

HERE = "/trust/cases"
PAGE = 30
MAX_TEXT = 200
WORDS = ("listing", "seller", "reviewer")
CHOICES: Mapping[str, tuple[str, ...]] = {"state": STATES, "queue": QUEUES}


@blueprint.get(HERE)
@sign_in_required
def case_list() -> Response:
    """Show the cases that match the filters, the latest change first."""
    shared = current_services()
    given = _given()
    product_ids = matching_listings(
        shared.catalogue, given.get("listing", ""), given.get("seller", "")
    )
    wanted = CaseFilter(
        product_ids=product_ids,
        seller=given.get("seller") if "listing" not in given else None,
        queue=given.get("queue"),
        state=given.get("state"),
        reviewer=given.get("reviewer"),
    )
    cursor = request.args.get("cursor") or None
    found = shared.case_search.page(wanted, PAGE, cursor)
    following = {**given, "cursor": found.cursor} if found.cursor else {}
    reader = language.requested_language(request)
    return desk_page(
        "case_list.html",
        rows=build_rows(shared, found.cases, reader, datetime.now(UTC)),
        total=found.total,
        given=given,
        words=WORDS,
        choices=CHOICES,
        next=_address(following) if following else "",
        first=_address(given) if cursor else "",
    )


def _given() -> dict[str, str]:
    """Return the filters in use; raises InvalidQuery for an unknown value."""
    values = {name: request.args.get(name, "").strip() for name in (*WORDS, *CHOICES)}
    for name, known in CHOICES.items():
        if values[name] and values[name] not in known:
            raise InvalidQuery(f"{name}: {values[name][:40]!r} is not one of {', '.join(known)}")
    return {name: value[:MAX_TEXT] for name, value in values.items() if value}


def _address(fields: Mapping[str, str]) -> str:
    return f"{HERE}?{urlencode(fields)}" if fields else HERE
