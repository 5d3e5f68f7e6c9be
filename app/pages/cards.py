"""A product as a card shows it: what it is, what it costs, and why it is here."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.pages.facets import label
from app.pages.language import Language
from app.presentation import badge, image_url
from app.settings import CONFIDENT
from features.base import Json
from features.registry import Registry
from mappings.products import PICTURES, own
from mappings.results import Hit

SOMEWHAT = "somewhat_alike"
"""The badge of a look-alike that is nearest only because nothing is near."""


@dataclass(frozen=True)
class Card:
    """One product. `reason` is a badge's name, or None where nothing was asked."""

    id: str
    title: str
    price: str
    availability: str
    in_stock: bool
    image: str | None
    reason: str | None = None


def card(hit: Hit, registry: Registry, language: Language) -> Card:
    """Return one hit's card."""
    image = image_url(hit.image_id) if hit.image_id else None
    return of_product(hit.product, language, image, reason(hit, registry))


def reason(hit: Hit, registry: Registry) -> str | None:
    """Return why a hit is shown, no more certain than its signals are."""
    strongest = badge(hit.signals, registry)
    near = hit.signals.get("embedding", {}).get("score", 0.0)
    return SOMEWHAT if strongest == "looks_alike" and near < CONFIDENT else strongest


def of_product(
    product: Mapping[str, Json], language: Language, image: str | None, why: str | None = None
) -> Card:
    """Return the card of a stored product."""
    price, state = product.get("price"), product.get("availability")
    return Card(
        id=product["id"],
        title=product.get("title") or product["id"],
        price="" if price is None else language.price(price, product.get("currency")),
        availability=label("availability", state, language) if state else "",
        in_stock=state == "in_stock",
        image=image,
        reason=why,
    )


def first_image(product: Mapping[str, Json]) -> str | None:
    """Return the address of a stored product's first picture."""
    pictures = own(product.get(PICTURES, []))
    return image_url(pictures[0]["image_id"]) if pictures else None
