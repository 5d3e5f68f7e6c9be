"""Stored products as they are compared with their source: without their pictures' features."""

from collections.abc import Sequence

from features.base import Json
from mappings.catalogue.fields import ProductFields
from mappings.catalogue.products import OWN_SOURCES, PICTURES
from mappings.engine.gateway import Gateway

COMPARED_PARTS = ("image_id", "url", "source")
"""What is read of a picture to compare a product with its source."""


class StoredProducts:
    """The products of one index. Reads are in real time: searchable yet or not."""

    def __init__(self, gateway: Gateway, index: str, fields: ProductFields) -> None:
        self._gateway = gateway
        self._index = index
        self._fields = fields

    def read(self, ids: Sequence[str]) -> dict[str, dict[str, Json]]:
        """Return products by id with their fields, and their pictures without features."""
        names = [*self._fields, "image_link", "updated_at"]
        pictures = [f"{PICTURES}.{name}" for name in COMPARED_PARTS]
        found = self._gateway.documents(self._index).get_many(ids, fields=[*names, *pictures])
        return {key: dict(document.source) for key, document in found.items()}

    def picture_documents(self, image_id: str) -> list[Json]:
        """Return a picture's documents and its parts', with vectors, from a product that has it.

        They are [] where none has, as far as is searchable.
        """
        own = {"terms": {f"{PICTURES}.source": list(OWN_SOURCES)}}
        same = {"term": {f"{PICTURES}.image_id": image_id}}
        query = {"nested": {"path": PICTURES, "query": {"bool": {"filter": [same, own]}}}}
        source = {"includes": [PICTURES], "exclude_vectors": False}
        body = {"size": 1, "query": query, "_source": source, "track_total_hits": False}
        hits = self._gateway.search(self._index, body)["hits"]["hits"]
        pictures = hits[0]["_source"][PICTURES] if hits else []
        return [picture for picture in pictures if picture["image_id"] == image_id]

    def index_id(self) -> str:
        """Return the identity of the index, which no other index ever has."""
        return self._gateway.index_uuid(self._index)
