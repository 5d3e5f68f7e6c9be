"""The shop: its front, search results, and one product."""

from collections.abc import Mapping, Sequence

from apiflask import APIBlueprint
from flask import redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.contract.presentation import product_out
from app.contract.request_reading import form_values, read_pictures, validate
from app.pages import cards, facets
from app.pages.address import Address, address_of, page_defaults
from app.pages.language import FIELD, Language, requested_language
from app.pages.product_fields import field_label, field_values
from app.pages.read_text_chips import read_text_chips
from app.pages.reading_chips import reading_chips
from app.pages.rendering import page
from app.search.search_answer import SearchAnswer
from app.search.search_parameters import SearchParameters
from app.search.search_request import SearchRequest
from app.search_recording import record_search
from app.services import Services, current_services, services_for_request
from core.errors import InvalidQuery
from features.base import Json

blueprint = APIBlueprint("storefront", __name__, enable_openapi=False)

FRONT_HITS = 20
SAMPLES = 3
SIMILAR_HITS = 10
READING_PATIENCE_S = 5.0
"""How long a page waits for the text in its photos."""

CROP_FIELDS = ("left", "top", "right", "bottom")
"""The crop as people type it, in percent of the picture; `crop` is the same in fractions."""

WHOLE_PICTURE = ("0", "0", "100", "100")


@blueprint.get("/")
def front() -> Response:
    """Show the shop: its categories, its colours, and the first of its products."""
    services, language = current_services(), requested_language(request)
    parameters = page_defaults({}).model_copy(
        update={"facets": _facet_names(services), "size": FRONT_HITS}
    )
    answer = services.searcher.search(SearchRequest(parameters))
    record_search(services.search_log, parameters, answer)
    front_cards = [
        cards.hit_card(hit, services.registry, language, here=Address())
        for hit in answer.results.hits
    ]
    return page(
        "front.html",
        cards=front_cards,
        samples=_samples([card for card in front_cards if card.image]),
        total=answer.results.total,
        facets={
            facet.name: facet
            for facet in facets.facets(
                answer.results.facets, parameters, language, services.catalogue.fields
            )
        },
        following=_following(Address(), answer),
    )


@blueprint.route("/search", methods=["GET", "POST"])
def results() -> Response:
    """Show what a search found. A POST without a picture is redirected to its address."""
    parameters, images = _read_search()
    if request.method == "POST" and not images:
        return redirect(address_of(parameters, parameters.picture).url, 303)
    if images:
        # A new picture replaces the one searched with before.
        parameters = parameters.model_copy(update={"picture": None, "product_id": []})
    # Reading takes longer than searching: the page comes without, and its script asks for it.
    can_read = current_services().extractor.reads_text
    reads_later = bool(images) and can_read and parameters.read_text != "no"
    language = requested_language(request)
    names = _facet_names(current_services())
    parameters = parameters.model_copy(update={"facets": names})
    # The pages that follow this one go on in its order, without the text.
    at_once = parameters.model_copy(update={"read_text": "no"}) if reads_later else parameters
    services, search = services_for_request(SearchRequest(at_once, tuple(images)))
    answer = services.searcher.search(search)
    record_search(services.search_log, parameters, answer)
    if reads_later and answer.picture:
        services.text_reader.read_later(answer.picture, images, parameters.crop)
    here = address_of(parameters, answer.picture)
    currency = services.words.vocabulary().currency
    stored = services.catalogue.products([*parameters.product_id, *parameters.unlike_product_id])
    like = [stored[key] for key in parameters.product_id if key in stored]
    titles = {key: str(product.get("title") or key) for key, product in stored.items()}
    return page(
        "results.html",
        address=here,
        parameters=parameters,
        answer=answer,
        cards=[
            cards.hit_card(hit, services.registry, language, scale=answer.scale, here=here)
            for hit in answer.results.hits
        ],
        like=[cards.product_card(p, language, cards.first_image_url(p)) for p in like],
        crop=_percent(parameters),
        facets=list(
            facets.facets(answer.results.facets, parameters, language, services.catalogue.fields)
        ),
        prices=facets.prices(answer.results.facets, parameters, language, currency),
        chips=list(
            facets.chips(parameters, here, language, titles, services.catalogue.fields, currency)
        ),
        read_text=read_text_chips(answer, here),
        reads_later=reads_later,
        reading=reading_chips(answer, here, language, services.catalogue.fields),
        hidden_fields=facets.without_filters(here).fields,
        following=_following(address_of(at_once, answer.picture), answer),
        is_posted=request.method == "POST",
    )


@blueprint.get("/pictures/<picture>/text")
def picture_text(picture: str) -> dict[str, str]:
    """Return the text in the photos of a search, once it is read."""
    return {"text": current_services().text_reader.wait(picture, READING_PATIENCE_S)}


@blueprint.get("/products/<path:key>")
def product(key: str) -> Response:
    """Show a product: all its pictures, its details, and similar products."""
    services, language = current_services(), requested_language(request)
    source = services.catalogue.product(key)
    parameters = page_defaults({}).model_copy(
        update={"product_id": [source["id"]], "size": SIMILAR_HITS}
    )
    answer = services.searcher.search(SearchRequest(parameters))
    record_search(services.search_log, parameters, answer)
    return page(
        "product.html",
        product=product_out(source),
        card=cards.product_card(source, language, cards.first_image_url(source)),
        facts=_facts(services, source, language),
        similar=[cards.hit_card(hit, services.registry, language) for hit in answer.results.hits],
    )


def _samples(pictured: Sequence[cards.Card]) -> Sequence[cards.Card]:
    """Return a few cards, spread over the list: neighbours in a feed often look alike."""
    return pictured[:: max(1, len(pictured) // SAMPLES)][:SAMPLES]


def _following(here: Address, answer: SearchAnswer) -> Address | None:
    return here.with_field("cursor", answer.next_cursor) if answer.next_cursor else None


def _read_search() -> tuple[SearchParameters, list[bytes]]:
    """Return the search of a page's form or address, and its pictures; raises as `read_request`."""
    images = read_pictures(request)
    form: MultiDict[str, str] = MultiDict(request.args)
    form.update(request.form)
    form.poplist(FIELD)
    typed = [form.pop(name, "") for name in CROP_FIELDS]
    if images and form.get("picture"):
        # The search box names the picture of the page it is on; that picture's crop is not the
        # new picture's.
        form.poplist("crop")
    if all(typed) and typed != list(WHOLE_PICTURE):
        form.setlist("crop", [_fractions(typed)])
    parameters = validate(form_values(form, SearchParameters), SearchParameters)
    defaults = page_defaults(parameters.filter)
    unset = {"size", "collapse"} - parameters.model_fields_set
    return parameters.model_copy(update=defaults.model_dump(include=unset)), images


def _fractions(percent: Sequence[str]) -> str:
    try:
        return ",".join(f"{float(number) / 100:.4g}" for number in percent)
    except ValueError as error:
        raise InvalidQuery("crop: four numbers from 0 to 100, in percent of the picture") from error


def _percent(parameters: SearchParameters) -> dict[str, str]:
    """Return the crop as its form shows it."""
    box = parameters.crop[0] if parameters.crop else None
    sides = (box.left, box.top, box.right, box.bottom) if box else ()
    percents = [f"{100 * side:.4g}" for side in sides] or WHOLE_PICTURE
    return dict(zip(CROP_FIELDS, percents, strict=True))


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


def _facet_names(services: Services) -> list[str]:
    counts = services.searcher.index_statistics().counts
    return list(facets.facet_names(services.registry, services.catalogue.fields, counts))
