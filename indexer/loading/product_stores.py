"""Where a load writes its products: into the index in service, or into a new one.

Products of the index in service are decided by the ledger: what was changed since the load began is
newer than the feed. A new index is nobody else's until it takes over; the ledger takes its products
as a baseline then.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Protocol

from core.retries import RetryPolicy
from indexer.ledger.content_hash import ContentHash
from indexer.ledger.ledger import Ledger
from indexer.ledger.ordering import ChangeOrder
from indexer.loading.product_document import BuiltProduct
from indexer.writing.change import ProductPut
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue


class ProductStore(Protocol):
    """Takes the products of a load."""

    def write(self, batch: Sequence[BuiltProduct]) -> dict[str, str]:
        """Write products; return id → reason for those refused.

        Raises EngineUnavailable, Busy or IndexBlocked once the retries are used up.
        """
        ...


class StoreInService:
    """The index in service. The products arrive as of `arrival`, when the feed was opened."""

    def __init__(self, writer: RecordedWriter, arrival: int) -> None:
        self._writer = writer
        self._order = ChangeOrder(arrival)

    def write(self, batch: Sequence[BuiltProduct]) -> dict[str, str]:
        """Write products; one that was changed or deleted since the load began stays so."""
        puts = [
            ProductPut(
                str(product.document["id"]),
                self._order,
                product.document,
                product.content,
                is_rewritten=True,
            )
            for product in batch
        ]
        return {
            result.id: result.reason
            for result in self._writer.apply(puts)
            if result.outcome == "refused"
        }


class StoreBeside:
    """A new index beside the one in service. Used by one thread at a time."""

    def __init__(
        self, catalogue: Catalogue, ledger: Ledger, retry_policy: RetryPolicy, arrival: int
    ) -> None:
        self._catalogue = catalogue
        self._ledger = ledger
        self._retry_policy = retry_policy
        self._arrival = arrival
        # A nameless file, deleted when closed: a catalogue may have millions of products.
        self._contents = sqlite3.connect("", isolation_level=None, check_same_thread=False)
        self._contents.execute("PRAGMA synchronous = OFF")
        self._contents.execute("CREATE TABLE contents (id TEXT PRIMARY KEY, fields, pictures)")

    def close(self) -> None:
        """ProductDelete what is remembered of the products."""
        self._contents.close()

    def write(self, batch: Sequence[BuiltProduct]) -> dict[str, str]:
        """Write products and remember what they say."""
        documents = [product.document for product in batch]
        refused = self._retry_policy.call(partial(self._catalogue.write, documents))
        rows = [
            (product.document["id"], product.content.fields, product.content.pictures)
            for product in batch
            if product.document["id"] not in refused
        ]
        self._contents.executemany("INSERT OR REPLACE INTO contents VALUES (?, ?, ?)", rows)
        return refused

    def become_baseline(self) -> None:
        """Tell the ledger that the index in service now has these products and no others."""
        read = self._catalogue.stored().read
        self._ledger.take_as_baseline(self._products(), self._arrival, read=read)
        self._ledger.delete_older(self._arrival)

    def _products(self) -> Iterator[tuple[str, ContentHash]]:
        for key, fields, pictures in self._contents.execute("SELECT * FROM contents ORDER BY id"):
            yield key, ContentHash(fields, pictures)
