"""The shop: its front, search results, and one product."""

from collections.abc import Iterable, Mapping, Sequence

from apiflask import APIBlueprint
from flask import redirect, request
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from app.contract import parameters
from app.contract.parameters import SearchParameters
from app.contract.presentation import product_out
from app.pages import address as addresses
from app.pages import cards, facets, language
from app.pages.address import Address
from app.pages.rendering import page
from app.search import search_recording
from app.search.search_request import SearchRequest
from app.search.searcher import SearchAnswer
from app.services import current_services, services_for_request
from core.errors import InvalidQuery
from features.base import Json
from mappings.catalogue.products import PHOTO_GROUP

blueprint = APIBlueprint("storefront", __name__, enable_openapi=False)

FRONT_HITS = 20
SAMPLES = 3
SIMILAR_HITS = 10
CROP_FIELDS = ("left", "top", "right", "bottom")
"""The crop as people type it, in percent of the picture; `crop` is the same in shares."""

WHOLE_PICTURE = ("0", "0", "100", "100")
FACTS = ("brand", "color", "size", "seller_id", "gtin", "id")


@blueprint.get("/")
def front() -> Response:
    """Show the shop: what it sells, its colours, and the first of its products."""
    shared, reader = current_services(), language.requested_language(request)
    names = facets.facet_names(shared.registry)
    wanted = SearchRequest(facets=names, size=FRONT_HITS, by_photo=True)
    answer = search_recording.searched(shared, wanted)
    shown = [
        cards.hit_card(hit, shared.registry, reader, here=Address()) for hit in answer.results.hits
    ]
    return page(
        "front.html",
        cards=shown,
        samples=_samples([one for one in shown if one.image]),
        total=answer.results.total,
        facets={
            one.name: one
            for one in facets.facets(
                answer.results.facets, parameters.validate({}, SearchParameters), reader
            )
        },
        following=_following(Address(), answer),
    )


@blueprint.route("/search", methods=["GET", "POST"])
def results() -> Response:
    """Show what was found. A POST without a picture is sent on to an address of its own."""
    given, images = _asked()
    if request.method == "POST" and not images:
        return redirect(addresses.address_of(given, given.picture).url, 303)
    if images:
        # A new picture takes the place of the one looked with before.
        given = given.model_copy(update={"picture": None, "product_id": []})
    shared, reader = current_services(), language.requested_language(request)
    names = facets.facet_names(shared.registry)
    wanted = given.model_copy(update={"facets": list(names)}).request(images)
    answer = search_recording.searched(services_for_request(wanted), wanted)
    here = addresses.address_of(given, answer.picture)
    known = shared.catalogue.products([*given.product_id, *given.unlike_product_id])
    like = [known[key] for key in given.product_id if key in known]
    titles = {key: str(one.get("title") or key) for key, one in known.items()}
    found = answer.results
    return page(
        "results.html",
        address=here,
        given=given,
        answer=answer,
        cards=[
            cards.hit_card(hit, shared.registry, reader, scale=answer.scale, here=here)
            for hit in found.hits
        ],
        like=[cards.product_card(p, reader, cards.first_image_url(p)) for p in like],
        crop=_percent(given),
        facets=list(facets.facets(found.facets, given, reader)),
        prices=facets.prices(found.facets, given, reader),
        chips=list(facets.chips(given, here, reader, titles)),
        kept=facets.without_filters(here).fields,
        following=_following(here, answer),
        sent=request.method == "POST",
    )


@blueprint.get("/products/<path:key>")
def product(key: str) -> Response:
    """Show one product: all its pictures, its facts, and what looks like it."""
    shared, reader = current_services(), language.requested_language(request)
    source = shared.catalogue.product(key)
    wanted = SearchRequest(product_ids=(source["id"],), size=SIMILAR_HITS, by_photo=True)
    answer = search_recording.searched(shared, wanted)
    return page(
        "product.html",
        product=product_out(source),
        card=cards.product_card(source, reader, cards.first_image_url(source)),
        facts=list(_facts(source)),
        similar=[cards.hit_card(hit, shared.registry, reader) for hit in answer.results.hits],
    )


def _samples(pictured: Sequence[cards.Card]) -> Sequence[cards.Card]:
    """Return a few cards from all over the front: neighbours in a feed often look alike."""
    return pictured[:: max(1, len(pictured) // SAMPLES)][:SAMPLES]


def _following(here: Address, answer: SearchAnswer) -> Address | None:
    return here.with_field("cursor", answer.next_cursor) if answer.next_cursor else None


def _asked() -> tuple[SearchParameters, list[bytes]]:
    """Return what a page's form or address asks; raises as `parameters.from_request`."""
    form: MultiDict[str, str] = MultiDict(request.args)
    form.update(request.form)
    form.poplist(language.FIELD)
    typed = [form.pop(name, "") for name in CROP_FIELDS]
    images = parameters.read_pictures(request)
    if images and form.get("picture"):
        # The search box says which picture the page was about; that one's crop is not this one's.
        form.poplist("crop")
    if all(typed) and typed != list(WHOLE_PICTURE):
        form.setlist("crop", [_shares(typed)])
    given = parameters.validate(parameters.form_values(form), SearchParameters)
    if "size" not in given.model_fields_set:
        given = given.model_copy(update={"size": addresses.PAGE_HITS})
    if "collapse" not in given.model_fields_set and PHOTO_GROUP not in given.filter:
        given = given.model_copy(update={"collapse": "photo"})
    return given, images


def _shares(percent: Sequence[str]) -> str:
    try:
        return ",".join(f"{float(number) / 100:.4g}" for number in percent)
    except ValueError as error:
        raise InvalidQuery("crop: four numbers from 0 to 100, in percent of the picture") from error


def _percent(given: SearchParameters) -> dict[str, str]:
    """Return the crop as its form shows it."""
    box = parameters.parse_crop(given.crop[0]) if given.crop else None
    sides = (box.left, box.top, box.right, box.bottom) if box else ()
    shown = [f"{100 * side:.4g}" for side in sides] or WHOLE_PICTURE
    return dict(zip(CROP_FIELDS, shown, strict=True))


def _facts(source: Mapping[str, Json]) -> Iterable[tuple[str, str]]:
    """Yield what a product's page does not already show elsewhere."""
    for name in FACTS:
        value = source.get(name)
        if isinstance(value, list):
            value = ", ".join(map(str, value))
        if value:
            yield name, str(value)
