"""One product: its pictures, what it costs, its details, and what looks like it."""

from collections.abc import Mapping
from urllib.parse import quote

from apiflask import APIBlueprint
from flask import request
from werkzeug.wrappers import Response

from app.contract.presentation import image_url, product_out
from app.pages import cards
from app.pages.breadcrumbs import category_steps
from app.pages.language import Language, requested_language
from app.pages.product_fields import field_label, field_values
from app.pages.rendering import page
from app.pages.structured_data import breadcrumb_data, link_preview, product_data
from app.search.search_parameters import SimilarParameters
from app.search_recording import record_search
from app.services import Services, current_services
from features.base import Json
from mappings.catalogue.products import PICTURES, own_pictures
from mappings.search.results import Hit

blueprint = APIBlueprint("product_page", __name__, enable_openapi=False)

SIMILAR_HITS = 12
RELATED = 6
CANDIDATES = 24
"""Nearest products that the similar ones are chosen from: those of the same category first."""


@blueprint.get("/products/<path:key>")
def product(key: str) -> Response:
    """Show a product: all its pictures, its details, and similar products."""
    services, language = current_services(), requested_language(request)
    source = services.catalogue.product(key)
    card = cards.product_card(source, language, cards.first_image_url(source))
    pictures = [picture["image_id"] for picture in own_pictures(source.get(PICTURES, []))]
    sizes = [services.thumbnails.large_size(image) for image in pictures]
    path = f"/products/{quote(source['id'])}"
    steps = category_steps(list(source.get("category") or []), language)
    images = [image_url(image, is_large=True) for image in pictures]
    return page(
        "product.html",
        product=product_out(source),
        card=card,
        gallery=list(zip(map(image_url, pictures), images, sizes, strict=True)),
        facts=_facts(services, source, language),
        similar=similar_cards(services, source, language),
        related=related_cards(services, source["id"], language),
        steps=steps,
        structured=[
            product_data(source, path, images),
            *([breadcrumb_data([*steps, (card.title, path)])] if steps else []),
        ],
        preview=link_preview(
            card.title, str(source.get("description") or card.price), next(iter(images), None)
        ),
    )


def similar_cards(
    services: Services, source: Mapping[str, Json], language: Language
) -> list[cards.Card]:
    """Return the cards of what looks most like a product, of its own category first."""
    parameters = SimilarParameters(
        product_id=[source["id"]], size=CANDIDATES, collapse="group_or_photo", alike_only=True
    )
    answer = services.similar_products.search(parameters)
    record_search(services.shared, parameters, answer)
    own = set(source.get("category") or [])

    def is_elsewhere(hit: Hit) -> bool:
        return bool(own) and not own <= set(hit.product.get("category") or [])

    hits = sorted(answer.results.hits, key=is_elsewhere)[:SIMILAR_HITS]
    shown = [cards.hit_card(hit, services.registry, language, shows_reason=False) for hit in hits]
    return cards.listed(shown, answer.query_id)


def related_cards(
    services: Services, key: str, language: Language
) -> list[tuple[str, list[cards.Card]]]:
    """Return heading and cards of what shoppers bought with a product and also viewed."""
    related = services.shared.related.find(key)
    bought = {product.id for product in related.bought_with}
    groups = {
        "bought_with": related.bought_with,
        # What is shown once already says nothing more the second time.
        "also_viewed": [each for each in related.also_viewed if each.id not in bought],
    }
    ids = [product.id for products in groups.values() for product in products]
    stored = services.catalogue.products(ids)
    shown = {
        name: [stored[product.id] for product in products if product.id in stored][:RELATED]
        for name, products in groups.items()
    }
    return [
        (
            language.text(f"product.{name}"),
            [cards.product_card(p, language, cards.first_image_url(p)) for p in products],
        )
        for name, products in shown.items()
        if products
    ]


def _facts(
    services: Services, source: Mapping[str, Json], language: Language
) -> list[tuple[str, str]]:
    """Return heading and text of what a product's page doesn't already show elsewhere."""
    fields = services.catalogue.fields
    entries = [entry for entry in fields.values() if entry.is_on_product_page]
    return [
        (field_label(name, language, fields), text)
        for name, text in field_values(source, entries, language)
    ]
