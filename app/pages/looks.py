"""The parts of the photo that a page searched with, each with a name and its best matches."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from apiflask import APIBlueprint
from flask import Response, make_response, render_template, request, url_for

from app.pages import cards
from app.pages.address import Address, address_of
from app.pages.language import Language, requested_language
from app.pages.search_form import read_search
from app.search.earlier_pictures import part_text
from app.search.look.look_searcher import MOST_PARTS, PhotoPart
from app.search.search_parameters import SearchParameters
from app.services import Services, current_services
from mappings.words.lexicon import PATH_SEPARATOR

blueprint = APIBlueprint("looks", __name__, enable_openapi=False)

PART_HITS = 12
WHOLE_CROP = "0,0,1,1"


@dataclass(frozen=True)
class PartTab:
    """A part as a page shows it: its name, its `crop`, its edges in percent, and its cards."""

    name: str
    crop: str
    edges: str
    cards: Sequence[cards.Card]
    is_looser: bool


@blueprint.get("/photos/<name>/parts")
def parts(name: str) -> Response:
    """Return the parts of a stored photo as a piece of a page. Nothing on the way may keep it."""
    services, language = current_services(), requested_language(request)
    parameters, _ = read_search()
    look = services.look_searcher.search(
        services.photo_store.load(name),
        parameters.model_copy(update={"size": PART_HITS}),
        MOST_PARTS,
        name,
    )
    answer = make_response(
        render_template(
            "look_parts.html",
            t=language.text,
            parts=list(_tabs(services, look.parts, parameters, language)),
        )
    )
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


def parts_address(parameters: SearchParameters, photo: str) -> str:
    """Return where a page asks for the parts of its photo, under the page's filters."""
    plain = parameters.model_copy(update={"q": "", "sort": "closest"})
    fields = address_of(plain, None).fields
    address = url_for("looks.parts", name=photo)
    return f"{address}?{Address(fields).url.partition('?')[2]}" if fields else address


def part_address(here: Address, crop: str = WHOLE_CROP) -> str:
    """Return the address of the same search with another part of its photo."""
    return here.without("crop").with_field("crop", crop).url


def _tabs(
    services: Services, found: Sequence[PhotoPart], parameters: SearchParameters, language: Language
) -> Iterator[PartTab]:
    names = part_names([part.category for part in found], language)
    for name, part in zip(names, found, strict=True):
        box = part.region.box
        yield PartTab(
            name,
            part_text(box),
            " ".join(f"{100 * edge:.4g}" for edge in (box.left, box.top, box.right, box.bottom)),
            [
                cards.hit_card(hit, services.registry, language, scale=part.scale, place=place)
                for place, hit in enumerate(part.hits)
            ],
            part.is_looser,
        )


def part_names(categories: Sequence[str], language: Language) -> list[str]:
    """Return a name for each part, all of them different: its category, else its number."""
    plain = [category.rpartition(PATH_SEPARATOR)[2] for category in categories]
    named, counts = [], Counter[str]()
    for number, name in enumerate(plain, 1):
        counts[name] += 1
        if not name:
            named.append(language.text("look.part", number=language.number(number)))
        else:
            place = language.number(counts[name])
            named.append(f"{name} {place}" if plain.count(name) > 1 else name)
    return named
