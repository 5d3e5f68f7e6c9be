"""A seller's history at the desk: listings, and what reviewers decided about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from apiflask import APIBlueprint
from flask import Response, request

from app.accounts.access import sign_in_required
from app.pages import language
from app.pages.trust.case_rows import build_rows
from app.pages.trust.listing_filter import seller_listings
from app.pages.trust.rendering import desk_page
from app.services import Services, current_services
from app.trust.desk.case import DECIDED, VERDICTS
from app.trust.desk.case_search import CaseFilter
from core.errors import NotFound

blueprint = APIBlueprint("trust_sellers", __name__, enable_openapi=False)

SHOWN = 20


@dataclass(frozen=True)
class SellerHistory:
    """What the desk knows of one seller.

    `listings` counts those in the catalogue now, `verdicts` the verdicts on them by name, `total`
    the cases that show one of them, and `undecided` those of these that wait for a decision.
    """

    seller: str
    product_ids: Sequence[str]
    verdicts: Mapping[str, int]
    total: int
    undecided: int

    @property
    def listings(self) -> int:
        """How many listings the seller has in the catalogue."""
        return len(self.product_ids)


def seller_history(shared: Services, seller: str) -> SellerHistory:
    """Return a seller's history; a listing that is gone from the catalogue is not counted."""
    listings, search = seller_listings(shared.catalogue, seller), shared.case_search
    counts, total = search.count_verdicts(listings), search.count(CaseFilter(listings))
    decided = search.count(CaseFilter(listings, state=DECIDED))
    verdicts = {verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]}
    return SellerHistory(seller, listings, verdicts, total, total - decided)


@blueprint.get("/trust/sellers/<path:seller>")
@sign_in_required
def seller_page(seller: str) -> Response:
    """Show a seller's history; raises NotFound for one without listings."""
    shared = current_services()
    found = seller_history(shared, seller)
    if not found.listings:
        raise NotFound(f"no listing in the catalogue is by the seller {seller[:80]!r}")
    latest = shared.case_search.page(CaseFilter(found.product_ids), SHOWN).cases
    reader = language.requested_language(request)
    return desk_page(
        "seller.html",
        history=found,
        rows=build_rows(shared, latest, reader, datetime.now(UTC)),
    )
