"""The address of a results page: every parameter of its search, always in the same order.

A page, its facets, its chips and its "next page" differ in a field or two, so each is made from
the address of the page they are on. The cursor is left out: a changed search begins at its first
page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from app.search.earlier_pictures import WHOLE
from app.search.parameter_types import form_texts, uses
from app.search.search_parameters import SearchParameters
from mappings.catalogue.products import ITEM_GROUP, PHOTO_GROUP

RESULTS = "/search"
PAGE_HITS = 24
"""Hits on a results page whose address names no other number."""


@dataclass(frozen=True)
class Address:
    """Form fields as (name, value); a list repeats its name."""

    fields: tuple[tuple[str, str], ...] = ()

    @property
    def url(self) -> str:
        """Return path and query string."""
        return f"{RESULTS}?{urlencode(self.fields)}" if self.fields else RESULTS

    def with_field(self, name: str, value: str) -> "Address":
        """Return the address with one more field."""
        return Address((*self.fields, (name, value)))

    def without(self, *names: str) -> "Address":
        """Return the address without any field of these names."""
        return Address(tuple(field for field in self.fields if field[0] not in names))

    def without_field(self, name: str, value: str) -> "Address":
        """Return the address without one value of a field."""
        return Address(tuple(field for field in self.fields if field != (name, value)))


def page_defaults(filters: Mapping[str, Sequence[str]]) -> SearchParameters:
    """Return what a results page shows where its address says nothing else.

    The variants of a product are one card, and so are products that show the same photo, unless
    they are what the page is filtered to. What doesn't look like the picture is left out.
    """
    is_one_group = PHOTO_GROUP in filters or ITEM_GROUP in filters
    return SearchParameters(
        size=PAGE_HITS, collapse="none" if is_one_group else "group_or_photo", alike_only=True
    )


def address_of(parameters: SearchParameters, picture: str | None) -> Address:
    """Return the address of a search; `picture` is the id its pictures are cached under."""
    # A picture is cached as it was cropped: the crop only tells the page which part that was.
    crop = parameters.crop if picture and len(parameters.crop) == 1 else []
    crop = [] if crop == [WHOLE] else crop
    words = parameters.q if parameters.q.strip() else ""
    here = parameters.model_copy(update={"picture": picture, "crop": crop, "q": words})
    defaults = page_defaults(parameters.filter)
    return Address(
        tuple(
            (name, text)
            for name, use in uses(SearchParameters).items()
            if use.in_address and getattr(here, name) != getattr(defaults, name)
            for text in form_texts(getattr(here, name))
        )
    )
