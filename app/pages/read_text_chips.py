"""The words read on a shopper's photo that the products found have too, each to take off."""

from collections.abc import Iterator

from app.pages.address import Address
from app.pages.facets import FilterChip
from app.search.search_answer import SearchAnswer
from mappings.words.folding import fold
from mappings.words.terms import cut_words

MOST = 6
SHORTEST = 2


def read_text_chips(answer: SearchAnswer, here: Address) -> list[FilterChip]:
    """Return a chip for each word; its address is that of the search without the word."""
    words = list(dict.fromkeys(_shared_words(answer)))[:MOST]
    return [FilterChip(word, here.with_field("ignore_text", fold(word)).url) for word in words]


def _shared_words(answer: SearchAnswer) -> Iterator[str]:
    """Yield the words that stand on the photo, in its order, and in the name of a product found."""
    named = {
        word.surface
        for hit in answer.results.hits
        for name in ("title", "brand")
        for word in cut_words(str(hit.product.get(name) or ""))
        if not word.is_stop and len(word.surface) >= SHORTEST
    }
    for line in answer.read_text.splitlines():
        for written in line.split():
            if any(word.surface in named for word in cut_words(written)):
                yield written
