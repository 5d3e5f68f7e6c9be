"""What turns a batch of products into documents, wherever it does: the contract."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from features.base import Feature, Json
from indexer.feeds.product import Product
from indexer.feeds.rows import Rejection
from indexer.loading.product_document import BuiltProduct

BuiltBatch: TypeAlias = list[tuple[BuiltProduct | None, list[Rejection]]]
"""For each product its document, None where no picture can be used, and what is rejected of it."""


@dataclass(frozen=True)
class BatchTask:
    """Products to build, with their picture documents in the index, by product and image id."""

    products: Sequence[Product]
    stored: Mapping[str, Mapping[str, Json]]
    updated_at: str


class BatchProcessor(Protocol):
    """Fetches and decodes the pictures of batches and extracts their features. Thread-safe."""

    at_once: int
    """How many batches it can take at the same time."""

    def process(self, task: BatchTask, fields: Mapping[str, Feature]) -> BuiltBatch:
        """Return what becomes of a batch; `fields` maps each document field to its feature.

        Raises the LookalikeError that made going on impossible.
        """
        ...

    def close(self) -> None:
        """End its threads and processes."""
        ...
