"""The metadata of two listings beside each other, and which rows differ."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from app.contract.presentation import image_url
from app.pages.figures import moment
from app.pages.language import Language
from app.pages.product_fields import field_label, field_values
from app.services import Services
from app.trust.banks.entry import PREFIX, BankEntry
from app.trust.examination.evidence import ListingPicture
from core.errors import NotFound
from features.base import Json
from mappings.catalogue.fields import ProductFields
from mappings.catalogue.products import PICTURES, own_pictures

MAX_TEXT = 300
"""Characters of the text read in a picture: enough to tell two labels apart."""


@dataclass(frozen=True)
class ListingView:
    """One picture with its listing, or its bank entry.

    `image` and `page` are addresses, None where there is nothing to show; `facts` are written
    in the reader's language, by name; `labels` are the headings of all possible facts, in order.
    `is_missing` says that the listing is no longer in the catalogue, or no longer has this
    picture; or that the entry is no longer in its bank. `seller`, `price` with its `currency`,
    `added_at` (of the picture) and `text` (read in it) are unwritten values to compare by; '' or
    None where unknown.
    """

    picture: ListingPicture
    title: str
    image: str | None
    page: str | None
    facts: Mapping[str, str]
    labels: Mapping[str, str]
    is_missing: bool = False
    seller: str = ""
    price: float | None = None
    currency: str = ""
    added_at: datetime | None = None
    text: str = ""


@dataclass(frozen=True)
class FactRow:
    """One fact of both listings."""

    name: str
    label: str
    representative: str
    member: str

    @property
    def differs(self) -> bool:
        """Whether both have a value and the values differ; ids, which always do, are left out."""
        is_known = bool(self.representative and self.member)
        return is_known and self.representative != self.member and self.name != "id"


PICTURE_ROWS = ("added_at", "pixels", "text")
BANK_ROWS = ("bank", "reason", "holder", "list", "policy")


def row_labels(fields: ProductFields, language: Language) -> dict[str, str]:
    """Return the heading of every fact that a listing or a bank entry may have, in order."""
    own = {
        name: field_label(name, language, fields)
        for name, entry in fields.items()
        if entry.is_on_desk
    }
    id_label = own.pop("id")
    others = {name: language.text(f"trust.fact.{name}") for name in (*PICTURE_ROWS, *BANK_ROWS)}
    return {**own, **others, "id": id_label}


def load_listings(
    shared: Services, pictures: Iterable[ListingPicture], language: Language
) -> dict[ListingPicture, ListingView]:
    """Return the listing of every picture; one request for all of them."""
    unique = tuple(dict.fromkeys(pictures))
    ids = dict.fromkeys(
        picture.product_id for picture in unique if not picture.product_id.startswith(PREFIX)
    )
    stored = shared.catalogue.products(list(ids))
    labels = row_labels(shared.catalogue.fields, language)
    return {
        picture: _entry(shared, picture, language, labels)
        if picture.product_id.startswith(PREFIX)
        else _listing(shared, picture, stored.get(picture.product_id), language, labels)
        for picture in unique
    }


def compare_facts(representative: ListingView, member: ListingView) -> list[FactRow]:
    """Return the facts known of either listing, those that differ first."""
    rows = (
        FactRow(name, label, representative.facts.get(name, ""), member.facts.get(name, ""))
        for name, label in representative.labels.items()
    )
    known = [row for row in rows if row.representative or row.member]
    return sorted(known, key=lambda row: not row.differs)


def _listing(
    shared: Services,
    picture: ListingPicture,
    source: Mapping[str, Json] | None,
    language: Language,
    labels: Mapping[str, str],
) -> ListingView:
    image = _image(shared, picture)
    if source is None:
        return _missing(picture, image, labels)
    documents = {each["image_id"]: each for each in own_pictures(source.get(PICTURES, []))}
    document = documents.get(picture.image_id)
    entries = [entry for entry in shared.catalogue.fields.values() if entry.is_on_desk]
    facts = {
        **dict(field_values(source, entries, language)),
        **{name: text for name, text in _picture_facts(document or {}, language) if text},
    }
    title = facts.get("title") or picture.product_id
    added_at = (document or {}).get("added_at")
    return ListingView(
        picture,
        title,
        image,
        f"/products/{picture.product_id}",
        facts,
        labels,
        is_missing=document is None,
        seller=str(source.get("seller_id") or ""),
        price=source.get("price"),
        currency=str(source.get("currency") or ""),
        added_at=datetime.fromisoformat(added_at) if added_at else None,
        text=_text_read(document or {}),
    )


def _entry(
    shared: Services, picture: ListingPicture, language: Language, labels: Mapping[str, str]
) -> ListingView:
    """Return a bank entry in a listing's place."""
    image = _image(shared, picture)
    try:
        entry = shared.banks.entry(picture.product_id.removeprefix(PREFIX))
    except NotFound:
        return _missing(picture, image, labels)
    facts = {name: text for name, text in _entry_facts(entry, language) if text}
    return ListingView(picture, entry.reason or picture.product_id, image, None, facts, labels)


def _missing(picture: ListingPicture, image: str | None, labels: Mapping[str, str]) -> ListingView:
    key = picture.product_id
    return ListingView(picture, key, image, None, {"id": key}, labels, is_missing=True)


def _entry_facts(entry: BankEntry, language: Language) -> Iterable[tuple[str, str]]:
    yield "bank", entry.bank
    yield "added_at", moment(entry.added_at, language)
    yield "reason", entry.reason
    yield "holder", entry.rights_holder
    yield "list", entry.list
    yield "policy", entry.policy
    yield "id", entry.id


def _image(shared: Services, picture: ListingPicture) -> str | None:
    try:
        shared.thumbnails.path(picture.image_id)
    except NotFound:
        return None
    return image_url(picture.image_id)


def _picture_facts(document: Mapping[str, Json], language: Language) -> Iterable[tuple[str, str]]:
    if added_at := document.get("added_at"):
        yield "added_at", moment(datetime.fromisoformat(added_at), language)
    if document.get("width"):
        yield "pixels", f"{document['width']} × {document['height']}"
    text = _text_read(document)
    yield "text", text if len(text) <= MAX_TEXT else f"{text[:MAX_TEXT]}…"


def _text_read(document: Mapping[str, Json]) -> str:
    return " ".join((document.get("ocr") or {}).get("text", "").split())
