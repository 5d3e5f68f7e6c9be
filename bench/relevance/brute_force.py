"""Rank products by comparing every vector with every other, as the truth for an index."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.base import Json
from indexer.feeds.feed import open_feed
from indexer.feeds.product import parse_product
from indexer.feeds.rows import Row
from mappings.catalogue.catalogue import Catalogue
from mappings.catalogue.products import PICTURES

AT_ONCE = 100


def product_ids(feed: Path) -> Iterable[str]:
    """Yield the ids of a feed's products as stored, each once."""
    yielded = set()
    for row in open_feed(feed).rows():
        read = parse_product(row) if isinstance(row, Row) else row
        if read.id is not None and read.id not in yielded:
            yielded.add(read.id)
            yield read.id


def stored_vectors(
    catalogue: Catalogue, ids: Sequence[str], feature: str
) -> tuple[list[str], NDArray[np.float32]]:
    """Return the product id of every stored picture, and the vectors, one per row."""
    owners: list[str] = []
    rows: list[Json] = []
    for start in range(0, len(ids), AT_ONCE):
        for key, product in catalogue.products(ids[start : start + AT_ONCE], vectors=True).items():
            vectors = [picture[feature] for picture in product[PICTURES] if feature in picture]
            owners += [key] * len(vectors)
            rows += vectors
    return owners, np.asarray(rows, np.float32)


def rank_owners(
    queries: NDArray[np.float32], owners: Sequence[str], stored: NDArray[np.float32]
) -> list[list[str]]:
    """Return for every query vector the owners, nearest first; all vectors have length one.

    An owner is as near as the nearest of its pictures.
    """
    orders = np.argsort(-(queries @ stored.T), axis=1, kind="stable")
    return [list(dict.fromkeys(owners[i] for i in order)) for order in orders]
