"""Writes changes of products so that the newest counts, whoever dies: see `indexer.ledger`."""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial

from core.errors import Busy
from core.retries import RetryPolicy
from features.base import Json
from indexer.ledger.entry import LedgerEntry
from indexer.ledger.ledger import Ledger
from indexer.writing.change import Change, ChangeResult, ProductPut
from indexer.writing.decision import WriteDecision, decide, with_values
from indexer.writing.merging import merge_pictures
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.derived_fields import derives_from
from mappings.catalogue.products import PICTURES
from mappings.catalogue.sale import sale_fields
from mappings.engine.conditional_writes import (
    ConditionalWrite,
    DocumentDelete,
    DocumentStore,
    FieldUpdate,
)
from mappings.engine.stored_document import StoredDocument

ATTEMPTS = 8
"""Rounds of reading and writing while others change the same products."""

States = Mapping[str, StoredDocument]

log = logging.getLogger(__name__)


class RecordedWriter:
    """Applies changes to one catalogue. Thread-safe; any number of processes may have one."""

    def __init__(self, catalogue: Catalogue, ledger: Ledger, retry_policy: RetryPolicy) -> None:
        self._catalogue = catalogue
        self._ledger = ledger
        self._retry_policy = retry_policy

    def apply(self, changes: Sequence[Change], *, wait: bool = False) -> list[ChangeResult]:
        """Carry out changes and return what became of each, in their order.

        With `wait`, they can be searched for on return. Raises EngineUnavailable, IndexBlocked or
        Busy once the retries are used up: what was recorded by then is carried out later. Raises
        LedgerUnavailable and IndexMissing.
        """
        results: dict[int, ChangeResult] = {}
        for numbers in _rounds(changes):
            batch = [changes[number] for number in numbers]
            with self._ledger.lock([change.id for change in batch]):
                results |= zip(numbers, self._apply(batch, wait), strict=True)
        return [results[number] for number in range(len(changes))]

    def finish_pending(self) -> int:
        """Carry out what writers that were killed had recorded; return how many products.

        What others are writing at this moment is left to them. Raises what `apply` raises.
        """
        return sum(self._finish_free(key) for key in self._ledger.pending())

    def _finish_free(self, key: str) -> bool:
        """Carry out a product's pending change, unless somebody has the product's lock."""
        with ExitStack() as stack:
            try:
                stack.enter_context(self._ledger.lock([key], waits=False))
            except Busy:
                return False
            return bool(self._finish(self._ledger.entries([key])))

    def _apply(self, batch: Sequence[Change], wait: bool) -> list[ChangeResult]:
        ids = [change.id for change in batch]
        entries = self._ledger.entries(ids)
        if self._finish(entries):
            entries = self._ledger.entries(ids)
        whole = [change.id for change in batch if isinstance(change, ProductPut)]
        states = self._read(ids, whole)
        decisions = [
            decide(
                change, entries.get(change.id), _source(states, change.id), self._catalogue.fields
            )
            for change in batch
        ]
        kept = [d.entry for d in decisions if d.entry is not None and not d.is_written]
        if kept:
            self._ledger.complete(kept)
        refused = self._write([d for d in decisions if d.entry and d.is_written], states, wait)
        self._ledger.restore(refused, entries)
        return [
            ChangeResult(d.result.id, "refused", refused[d.result.id])
            if d.result.id in refused
            else d.result
            for d in decisions
        ]

    def _write(
        self, decisions: Sequence[WriteDecision], states: States, wait: bool
    ) -> dict[str, str]:
        """Record decisions and carry them out; return id → reason for those refused."""
        if not decisions:
            return {}
        documents = {
            d.result.id: self._catalogue.packed(d.document)
            for d in decisions
            if d.document is not None
        }
        recorded = self._ledger.record([d.entry for d in decisions if d.entry], documents)
        refused = self._carry_out(recorded, documents, states, wait)
        self._ledger.complete([entry for entry in recorded if entry.id not in refused])
        return refused

    def _finish(self, entries: Mapping[str, LedgerEntry]) -> list[str]:
        """Carry out those of the entries that are pending; return their ids."""
        pending = [entry for entry in entries.values() if entry.is_pending]
        if not pending:
            return []
        ids = [entry.id for entry in pending]
        documents = self._ledger.documents(ids)
        states = self._read(ids, list(documents))
        refused = self._carry_out(pending, documents, states, wait=False)
        for key, reason in refused.items():
            log.warning("a change that a stopped process had recorded is refused: %s", reason)
            self._ledger.forget([key])
        self._ledger.complete([entry for entry in pending if entry.id not in refused])
        return ids

    def _carry_out(
        self,
        entries: Sequence[LedgerEntry],
        documents: Mapping[str, Json],
        states: States,
        wait: bool,
    ) -> dict[str, str]:
        """Write what the entries say; return id → reason for those that are refused for good."""
        waiting, refused = {entry.id: entry for entry in entries}, dict[str, str]()
        for _ in range(ATTEMPTS):
            writes = [
                write
                for key, entry in waiting.items()
                if (write := self._write_of(entry, documents.get(key), states.get(key)))
            ]
            outcome = self._retry_policy.call(
                partial(self._catalogue.write_conditionally, writes, wait=wait)
            )
            refused |= {key: reason for key, reason in outcome.items() if reason}
            waiting = {key: waiting[key] for key, reason in outcome.items() if not reason}
            if not waiting:
                return refused
            # A shopper's photo came, or slow features were filled in.
            states = self._read(list(waiting), [key for key in waiting if key in documents])
        raise Busy("the product is being changed by others: try again in a second")

    def _write_of(
        self, entry: LedgerEntry, document: Json | None, stored: StoredDocument | None
    ) -> ConditionalWrite | None:
        """Return the write that brings the index to what an entry says; None where there is none.

        It can be made again at any time. A put's `document` is merged with what is stored.
        """
        if entry.is_deleted:
            return DocumentDelete(entry.id, entry.sequence)
        if document is not None:
            if stored is None:
                return DocumentStore(entry.id, document, None, entry.sequence)
            pictures = merge_pictures(document[PICTURES], stored.source.get(PICTURES, []))
            whole = self._catalogue.packed({**document, PICTURES: pictures})
            return DocumentStore(entry.id, whole, stored, entry.sequence)
        if stored is None:
            return None
        values = {name: change.value for name, change in entry.history.later.items()}
        product = with_values(stored.source, values)
        changed = [name for name in values if product.get(name) != stored.source.get(name)]
        # A price or stock is in none of the terms, and making those takes most of a patch's time.
        derives = derives_from(changed, self._catalogue.fields)
        derived = self._catalogue.derived(product) if derives else sale_fields(product)
        present = {
            **{name: product[name] for name in values if name in product},
            **derived,
            "updated_at": datetime.now(UTC).isoformat(timespec="seconds"),
        }
        # A field that its words no longer give, such as a colour.
        before = self._catalogue.derived(stored.source) if derives else sale_fields(stored.source)
        gone = [name for name in {**values, **before} if name not in present]
        return FieldUpdate(entry.id, present, gone, stored)

    def _read(self, ids: Sequence[str], whole: Sequence[str]) -> dict[str, StoredDocument]:
        """Return the products as they are now; those to be written `whole` with their vectors."""
        catalogue, call = self._catalogue, self._retry_policy.call
        fields_alone = [key for key in ids if key not in set(whole)]
        return {
            **call(partial(catalogue.states, fields_alone)),
            **call(partial(catalogue.states, whole, vectors=True)),
        }


def _source(states: States, key: str) -> Json | None:
    return states[key].source if key in states else None


def _rounds(changes: Sequence[Change]) -> Iterator[list[int]]:
    """Yield the numbers of changes that can be carried out together: each product once."""
    waiting = list(range(len(changes)))
    while waiting:
        ids: set[str] = set()
        together: list[int] = []
        others: list[int] = []
        for number in waiting:
            # In order: what follows a change of the same product waits for the next round.
            (others if changes[number].id in ids else together).append(number)
            ids.add(changes[number].id)
        yield together
        waiting = others
