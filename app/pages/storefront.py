"""The shop: its front, and the results of a search."""

from collections.abc import Sequence
from datetime import UTC, datetime

from apiflask import APIBlueprint
from flask import redirect, request, url_for
from werkzeug.wrappers import Response

from app.pages import cards, facets
from app.pages.address import Address, address_of, page_defaults
from app.pages.breadcrumbs import category_steps
from app.pages.figures import duration
from app.pages.language import Language, requested_language
from app.pages.looks import part_address, parts_address
from app.pages.page_numbers import page_address, page_numbers
from app.pages.read_text_chips import read_text_chips
from app.pages.reading_chips import reading_chips
from app.pages.rendering import page
from app.pages.search_form import crop_in_percent, read_search
from app.pages.structured_data import link_preview
from app.search.earlier_pictures import part_text
from app.search.search_answer import SearchAnswer
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.search_recording import record_search
from app.services import Services, current_services, services_for_request
from mappings.catalogue.overview import Overview
from mappings.search.ordering import Order

blueprint = APIBlueprint("storefront", __name__, enable_openapi=False)

FRONT_HITS = 10
SAMPLES = 4
ORDERS: tuple[Order, ...] = ("closest", "price_up", "price_down", "newest")


@blueprint.get("/")
def front() -> Response:
    """Show the shop: search by photo, its categories and colours, and some of its products."""
    services, language = current_services(), requested_language(request)
    parameters = page_defaults({}).model_copy(
        update={"facets": _facet_names(services), "size": FRONT_HITS}
    )
    answer = services.searcher.search(SearchRequest(parameters))
    record_search(services.shared, parameters, answer)
    overview = services.overview.current()
    chosen = {
        product["id"]: product
        for product in (*overview.products, *(hit.product for hit in answer.results.hits))
    }
    front_cards = [
        cards.product_card(product, language, cards.first_image_url(product))
        for product in list(chosen.values())[:FRONT_HITS]
    ]
    return page(
        "front.html",
        cards=cards.listed(front_cards, answer.query_id),
        samples=_samples([card for card in front_cards if card.image]),
        total=answer.results.total,
        categories=_categories(services, overview),
        facets={
            facet.name: facet
            for facet in facets.facets(
                answer.results.facets, parameters, language, services.catalogue.fields
            )
        },
        preview=link_preview(
            language.text("front.title"),
            language.text("front.lead"),
            next((card.image for card in front_cards if card.image), None),
        ),
    )


@blueprint.route("/search", methods=["GET", "POST"])
def results() -> Response:
    """Show what a search found. A POST without a picture is redirected to its address."""
    parameters, images = read_search()
    if request.method == "POST" and not images:
        return redirect(address_of(parameters, parameters.picture).url, 303)
    if images:
        # A new picture replaces the one searched with before.
        parameters = parameters.model_copy(
            update={"picture": None, "product_id": [], "keep_photo": True, "page": 1}
        )
    names = _facet_names(current_services())
    parameters = parameters.model_copy(update={"facets": names})
    services, search = services_for_request(SearchRequest(parameters, tuple(images)))
    reads_later = services.extractor.reads_text and parameters.read_text != "no"
    reads_later = reads_later and bool(images or _looks_at_other_part(search))
    # Reading takes longer than searching: the page comes without, and its script asks for it. The
    # pages that follow this one go on in its order, without the text.
    at_once = parameters.model_copy(update={"read_text": "no"}) if reads_later else parameters
    services, search = services_for_request(SearchRequest(at_once, tuple(images)))
    answer = services.searcher.search(search)
    record_search(services.shared, parameters, answer)
    if reads_later and answer.picture:
        if images and not all(answer.photos):
            services.text_reader.read_later(answer.picture, images, parameters.crop)
        else:
            reads_later = services.text_reader.read_stored_later(answer.picture)
    return _results_page(services, parameters, at_once, answer, reads_later=reads_later)


def _categories(services: Services, overview: Overview) -> list[tuple[str, str, str | None]]:
    """Return value, name and picture of each category that the front shows."""
    values = [value for value, _ in overview.categories]
    pictures = [cards.first_image_url(product) for _, product in overview.categories]
    return list(zip(values, services.words.labels("category", values), pictures, strict=True))


