"""A catalogue with a ledger, and products made of numbers instead of pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from core.retries import RetryPolicy
from features.base import Json
from features.registry import Registry
from indexer.ledger.content_hash import hash_content
from indexer.ledger.ledger import Ledger
from indexer.ledger.ordering import ChangeOrder
from indexer.writing.change import ChangeResult, ProductDelete, ProductPatch, ProductPut
from indexer.writing.recorded_writer import RecordedWriter
from mappings.catalogue.catalogue import Catalogue
from mappings.engine.gateway import Gateway
from tests.indexer.doubles import Tone, Words


@dataclass
class Market:
    """A catalogue and its writer."""

    catalogue: Catalogue
    ledger: Ledger
    writer: RecordedWriter
    ledger_path: Path

    def put(
        self, key: str, tone: int = 1, *, version: int | None = None, **fields: Json
    ) -> ProductPut:
        """Return a put of a product with one picture that is all tone."""
        said = {"id": key, **fields}
        picture = {
            "image_id": f"{tone:064x}",
            "url": f"{tone}.jpg",
            "source": "catalogue",
            "added_at": "2026-01-01T00:00:00+00:00",
            "tone": [float(tone), 1.0, 1.0],
        }
        document = {**said, "updated_at": "2026-01-01T00:00:00+00:00", "images": [picture]}
        order = ChangeOrder(self.ledger.next_arrival(), version, "shop")
        return ProductPut(key, order, document, hash_content(said, [f"{tone}.jpg"]))

    def patch(self, key: str, *, version: int | None = None, **values: Json) -> ProductPatch:
        """Return a patch."""
        return ProductPatch(key, ChangeOrder(self.ledger.next_arrival(), version, "shop"), values)

    def delete(self, key: str, *, version: int | None = None) -> ProductDelete:
        """Return a delete."""
        return ProductDelete(key, ChangeOrder(self.ledger.next_arrival(), version, "shop"))

    def apply(self, *changes: ProductPut | ProductPatch | ProductDelete) -> list[str]:
        """Apply changes; return what became of them."""
        return [result.outcome for result in self.results(*changes)]

    def results(self, *changes: ProductPut | ProductPatch | ProductDelete) -> list[ChangeResult]:
        """Apply changes together; return the results."""
        return self.writer.apply(changes)

    def stored(self, key: str) -> dict[str, Any] | None:
        """Return a product as it is now, with its vectors."""
        self.catalogue.refresh()
        found = self.catalogue.states([key], vectors=True).get(key)
        return None if found is None else dict(found.source)


@pytest.fixture
def market(gateway: Gateway, alias: str, tmp_path: Path) -> Iterator[Market]:
    catalogue = Catalogue(gateway, Registry([Tone(), Words()]), alias)
    catalogue.prepare()
    catalogue.refresh_write_features()
    path = tmp_path / "ledger" / "products.sqlite3"
    ledger = Ledger(path)
    yield Market(catalogue, ledger, RecordedWriter(catalogue, ledger, RetryPolicy(10)), path)
    ledger.close()
