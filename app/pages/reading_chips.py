"""How a results page says what the words of a search were understood to mean."""

from collections.abc import Iterator

from app.pages.address import Address
from app.pages.facets import FilterChip
from app.pages.language import Language
from app.pages.product_fields import field_label
from app.search.search_answer import SearchAnswer
from mappings.catalogue.fields import ProductFields
from mappings.words.price_phrases import PricePhrase
from mappings.words.reading import Part


def reading_chips(
    answer: SearchAnswer, here: Address, language: Language, fields: ProductFields
) -> list[FilterChip]:
    """Return a chip for each part that names a field, a price or what to leave out.

    Its address is that of the search without the part. Plain words are in the search box already.
    """
    return list(_chips(answer, here, language, fields))


def _chips(
    answer: SearchAnswer, here: Address, language: Language, fields: ProductFields
) -> Iterator[FilterChip]:
    reading = answer.reading

    def chip(label: str, part: Part | PricePhrase) -> FilterChip:
        words = reading.without(part)
        bare = here.without("q")
        return FilterChip(label, (bare.with_field("q", words) if words else bare).url)

    for part in reading.required:
        if part.field is not None:
            name = field_label(part.field, language, fields)
            text = language.text("reading.part", field=name, text=reading.surface(part))
            yield chip(text, part)
    for part in reading.negative:
        yield chip(language.text("reading.without", text=reading.surface(part)), part)
    if reading.price is not None:
        yield chip(reading.surface(reading.price), reading.price)
