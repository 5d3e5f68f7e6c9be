"""What two sources say of products, and what the index must hold once it was delivered.

A shop says versioned puts, patches and deletes, a till unversioned counts. `expected_product` works
out the outcome from the list of deliveries, statement by statement, without the program's own code.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from bench.freshness.numbered_pictures import image_id, image_ids
from features.base import Json
from indexer.ledger.content_hash import hash_content
from indexer.ledger.ordering import ChangeOrder
from indexer.writing.change import Change, ProductDelete, ProductPatch, ProductPut

SHOP, TILL = "shop", "till"
FIELDS = ("title", "price", "stock")
LONG_AGO = "2026-01-01T00:00:00+00:00"


@dataclass(frozen=True)
class Statement:
    """What a source says of a product: `values` of a put or a patch, and the number of its picture.

    The till's have no `version`.
    """

    kind: Literal["put", "patch", "delete"]
    key: str
    values: Mapping[str, Json] = field(default_factory=dict)
    picture: int = 0
    version: int | None = None


@dataclass(frozen=True)
class DeliveredStatement:
    """A statement as it arrived."""

    statement: Statement
    arrival: int


def change_of(delivery: DeliveredStatement, features: Mapping[str, Json]) -> Change:
    """Return a delivery as a change; `features` are the values of a put's picture, by field."""
    said = delivery.statement
    order = ChangeOrder(delivery.arrival, said.version, TILL if said.version is None else SHOP)
    if said.kind == "patch":
        return ProductPatch(said.key, order, said.values)
    if said.kind == "delete":
        return ProductDelete(said.key, order)
    fields = {"id": said.key, **said.values}
    address = f"{said.picture}.jpg"
    picture = {
        "image_id": image_id(said.picture),
        "url": address,
        "source": "catalogue",
        "added_at": LONG_AGO,
        **features,
    }
    document = {**fields, "updated_at": LONG_AGO, "images": [picture]}
    return ProductPut(said.key, order, document, hash_content(fields, [address]))


def expected_product(key: str, deliveries: Iterable[DeliveredStatement]) -> dict[str, Json] | None:
    """Return what the index must hold of a product after its deliveries, in their order.

    None where it must hold nothing.
    """
    deliveries = list(deliveries)
    shop: dict[int, DeliveredStatement] = {}
    for delivery in deliveries:
        if delivery.statement.version is not None:
            # What comes again says nothing new.
            shop.setdefault(delivery.statement.version, delivery)
    whole = [version for version, one in shop.items() if one.statement.kind != "patch"]
    if not whole or shop[max(whole)].statement.kind == "delete":
        return None
    base = max(whole)
    product: dict[str, Json] = {"id": key, "picture": shop[base].statement.picture}
    for name in FIELDS:
        patches = [
            version
            for version, one in shop.items()
            if version > base and one.statement.kind == "patch" and name in one.statement.values
        ]
        last = shop[max([base, *patches])]
        counts = [one for one in deliveries if _is_count(one, name) and one.arrival > last.arrival]
        value = (counts[-1] if counts else last).statement.values.get(name)
        if value is not None:
            product[name] = value
    return product


def stored_product(document: Mapping[str, Json]) -> dict[str, Json]:
    """Return what a stored product says, as `expected_product` writes it."""
    pictures: Sequence[Mapping[str, Json]] = document["images"]
    said = {name: document[name] for name in ("id", *FIELDS) if name in document}
    return {**said, "picture": image_ids()[pictures[0]["image_id"]]}


def _is_count(delivery: DeliveredStatement, name: str) -> bool:
    return delivery.statement.version is None and name in delivery.statement.values
