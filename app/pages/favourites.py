"""The products that somebody marked as favourites: their browser alone keeps the list."""

from apiflask import APIBlueprint
from flask import request
from werkzeug.wrappers import Response

from app.pages import cards
from app.pages.language import requested_language
from app.pages.rendering import page
from app.services import current_services

blueprint = APIBlueprint("favourites", __name__, enable_openapi=False)

MOST = 100
"""Products shown; the browser keeps no more."""


@blueprint.get("/favourites")
def favourites() -> Response:
    """Show the products that the address names, in its order; a script adds those of the browser.

    Products that the shop no longer has are left out.
    """
    services, language = current_services(), requested_language(request)
    keys = list(dict.fromkeys(key for key in request.args.getlist("id") if key))[:MOST]
    stored = services.catalogue.products(keys) if keys else {}
    found = [stored[key] for key in keys if key in stored]
    return page(
        "favourites.html",
        cards=[cards.product_card(one, language, cards.first_image_url(one)) for one in found],
        missing=len(keys) - len(found),
    )
