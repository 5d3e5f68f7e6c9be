"""Listings beside each other: what their metadata says, and which rows differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.contract.presentation import image_url
from app.pages.facets import label
from app.pages.language import Language
from app.pages.trust.figures import moment
from app.services import Services
from app.trust.banks.entry import PREFIX, BankEntry
from app.trust.examination.evidence import ListingPicture
from core.errors import NotFound
from features.base import Json
from mappings.catalogue.products import PICTURES, own_pictures

PLAIN = ("title", "seller_id", "brand", "color", "size", "gtin", "id")
"""Product fields shown as they are stored."""

MOST_TEXT = 300
"""Characters of the text read in a picture: enough to tell two labels apart."""


@dataclass(frozen=True)
class ListingView:
    """One picture with the listing, or the bank's entry, it belongs to.

    `image` and `page` are addresses, None where there is nothing to show; `facts` are written
    in the reader's language, by the names of ROWS. `gone` says that the listing is no longer in
    the catalogue, or no longer has this picture; or that the entry is no longer in its bank.
    """

    picture: ListingPicture
    title: str
    image: str | None
    page: str | None
    facts: Mapping[str, str]
    is_missing: bool = False


@dataclass(frozen=True)
class FactRow:
    """One fact of both sides."""

    name: str
    left: str
    right: str

    @property
    def differs(self) -> bool:
        """Whether both sides say something, and not the same; numbers always differ."""
        return bool(self.left and self.right) and self.left != self.right and self.name != "id"


ROWS = (
    *("title", "seller_id", "price", "brand", "category", "color", "size", "gtin"),
    *("availability", "updated_at", "added_at", "pixels", "text"),
    *("bank", "reason", "holder", "list", "policy", "id"),
)


def load_listings(
    shared: Services, parties: Iterable[ListingPicture], language: Language
) -> dict[ListingPicture, ListingView]:
    """Return every party's listing, asked for in one request."""
    wanted = tuple(dict.fromkeys(parties))
    banked = {one for one in wanted if one.product_id.startswith(PREFIX)}
    ids = dict.fromkeys(one.product_id for one in wanted if one not in banked)
    stored = shared.catalogue.products(list(ids))
    return {
        one: _entry(shared, one, language)
        if one in banked
        else _listing(shared, one, stored.get(one.product_id), language)
        for one in wanted
    }


def compare_facts(left: ListingView, right: ListingView) -> list[FactRow]:
    """Return what is known of either side, in the order of ROWS."""
    both = (FactRow(name, left.facts.get(name, ""), right.facts.get(name, "")) for name in ROWS)
    return [row for row in both if row.left or row.right]


def _listing(
    shared: Services, party: ListingPicture, source: Mapping[str, Json] | None, language: Language
) -> ListingView:
    image = _image(shared, party)
    if source is None:
        return ListingView(
            party, party.product_id, image, None, {"id": party.product_id}, is_missing=True
        )
    pictures = {one["image_id"]: one for one in own_pictures(source.get(PICTURES, []))}
    picture = pictures.get(party.image_id)
    facts = {name: text for name, text in _facts(source, picture or {}, language) if text}
    title = facts.get("title") or party.product_id
    page = f"/products/{party.product_id}"
    return ListingView(party, title, image, page, facts, is_missing=picture is None)


def _entry(shared: Services, party: ListingPicture, language: Language) -> ListingView:
    """Return a bank's entry in a listing's place."""
    image = _image(shared, party)
    try:
        entry = shared.banks.entry(party.product_id.removeprefix(PREFIX))
    except NotFound:
        return ListingView(
            party, party.product_id, image, None, {"id": party.product_id}, is_missing=True
        )
    facts = {name: text for name, text in _banked(entry, language) if text}
    return ListingView(party, entry.reason or party.product_id, image, None, facts)


def _banked(entry: BankEntry, language: Language) -> Iterable[tuple[str, str]]:
    yield "bank", entry.bank
    yield "added_at", moment(entry.added_at, language)
    yield "reason", entry.reason
    yield "holder", entry.rights_holder
    yield "list", entry.list
    yield "policy", entry.policy
    yield "id", entry.id


def _image(shared: Services, party: ListingPicture) -> str | None:
    try:
        shared.thumbnails.path(party.image_id)
    except NotFound:
        return None
    return image_url(party.image_id)


def _facts(
    source: Mapping[str, Json], picture: Mapping[str, Json], language: Language
) -> Iterable[tuple[str, str]]:
    for name in PLAIN:
        yield name, _written(source.get(name))
    if (price := source.get("price")) is not None:
        yield "price", language.price(price, source.get("currency"))
    # Every ancestor's path is stored; the longest is the category itself.
    category = max(source.get("category") or [""], key=len)
    yield "category", label("category", category, language)
    if state := source.get("availability"):
        yield "availability", label("availability", state, language)
    for name, at in (("updated_at", source), ("added_at", picture)):
        if value := at.get(name):
            yield name, moment(datetime.fromisoformat(value), language)
    if picture.get("width"):
        yield "pixels", f"{picture['width']} × {picture['height']}"
    text = " ".join((picture.get("ocr") or {}).get("text", "").split())
    yield "text", text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"


def _written(value: Json) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)
