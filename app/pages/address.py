"""The address of a results page: everything a search asks, in an order that never changes.

A page, its facets, its chips and its "next page" differ only in a field or two, so each is made
from the address of the page it stands on. The cursor is left out: what changes a search begins it
at its first page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from app.contract.parameters import UNLIKE_WEIGHT, SearchParameters

RESULTS = "/search"
PAGE_HITS = 24
"""Hits on a results page that asks for no other number."""


@dataclass(frozen=True)
class Address:
    """Form fields as (name, value), a repeated name for a list."""

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


def address_of(given: SearchParameters, picture: str | None) -> Address:
    """Return the address of a search; `picture` is the id its pictures are remembered under."""
    return Address(tuple(_fields(given, picture)))


def _fields(given: SearchParameters, picture: str | None) -> Iterable[tuple[str, str]]:
    if given.q.strip():
        yield "q", given.q
    yield from (("product_id", key) for key in given.product_id)
    if picture:
        yield "picture", picture
        if len(given.crop) == 1:
            # For the page to show: a picture is remembered as it was cropped.
            yield "crop", given.crop[0]
    if given.combine != "average":
        yield "combine", given.combine
    yield from _unlike(given)
    for name, values in sorted(given.filter.items()):
        yield from (("filter", f"{name}:{value}") for value in values)
    for name in ("price_min", "price_max"):
        if (bound := getattr(given, name)) is not None:
            yield name, _plain(bound)
    yield from (("prepare", name) for name in given.prepare)
    if given.accurate:
        yield "accurate", "true"
    yield from (("features", name) for name in given.features)
    yield from (("weight", f"{name}:{_plain(weight)}") for name, weight in given.weight.items())
    yield from (("similarity", f"{name}:{how}") for name, how in given.similarity.items())
    if given.model:
        yield "model", given.model
    if given.min_score:
        yield "min_score", _plain(given.min_score)
    if given.collapse == "none" and "collapse" in given.model_fields_set:
        yield "collapse", given.collapse
    if given.size != PAGE_HITS:
        yield "size", str(given.size)


def _unlike(given: SearchParameters) -> Iterable[tuple[str, str]]:
    yield from (("unlike_product_id", key) for key in given.unlike_product_id)
    if given.unlike_picture:
        yield "unlike_picture", given.unlike_picture
    if given.unlike_weight != UNLIKE_WEIGHT:
        yield "unlike_weight", _plain(given.unlike_weight)


def _plain(number: float) -> str:
    return str(int(number)) if number == int(number) else repr(number)
