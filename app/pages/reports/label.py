"""The page where reviewers say what shoppers' photos show that found no good answer."""

from apiflask import APIBlueprint
from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from app.accounts.access import sign_in_required
from app.pages import language
from app.pages.cards import first_image_url, product_card
from app.pages.trust.rendering import desk_page
from app.search.photo_store import photo_name
from app.services import Services, current_services
from app.shoppers.photo_labels import PhotoLabels
from core.errors import InvalidQuery
from mappings.events.event_documents import DATA_STREAM
from mappings.events.uncertain_searches import UncertainSearch, read_uncertain, uncertain_body

blueprint = APIBlueprint("label", __name__, enable_openapi=False)

HERE = "/trust/reports/label"
CHOICES = 9
"""Hits offered: a key each, from 1 to 9."""

NOTHING = ""
"""The answer that the photo shows none of the offered products."""


@blueprint.get("/reports/label")
def short_address() -> AnyResponse:
    """Redirect to the page, which lies where reviewers sign in."""
    return redirect(HERE, 303)


@blueprint.get(HERE)
@sign_in_required
def show() -> Response:
    """Show the least certain search whose photo is still stored."""
    services, reader = current_services(), language.requested_language(request)
    labels = _labels(services)
    waiting = _waiting(services) if labels.is_enabled else []
    search = waiting[0] if waiting else None
    products = services.catalogue.products(search.products[:CHOICES]) if search else {}
    return desk_page(
        "label.html",
        is_enabled=labels.is_enabled,
        days=services.settings.shoppers.label_days,
        search=search,
        photo=photo_name(search.query_id, 1) if search else "",
        cards=[
            product_card(products[key], reader, first_image_url(products[key]))
            for key in (search.products[:CHOICES] if search else ())
            if key in products
        ],
        waiting=len(waiting),
        stored=reader.number(len(labels.labels())) if labels.is_enabled else "",
        table=labels.table,
        undo=request.args.get("done", ""),
    )


@blueprint.post(HERE)
@sign_in_required
def answer() -> AnyResponse:
    """Store what the photo shows, and go on to the next; raises InvalidQuery."""
    services, form = current_services(), request.form
    labels, query_id = _labels(services), form.get("query_id", "")
    if not labels.is_enabled:
        raise InvalidQuery("labelling is off: set LOOKALIKE_LABEL_DAYS")
    if form.get("undo"):
        labels.undo(_checked(services, query_id))
        return redirect(HERE, 303)
    product_id = form.get("product_id", NOTHING)
    if product_id == NOTHING:
        labels.skip(_checked(services, query_id))
    elif product_id not in services.catalogue.products([product_id]):
        raise InvalidQuery(f"product_id: there is no product {product_id[:80]!r}")
    else:
        photo = services.photo_store.load(photo_name(query_id, 1))
        labels.add(query_id, product_id, photo)
    return redirect(f"{HERE}?done={query_id}", 303)


def _labels(services: Services) -> PhotoLabels:
    settings = services.settings
    return PhotoLabels(settings.state_dir / "labels", settings.shoppers.label_days)


def _checked(services: Services, query_id: str) -> str:
    """Return the id of a search whose photo is stored; raises PhotoExpired."""
    services.photo_store.path(photo_name(query_id, 1))
    return query_id


def _waiting(services: Services) -> list[UncertainSearch]:
    """Return the searches whose photo is stored and was not answered, the least certain first."""
    body = uncertain_body(round(services.photo_store.ttl_s))
    found = read_uncertain(services.shared.event_gateway.search(DATA_STREAM, body))
    answered = _labels(services).answered()
    return [
        item
        for item in found
        if item.query_id not in answered
        and item.products
        and services.photo_store.expires_at(photo_name(item.query_id, 1))
    ]