def _results_page(
    services: Services,
    parameters: SearchParameters,
    at_once: SearchParameters,
    answer: SearchAnswer,
    *,
    reads_later: bool,
) -> Response:
    language = requested_language(request)
    here = address_of(parameters, answer.picture)
    fields = services.catalogue.fields
    currency = services.words.vocabulary().currency
    stored = services.catalogue.products([*parameters.product_id, *parameters.unlike_product_id])
    like = [stored[key] for key in parameters.product_id if key in stored]
    titles = {key: str(product.get("title") or key) for key, product in stored.items()}
    found = [
        cards.hit_card(hit, services.registry, language, scale=answer.scale, here=here, place=place)
        for place, hit in enumerate(answer.results.hits, (answer.page - 1) * parameters.size)
    ]
    paged = address_of(at_once, answer.picture)
    expires = [services.photo_store.expires_at(name) for name in answer.photos if name]
    return page(
        "results.html",
        address=page_address(here, answer.page),
        search_address=here,
        parameters=parameters,
        answer=answer,
        cards=cards.listed(found, answer.query_id, (answer.page - 1) * parameters.size + 1),
        like=[cards.product_card(p, language, cards.first_image_url(p)) for p in like],
        crop=crop_in_percent(parameters),
        look=_look(parameters, answer, here),
        facets=list(facets.facets(answer.results.facets, parameters, language, fields)),
        prices=facets.prices(answer.results.facets, parameters, language, currency),
        chips=list(facets.chips(parameters, here, language, titles, fields, currency)),
        read_text=read_text_chips(answer, here),
        reads_later=reads_later,
        reading=reading_chips(answer, here, language, fields),
        hidden_fields=facets.without_filters(here).fields,
        pages=page_numbers(paged, answer.page, answer.results.total, parameters.size),
        following=_following(paged, answer),
        orders=_orders(services, here, parameters, language),
        steps=category_steps(parameters.filter.get("category", []), language),
        expires_in=_time_left(expires, language),
        is_posted=request.method == "POST",
        preview=link_preview(
            language.text("results.preview"),
            language.count("results.count", answer.results.total),
            next((card.image for card in found if card.image), None),
        ),
    )


def _look(
    parameters: SearchParameters, answer: SearchAnswer, here: Address
) -> dict[str, str] | None:
    """Return what the tabs of a photo's parts are made of; None where there is no one photo."""
    if answer.pictures != 1 or not any(answer.photos):
        return None
    (photo,) = answer.photos
    crop = part_text(parameters.crop[0]) if parameters.crop else ""
    return {
        "parts": parts_address(parameters, photo),
        "whole": part_address(here),
        "crop": crop,
        "photo": url_for("photos.photo", name=photo),
    }


def _time_left(moments: Sequence[datetime | None], language: Language) -> str:
    """Return how long it is to the first of these moments, "" where there is none."""
    first = min((at for at in moments if at is not None), default=None)
    return duration(first - datetime.now(UTC), language) if first else ""


def _looks_at_other_part(search: SearchRequest) -> bool:
    """Say whether a search looks at another part of its photo than the one it goes on from."""
    crops, earlier = search.parameters.crop, search.earlier
    if not crops or earlier is None:
        return False
    return [part_text(crop) for crop in crops] != list(earlier.crops)


def _samples(pictured: Sequence[cards.Card]) -> Sequence[cards.Card]:
    """Return a few cards, spread over the list: neighbours in a feed often look alike."""
    return pictured[:: max(1, len(pictured) // SAMPLES)][:SAMPLES]


def _following(here: Address, answer: SearchAnswer) -> Address | None:
    return page_address(here, answer.page + 1) if answer.next_cursor else None


def _orders(
    services: Services, here: Address, parameters: SearchParameters, language: Language
) -> list[tuple[str, str, bool]]:
    """Return value, name and whether it is in force, of each order that says something here."""
    offered = [
        order for order in ORDERS if order != "newest" or services.overview.current().has_dates
    ]
    return [(order, language.text(f"sort.{order}"), order == parameters.sort) for order in offered]


def _facet_names(services: Services) -> list[str]:
    counts = services.searcher.index_statistics().counts
    return list(facets.facet_names(services.registry, services.catalogue.fields, counts))
