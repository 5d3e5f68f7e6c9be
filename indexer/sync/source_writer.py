"""Writes the changes of one source, in its order, through the writer that the ledger stands behind.

`ChangeOrder` has the source's name and its version of the row, so that an older row never wins over
a newer one of the same source, and the later arrival counts between sources.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from features.base import Json
from indexer.ledger.ledger import Ledger
from indexer.ledger.ordering import ChangeOrder
from indexer.loading.product_document import BuiltProduct
from indexer.writing.change import (
    REFUSALS,
    Change,
    ProductDelete,
    ProductPatch,
    ProductPut,
)
from indexer.writing.recorded_writer import RecordedWriter


@dataclass(frozen=True)
class SourceFieldUpdate:
    """New values of a product's fields, None for those that it loses, and the source's version."""

    values: Mapping[str, Json]
    version: str = ""


@dataclass
class WriteOutcome:
    """What became of some changes, by product id; `refused` has the reasons."""

    written: set[str] = field(default_factory=set)
    outdated: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)


class SourceWriter:
    """Writes for one source. Thread-safe."""

    def __init__(self, writer: RecordedWriter, ledger: Ledger, source: str) -> None:
        self._writer = writer
        self._ledger = ledger
        self._source = source

    def finish_pending(self) -> None:
        """Carry out what writers that were killed had recorded."""
        self._writer.finish_pending()

    def update(self, updates: Mapping[str, SourceFieldUpdate]) -> WriteOutcome:
        """Set fields of stored products; no picture is read or written."""
        arrival = self._arrival(updates)
        return self._apply(
            [
                ProductPatch(key, self._order(arrival, update.version), update.values)
                for key, update in updates.items()
            ]
        )

    def put(self, products: Sequence[BuiltProduct], versions: Mapping[str, str]) -> WriteOutcome:
        """Write whole products, with their source's versions by id."""
        arrival = self._arrival(products)
        changes = [
            ProductPut(
                (key := str(product.document["id"])),
                self._order(arrival, versions.get(key, "")),
                product.document,
                product.content,
            )
            for product in products
        ]
        return self._apply(changes)

    def delete(self, versions: Mapping[str, str]) -> WriteOutcome:
        """Delete products, given the source's version of each deletion, '' without one."""
        arrival = self._arrival(versions)
        return self._apply(
            [ProductDelete(key, self._order(arrival, version)) for key, version in versions.items()]
        )

    def _arrival(self, changes: Sequence[object] | Mapping[str, object]) -> int:
        return self._ledger.next_arrival() if changes else 0

    def _order(self, arrival: int, version: str) -> ChangeOrder:
        return ChangeOrder(arrival, version_number(version), self._source)

    def _apply(self, changes: Sequence[Change]) -> WriteOutcome:
        outcome = WriteOutcome()
        for result in self._writer.apply(changes) if changes else ():
            if result.outcome in REFUSALS:
                outcome.refused[result.id] = result.reason or result.outcome
            elif result.outcome == "superseded":
                outcome.outdated.add(result.id)
            else:
                outcome.written.add(result.id)
        return outcome


def version_number(version: str) -> int | None:
    """Return a source's version as the ledger orders them: a number, or a moment in µs."""
    if not version:
        return None
    if version.lstrip("-").isdigit():
        return int(version)
    try:
        return int(datetime.fromisoformat(version).timestamp() * 1_000_000)
    except ValueError:
        return None
