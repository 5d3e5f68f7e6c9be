"""Adds a second version of a feature to a live index, puts it in service, and removes one.

Adding the field, switching and undoing each take one request that changes `_meta`. Searches go on:
their services read every few seconds what the index holds (see `versions`). Documents are written
over the state they were read from, so a load that runs meanwhile loses nothing.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from core.errors import IndexMissing
from features.base import Feature, Json
from features.fingerprint import fingerprint
from features.registry import Registry
from mappings.catalogue import products, versions
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.products import PICTURES
from mappings.catalogue.vectors import VectorPacker
from mappings.catalogue.versions import ModelVersion
from mappings.engine.gateway import Gateway
from mappings.engine.stored_document import StoredDocument

PAGE_SIZE = 64
"""Products read and written together: with two pictures of 1,280 numbers each about 2 MB."""


class ModelSwap:
    """The model versions of the index behind an alias. `name` is the alias or the index."""

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

    def fields(self) -> dict[str, Json]:
        """Return the mapping of every field a picture's document can have."""
        return dict(self._gateway.properties(self.name)[PICTURES]["properties"])

    def versions(self) -> list[ModelVersion]:
        """Return the versions held, those in service first."""
        return list(versions.stored_versions(self._meta()["lookalike"]))

    def standby(self) -> ModelVersion | None:
        """Return the version that is not in service, if there is one."""
        return versions.standby_version(self._meta()["lookalike"])

    def version_of(self, feature: Feature) -> ModelVersion | None:
        """Return the stored version whose values this feature gives; None without one."""
        return next((v for v in self.versions() if versions.is_version_of(feature, v)), None)

    def check_loadable(self, registry: Registry, spare: Iterable[Feature]) -> None:
        """Raise ModelMismatch unless every stored version is loaded here."""
        products.features_to_write(self._meta(), registry, spare)

    def add_standby(self, feature: Feature, field: str, name: str) -> ModelVersion:
        """Add the empty field of another version, on standby.

        Raises ModelMismatch where one is on standby already, or the version is in service.
        """
        meta = self._meta()
        block = meta["lookalike"]
        if standby := versions.standby_version(block):
            raise ModelMismatch(
                f"the index already holds {standby.name!r} beside the model in service; end that "
                "with `python -m indexer swap-model finish`"
            )
        now = versions.version_in_service(block, feature.name)
        if now.fingerprint == fingerprint(feature):
            raise ModelMismatch(
                f"{now.name!r} is in service already; set LOOKALIKE_NEXT_"
                f"{feature.name.upper()}_* to the model that comes next"
            )
        added = {PICTURES: {"type": "nested", "properties": {field: feature.mapping()}}}
        extended = versions.with_standby(block, feature, field, name)
        self._gateway.put_mapping(self.name, {**meta, "lookalike": extended}, added)
        standby = versions.standby_version(extended)
        assert standby is not None
        return standby

    def exchange(self) -> None:
        """Swap the version on standby and the one in service, in one request."""
        meta = self._meta()
        changed = versions.with_versions_exchanged(meta["lookalike"])
        self._gateway.put_mapping(self.name, {**meta, "lookalike": changed})

    def remove_standby(self) -> None:
        """Remove the version on standby: it is no longer searched or written."""
        meta = self._meta()
        changed = versions.without_standby(meta["lookalike"])
        self._gateway.put_mapping(self.name, {**meta, "lookalike": changed})

    def count_lacking(self, version: ModelVersion) -> int:
        """Return how many pictures have another version's value but not this version's."""
        return self._count(self._lacks(version))

    def products_lacking(self, version: ModelVersion) -> Iterator[list[StoredDocument]]:
        """Yield the products with such pictures, by id, page by page, with all their vectors."""
        yield from self._pages(_nested(self._lacks(version)))

    def products_having(self, field: str) -> Iterator[list[StoredDocument]]:
        """Yield the products whose pictures have a value in a field, as `products_lacking` does."""
        yield from self._pages(_nested({"exists": {"field": f"{PICTURES}.{field}"}}))

    def replace_products(self, changes: Sequence[tuple[Json, StoredDocument]]) -> dict[str, str]:
        """Write changed products over what was read; return id → reason, '' for a conflict."""
        vectors = VectorPacker(self.fields())
        packed = [(vectors.pack_product(source), over) for source, over in changes]
        return self._documents.replace_many(packed)

    def refresh(self) -> None:
        """Make everything written so far searchable."""
        self._documents.refresh()

    def _pages(self, query: Json) -> Iterator[list[StoredDocument]]:
        body = {
            "query": query,
            "sort": [{"id": "asc"}],
            "track_total_hits": False,
            "_source": {"exclude_vectors": False},
        }
        yield from self._documents.scan_pages(body, PAGE_SIZE)

    def _lacks(self, version: ModelVersion) -> Json:
        others = [
            {"exists": {"field": f"{PICTURES}.{other.field}"}}
            for other in self.versions()
            if other.feature == version.feature and other.field != version.field
        ]
        there = {"exists": {"field": f"{PICTURES}.{version.field}"}}
        return {"bool": {"filter": others, "must_not": [there]}}

    def _count(self, query: Json) -> int:
        counted = {"nested": {"path": PICTURES}, "aggs": {"some": {"filter": query}}}
        answer = self._gateway.search(self.name, {"size": 0, "aggs": {"pictures": counted}})
        return int(answer["aggregations"]["pictures"]["some"]["doc_count"])

    def _meta(self) -> dict[str, Any]:
        """Return the whole `_meta`; raises IndexMissing, and ModelMismatch for another format."""
        (meta, *_) = self._gateway.index_meta(self.name).values()
        products.check_format(meta)
        return dict(meta)


def _nested(query: Json) -> Json:
    return {"nested": {"path": PICTURES, "query": query}}
