"""Listings beside each other: what their metadata says, and which rows differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.contract.presentation import image_url
from app.pages.language import Language
from app.pages.product_fields import field_label, field_values
from app.pages.trust.figures import moment
from app.services import Services
from app.trust.banks.entry import PREFIX, BankEntry
from app.trust.examination.evidence import ListingPicture
from core.errors import NotFound
from features.base import Json
from mappings.catalogue.fields import ProductFields
from mappings.catalogue.products import PICTURES, own_pictures

MOST_TEXT = 300
"""Characters of the text read in a picture: enough to tell two labels apart."""


@dataclass(frozen=True)
class ListingView:
    """One picture with the listing, or the bank's entry, it belongs to.

    `image` and `page` are addresses, None where there is nothing to show; `facts` are written
    in the reader's language by name, `labels` are the headings of all there may be, in order.
    `is_missing` says that the listing is no longer in
    the catalogue, or no longer has this picture; or that the entry is no longer in its bank.
    """

    picture: ListingPicture
    title: str
    image: str | None
    page: str | None
    facts: Mapping[str, str]
    labels: Mapping[str, str]
    is_missing: bool = False


@dataclass(frozen=True)
class FactRow:
    """One fact of both sides."""

    name: str
    label: str
    left: str
    right: str

    @property
    def differs(self) -> bool:
        """Whether both sides say something, and not the same; numbers always differ."""
        return bool(self.left and self.right) and self.left != self.right and self.name != "id"


PICTURE_ROWS = ("added_at", "pixels", "text")
BANK_ROWS = ("bank", "reason", "holder", "list", "policy")


def row_labels(fields: ProductFields, language: Language) -> dict[str, str]:
    """Return the heading of every fact that a listing or a bank's entry may have, in order."""
    own = {
        name: field_label(name, language, fields)
        for name, entry in fields.items()
        if entry.is_on_desk
    }
    number = own.pop("id")
    others = {name: language.text(f"trust.fact.{name}") for name in (*PICTURE_ROWS, *BANK_ROWS)}
    return {**own, **others, "id": number}


def load_listings(
    shared: Services, parties: Iterable[ListingPicture], language: Language
) -> dict[ListingPicture, ListingView]:
    """Return every party's listing, asked for in one request."""
    wanted = tuple(dict.fromkeys(parties))
    ids = dict.fromkeys(
        party.product_id for party in wanted if not party.product_id.startswith(PREFIX)
    )
    stored = shared.catalogue.products(list(ids))
    labels = row_labels(shared.catalogue.fields, language)
    return {
        party: _entry(shared, party, language, labels)
        if party.product_id.startswith(PREFIX)
        else _listing(shared, party, stored.get(party.product_id), language, labels)
        for party in wanted
    }


def compare_facts(left: ListingView, right: ListingView) -> list[FactRow]:
    """Return what is known of either side."""
    rows = (
        FactRow(name, label, left.facts.get(name, ""), right.facts.get(name, ""))
        for name, label in left.labels.items()
    )
    return [row for row in rows if row.left or row.right]


def _listing(
    shared: Services,
    party: ListingPicture,
    source: Mapping[str, Json] | None,
    language: Language,
    labels: Mapping[str, str],
) -> ListingView:
    image = _image(shared, party)
    if source is None:
        return _missing(party, image, labels)
    pictures = {one["image_id"]: one for one in own_pictures(source.get(PICTURES, []))}
    picture = pictures.get(party.image_id)
    entries = [entry for entry in shared.catalogue.fields.values() if entry.is_on_desk]
    facts = {
        **dict(field_values(source, entries, language)),
        **{name: text for name, text in _picture_facts(picture or {}, language) if text},
    }
    title = facts.get("title") or party.product_id
    page = f"/products/{party.product_id}"
    return ListingView(party, title, image, page, facts, labels, is_missing=picture is None)


def _entry(
    shared: Services, party: ListingPicture, language: Language, labels: Mapping[str, str]
) -> ListingView:
    """Return a bank's entry in a listing's place."""
    image = _image(shared, party)
    try:
        entry = shared.banks.entry(party.product_id.removeprefix(PREFIX))
    except NotFound:
        return _missing(party, image, labels)
    facts = {name: text for name, text in _banked(entry, language) if text}
    return ListingView(party, entry.reason or party.product_id, image, None, facts, labels)


def _missing(party: ListingPicture, image: str | None, labels: Mapping[str, str]) -> ListingView:
    key = party.product_id
    return ListingView(party, key, image, None, {"id": key}, labels, is_missing=True)


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


def _picture_facts(picture: Mapping[str, Json], language: Language) -> Iterable[tuple[str, str]]:
    if added_at := picture.get("added_at"):
        yield "added_at", moment(datetime.fromisoformat(added_at), language)
    if picture.get("width"):
        yield "pixels", f"{picture['width']} × {picture['height']}"
    text = " ".join((picture.get("ocr") or {}).get("text", "").split())
    yield "text", text if len(text) <= MOST_TEXT else f"{text[:MOST_TEXT]}…"
