"""Brings over to a new index what was changed in the one in service while it was filled."""

from collections.abc import Mapping, Sequence

from core.progress import Say
from features.base import Json
from indexer.ledger.entry import LedgerEntry
from indexer.ledger.ledger import Ledger
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.conditional_writes import DocumentDelete

TOGETHER = 100
"""Products brought over in one request."""


def bring_over(catalogue: Catalogue, ledger: Ledger, since: int, say: Say) -> int:
    """Bring over what was changed after a sequence number; return from where to go on.

    A change that is recorded and not yet in the index is brought over the next time.
    `catalogue` writes to the new index. A product whose feature values the new index cannot hold,
    because its model is another one, gets its fields alone; one that the feed has not is named.
    Raises EngineUnavailable, Busy or IndexBlocked.
    """
    until = ledger.settled_sequence()
    ids = ledger.changed_since(since)
    for start in range(0, len(ids), TOGETHER):
        part = ids[start : start + TOGETHER]
        _bring_over(catalogue, ledger.entries(part), say)
    return until


def _bring_over(catalogue: Catalogue, entries: Mapping[str, LedgerEntry], say: Say) -> None:
    deletes = [
        DocumentDelete(entry.id, entry.sequence) for entry in entries.values() if entry.is_deleted
    ]
    if deletes:
        catalogue.write_conditionally(deletes)
    there = catalogue.states_in_service([key for key in entries if not entries[key].is_deleted])
    products = [state.source for state in there.values()]
    refused = catalogue.write(products) if products else {}
    if refused:
        _bring_over_fields(catalogue, [there[key].source for key in refused], say)


def _bring_over_fields(catalogue: Catalogue, products: Sequence[Json], say: Say) -> None:
    """Put the fields of products over those that the feed gave the new index."""
    filled = catalogue.states([product["id"] for product in products], vectors=True)
    merged = []
    for product in products:
        if product["id"] not in filled:
            say(
                f"product {product['id'][:80]!r} came meanwhile with values of another model, and "
                "the feed has it not: send it again"
            )
            continue
        pictures = filled[product["id"]].source["images"]
        said = {name: product[name] for name in catalogue.fields if name in product}
        merged.append({**said, "images": pictures})
    if merged:
        catalogue.write(merged)
