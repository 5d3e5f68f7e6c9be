"""Where the pipeline of a run writes to: through the source's writer, rows noted as applied."""

from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass

from indexer.loading.product_document import BuiltProduct
from indexer.sync.source_state import SourceState
from indexer.sync.source_writer import SourceWriter
from indexer.sync.sync_report import SyncReport


@dataclass(frozen=True)
class PictureChange:
    """A product in the pipeline: its row's version and hash, and how many pictures it has there."""

    version: str
    hash: bytes
    pictures: int


class SourceStore:
    """A `ProductStore` for one run."""

    def __init__(
        self,
        writer: SourceWriter,
        state: SourceState,
        changes: MutableMapping[str, PictureChange],
        run: int,
        report: SyncReport,
    ) -> None:
        self._writer = writer
        self._state = state
        self._changes = changes
        self._run = run
        self._report = report

    def write(self, products: Sequence[BuiltProduct]) -> dict[str, str]:
        """Write products; return id → reason for those that Elasticsearch refuses."""
        ids = [str(product.document["id"]) for product in products]
        changes = {key: self._changes[key] for key in ids}
        versions = {key: change.version for key, change in changes.items()}
        outcome = self._writer.put(products, versions)
        self._report.rewritten += len(outcome.written)
        self._report.outdated += len(outcome.outdated)
        self._state.store_rows(
            {
                # Of a product whose pictures could not all be had, the row is looked at again.
                key: changes[key].hash if product.pictures == changes[key].pictures else b""
                for key, product in zip(ids, products, strict=True)
                if key not in outcome.refused
            },
            self._run,
        )
        for key in ids:
            self._changes.pop(key, None)
        return outcome.refused
