"""A product as a card shows it: title, price, and why it was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from app.contract.presentation import badge, image_url
from app.pages.address import Address
from app.pages.language import Language
from app.pages.product_fields import value_label
from app.search.search_answer import is_confident
from features.base import Json
from features.registry import Registry
from mappings.catalogue.products import ITEM_GROUP, PHOTO_GROUP, PICTURES, own_pictures
from mappings.catalogue.sale import PRICE, current_price, is_on_sale
from mappings.catalogue.scale import UNCALIBRATED, Scale
from mappings.search.results import Hit
from mappings.search.variants import Variants

SAME_PHOTO, BEST_MATCH = "same_photo", "best_match"
"""The badges of a card. Most cards have none: that it is similar, its place says already."""


@dataclass(frozen=True)
class Card:
    """One product. `price` is that of now; `regular_price` is "" but during a sale. `reason` is a
    badge's name, or None where there is nothing to say.

    `siblings` says how many further products show the same photo, "" for none, and `siblings_url`
    lists them all; `variants` and `variants_url` are the same for a product's further colours or
    variants; `less_url` repeats the search with this product as a negative example.
    `query_id` and `place`, from 1, say in which list the card is; "" for a list of no query.
    """

    id: str
    title: str
    price: str
    availability: str
    in_stock: bool
    image: str | None
    regular_price: str = ""
    reason: str | None = None
    siblings: str = ""
    siblings_url: str = ""
    variants: str = ""
    variants_url: str = ""
    less_url: str = ""
    query_id: str = ""
    place: int = 0


def listed(cards: Sequence[Card], query_id: str, first: int = 1) -> list[Card]:
    """Return cards with the query that found them and their places in its list, `first` on."""
    return [
        replace(card, query_id=query_id, place=place) for place, card in enumerate(cards, first)
    ]


def hit_card(
    hit: Hit,
    registry: Registry,
    language: Language,
    *,
    scale: Scale = UNCALIBRATED,
    here: Address | None = None,
    place: int = 0,
    shows_reason: bool = True,
) -> Card:
    """Return one hit's card; `here` is the search that found it, `place` its place there from 0."""
    image = image_url(hit.image_id) if hit.image_id else None
    reason = badge_of(hit, registry, scale, place) if shows_reason else None
    plain = replace(
        product_card(hit.product, language, image, reason),
        variants=_variants(hit.variants, language),
        variants_url=Address().with_field("filter", f"{ITEM_GROUP}:{hit.product[ITEM_GROUP]}").url
        if hit.variants.count
        else "",
    )
    if here is None:
        return plain
    group = ("filter", f"{PHOTO_GROUP}:{hit.product.get(PHOTO_GROUP)}")
    return replace(
        plain,
        siblings=language.count("card.siblings", hit.siblings) if hit.siblings else "",
        siblings_url=here.without("collapse").with_field(*group).url if hit.siblings else "",
        less_url=here.with_field("unlike_product_id", hit.id).url if hit.signals else "",
    )


def _variants(variants: Variants, language: Language) -> str:
    """Return how many further colours a product comes in, else how many further variants."""
    if variants.colours:
        return language.count("card.colours", len(variants.colours))
    return language.count("card.variants", variants.count) if variants.count else ""


def badge_of(
    hit: Hit, registry: Registry, scale: Scale = UNCALIBRATED, place: int = 0
) -> str | None:
    """Return what is worth saying of a hit: that it shows the very photo, or is the best match.

    Only the first of all may be the best, and only where its score is no mere guess.
    """
    strongest = badge(hit.signals, registry)
    if strongest in ("same_file", SAME_PHOTO):
        return SAME_PHOTO
    is_best = place == 0 and strongest == "looks_alike" and is_confident(hit, scale, registry)
    return BEST_MATCH if is_best else None


def product_card(
    product: Mapping[str, Json],
    language: Language,
    image: str | None,
    badge_name: str | None = None,
) -> Card:
    """Return the card of a stored product."""
    state, currency, now = product.get("availability"), product.get("currency"), datetime.now(UTC)
    price = current_price(product, now)
    regular = product.get(PRICE) if is_on_sale(product, now) else None
    return Card(
        id=product["id"],
        title=product.get("title") or product["id"],
        price="" if price is None else language.price(price, currency),
        regular_price="" if regular is None else language.price(regular, currency),
        availability=value_label("availability", state, language) if state else "",
        in_stock=state == "in_stock",
        image=image,
        reason=badge_name,
    )


def first_image_url(product: Mapping[str, Json]) -> str | None:
    """Return the address of a stored product's first picture."""
    pictures = own_pictures(product.get(PICTURES, []))
    return image_url(pictures[0]["image_id"]) if pictures else None
