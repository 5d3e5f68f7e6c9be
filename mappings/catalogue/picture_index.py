"""The documents of an index of pictures, products or bank entries, as work on all of them needs it.

Documents are written over the state they were read from, so whatever runs meanwhile loses nothing.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from core.errors import IndexMissing
from features.base import Json
from mappings.catalogue import held_features
from mappings.catalogue.products import PICTURES
from mappings.catalogue.vectors import VectorPacker
from mappings.engine.gateway import Gateway
from mappings.engine.paging import search_after
from mappings.engine.stored_document import StoredDocument

PAGE_SIZE = 64
"""Documents read and written together: with two pictures of 1,280 numbers each about 2 MB."""


class PictureIndex:
    """The index behind an alias. `name` is the alias or the index."""

    def __init__(self, gateway: Gateway, name: str) -> None:
        self.name = name
        self._gateway = gateway
        self._documents = gateway.documents(name)

    @property
    def exists(self) -> bool:
        """Whether there is such an index."""
        try:
            return bool(self._gateway.index_meta(self.name))
        except IndexMissing:
            return False

    def identity(self) -> str:
        """Return the identity of the index, which no other index ever has."""
        return self._gateway.index_uuid(self.name)

    def fields(self) -> dict[str, Json]:
        """Return the mapping of every field a picture's document can have."""
        return dict(self._gateway.properties(self.name)[PICTURES]["properties"])

    def read(self, ids: Sequence[str]) -> list[StoredDocument]:
        """Return documents as they are now, with their vectors; unknown ones are left out."""
        return list(self._documents.get_many_with_vectors(ids).values())

    def replace_products(self, changes: Sequence[tuple[Json, StoredDocument]]) -> dict[str, str]:
        """Write changed documents over what was read; return id → reason, '' for a conflict."""
        vectors = VectorPacker(self.fields())
        packed = [(vectors.pack_product(source), over) for source, over in changes]
        return self._documents.replace_many(packed)

    def refresh(self) -> None:
        """Make everything written so far searchable."""
        self._documents.refresh()

    def pages(self, query: Json, after: str = "") -> Iterator[list[StoredDocument]]:
        """Yield what a query finds, by id from behind `after`, page by page, with all vectors."""
        body = {
            "query": query,
            "sort": [{"id": "asc"}],
            "track_total_hits": False,
            "_source": {"exclude_vectors": False},
            **search_after([after] if after else None),
        }
        yield from self._documents.scan_pages(body, PAGE_SIZE)

    def _put_block(self, block: Json, properties: Json | None = None) -> None:
        """Replace `_meta.lookalike`, and add fields to its pictures' documents, in one request."""
        added = {PICTURES: {"type": "nested", "properties": properties}} if properties else None
        self._gateway.put_mapping(self.name, {**self._meta(), "lookalike": block}, added)

    def _meta(self) -> dict[str, Any]:
        """Return the whole `_meta`; raises IndexMissing, and ModelMismatch for another format."""
        (meta, *_) = self._gateway.index_meta(self.name).values()
        held_features.check_format(meta)
        return dict(meta)


def having_pictures(query: Json) -> Json:
    """Return the query for documents that have a picture which matches a query."""
    return {"nested": {"path": PICTURES, "query": query}}
