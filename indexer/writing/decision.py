"""Decides what a change means for a product as it is stored and as the ledger knows it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from features.base import Json
from indexer.ledger.content_hash import ContentHash, hash_fields
from indexer.ledger.entry import LedgerEntry
from indexer.ledger.ordering import ChangeOrder, History, decide_fields, decide_whole
from indexer.writing.change import (
    Change,
    ChangeResult,
    Outcome,
    ProductDelete,
    ProductPatch,
    ProductPut,
)
from mappings.catalogue.fields import ProductFields
from mappings.catalogue.product_tag import product_tag
from mappings.catalogue.products import PICTURES, pending_features

ANY_TAG = "*"
"""A `tag` that every product has."""


@dataclass(frozen=True)
class WriteDecision:
    """What to do: `entry` is to be recorded, and written to the index if `is_written`.

    `document` is the whole product of a put. Without an `entry` there is nothing to do.
    """

    result: ChangeResult
    entry: LedgerEntry | None = None
    document: Json | None = None
    is_written: bool = True


def decide(
    change: Change, entry: LedgerEntry | None, stored: Json | None, fields: ProductFields
) -> WriteDecision:
    """Return what to do; `stored` is the product in the index, None where there is none."""
    tag = None if stored is None else product_tag(stored, fields)
    if change.tag is not None and (tag is None or change.tag not in (tag, ANY_TAG)):
        return _without_effect(change, "changed_meanwhile", tag, stored)
    match change:
        case ProductPut():
            return _put(change, entry, stored, tag, fields)
        case ProductPatch():
            return _patch(change, entry, stored, tag, fields)
        case ProductDelete():
            return _delete(change, entry, stored, tag)


def _put(
    change: ProductPut,
    entry: LedgerEntry | None,
    stored: Json | None,
    tag: str | None,
    fields: ProductFields,
) -> WriteDecision:
    history = decide_whole(entry.history if entry else None, change.order, change.content.said())
    if history is None:
        is_there = entry is not None and entry.content == change.content
        return _without_effect(change, "unchanged" if is_there else "superseded", tag, stored)
    document, content = change.document, change.content
    if history.later:
        document = history.overlay(document)
        content = replace(content, fields=hash_fields(_said(document, fields)))
    now = product_tag(document, fields)
    result = ChangeResult(
        change.id,
        "created" if stored is None else "updated",
        tag=now,
        pending=pending_features(document[PICTURES]),
    )
    decided = LedgerEntry(change.id, history, content, sequence=entry.sequence if entry else 0)
    if now == tag and entry is not None and not entry.is_deleted and not change.is_rewritten:
        return WriteDecision(replace(result, outcome="unchanged"), decided, is_written=False)
    return WriteDecision(result, decided, document)


def _patch(
    change: ProductPatch,
    entry: LedgerEntry | None,
    stored: Json | None,
    tag: str | None,
    fields: ProductFields,
) -> WriteDecision:
    if stored is None or (entry is not None and entry.is_deleted):
        is_old = entry is not None and change.order.precedes(entry.history.base)
        return _without_effect(change, "superseded" if is_old else "unknown_product", tag, stored)
    known = entry or LedgerEntry(change.id, History(ChangeOrder(0)))
    history, accepted = decide_fields(known.history, change.order, change.values)
    if not accepted:
        is_there = all(stored.get(name) == value for name, value in change.values.items())
        return _without_effect(change, "unchanged" if is_there else "superseded", tag, stored)
    product = with_values(stored, accepted)
    content = known.content and ContentHash(
        hash_fields(_said(product, fields)), known.content.pictures
    )
    result = ChangeResult(
        change.id,
        "updated",
        tag=product_tag(product, fields),
        pending=pending_features(stored[PICTURES]),
    )
    decided = replace(known, history=history, content=content)
    if result.tag == tag:
        return WriteDecision(replace(result, outcome="unchanged"), decided, is_written=False)
    return WriteDecision(result, decided)


def _delete(
    change: ProductDelete, entry: LedgerEntry | None, stored: Json | None, tag: str | None
) -> WriteDecision:
    history = decide_whole(entry.history if entry else None, change.order, None)
    if history is None:
        is_gone = stored is None
        return _without_effect(change, "absent" if is_gone else "superseded", tag, stored)
    decided = LedgerEntry(change.id, history, is_deleted=True)
    return WriteDecision(
        ChangeResult(change.id, "absent" if stored is None else "deleted"), decided
    )


def with_values(product: Mapping[str, Json], values: Mapping[str, Json]) -> dict[str, Json]:
    """Return a product with some fields set, and without those whose value is None."""
    changed = {**product, **values}
    return {name: value for name, value in changed.items() if value is not None}


def _said(product: Mapping[str, Json], fields: ProductFields) -> dict[str, Json]:
    """Return what a stored product has of its source's fields."""
    return {name: product[name] for name in fields if name in product}


def _without_effect(
    change: Change, outcome: Outcome, tag: str | None, stored: Json | None
) -> WriteDecision:
    pending = pending_features(stored[PICTURES]) if stored else ()
    return WriteDecision(ChangeResult(change.id, outcome, tag=tag, pending=pending))
