"""The products index: an alias, numbered indices behind it, and their documents.

The alias (`products`) points at one concrete index (`products-000001`). A rebuild fills the next
number while searches continue, and one atomic alias change puts it in service.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from core.errors import IndexMissing, NotFound
from features.base import Feature, Json
from features.registry import Registry
from mappings.catalogue import calibration as calibrations
from mappings.catalogue import held_features, products, versions
from mappings.catalogue.calibration import Calibration
from mappings.catalogue.fields import PRODUCT_FIELDS, ProductFields
from mappings.catalogue.index_summary import index_summary
from mappings.catalogue.missing_fields import add_missing_fields
from mappings.catalogue.numbered_indices import NumberedIndices
from mappings.catalogue.photo_group import photo_group
from mappings.catalogue.recall import RECALL_KEY, RecallTable, from_meta, to_meta
from mappings.catalogue.sale import sale_fields
from mappings.catalogue.search_terms import search_terms
from mappings.catalogue.stored_products import StoredProducts
from mappings.catalogue.variant_group import card_group, variant_group
from mappings.catalogue.vector_graphs import add_graphs
from mappings.catalogue.vectors import VectorPacker
from mappings.engine.conditional_writes import ConditionalWrite
from mappings.engine.gateway import Gateway
from mappings.engine.stored_document import StoredDocument
from mappings.events import decision_events, event_documents, ubi_mapping


class Catalogue:
    """Reads and writes the products behind one alias."""

    def __init__(
        self,
        gateway: Gateway,
        registry: Registry,
        alias: str = "products",
        shards: int = 1,
        spare: Iterable[Feature] = (),
        fields: ProductFields = PRODUCT_FIELDS,
    ) -> None:
        """`spare` are further versions of features, written where the index holds them."""
        self.alias = alias
        self.fields = fields
        self._gateway = gateway
        self._registry = registry
        self._shards = shards
        self._target = alias
        self._indices = NumberedIndices(gateway, alias)
        self._spare = tuple(spare)
        self._vectors = VectorPacker(products.picture_properties(registry.values()))

    def prepare(self) -> None:
        """Create the index, its alias and the templates where missing.

        A field that the index lacks is added. Raises ModelMismatch when the index holds another
        model or feature version, InvalidSetting when it holds a field of another kind.
        """
        for events in (event_documents, decision_events):
            self._gateway.put_template(events.TEMPLATE_NAME, events.index_template())
        for name, template in ubi_mapping.index_templates(self._registry).items():
            self._gateway.put_template(name, template)
        try:
            self.refresh_write_features()
            self.add_missing_fields()
        except IndexMissing:
            self.make_index()
            self.refresh_write_features()

    def add_missing_fields(self) -> None:
        """Add the product fields that the index in service lacks.

        Raises InvalidSetting when it holds a field of another kind.
        """
        add_missing_fields(self._gateway, self.alias, self.fields)

    def make_index(self) -> bool:
        """Create an empty index behind the alias; False where another process has done so."""
        return self._indices.make_first(*self._layout())

    def check_features(self) -> None:
        """Raise ModelMismatch unless the index's features are ours, IndexMissing if none.

        Raises InvalidSetting when it holds a field of another kind.
        """
        for meta in self._gateway.index_meta(self.alias).values():
            held_features.check_features(meta, self._registry)
            held_features.fields_to_add(meta, self.fields)

    def meta(self) -> Mapping[str, Json]:
        """Return `_meta.lookalike` of the index in service; raises IndexMissing."""
        (meta, *_) = self._gateway.index_meta(self.alias).values()
        return dict(meta.get("lookalike", {}))

    def refresh_write_features(self) -> Mapping[str, Feature]:
        """Read which features the written index holds, and pack their vectors from now on.

        Returns what to store of every picture: field → feature. Raises ModelMismatch where the
        index holds a version that is not loaded here.
        """
        (meta, *_) = self._gateway.index_meta(self._target).values()
        fields = held_features.features_to_write(meta, self._registry, self._spare)
        self._vectors = VectorPacker(products.picture_properties(fields.values()))
        return fields

    def index_name(self) -> str:
        """Return the name of the index in service; raises IndexMissing."""
        return min(self._gateway.index_meta(self.alias))

    def recall_table(self) -> RecallTable | None:
        """Return the index's measured recall, None where it was never measured."""
        return from_meta(self._learned())

    def store_recall_table(self, table: RecallTable) -> None:
        """Store measured recall, in place of an earlier measurement."""
        self._note(RECALL_KEY, to_meta(table))

    def calibration(self) -> Calibration | None:
        """Return the index's calibration, None where it has none."""
        return calibrations.from_meta(self._learned())

    def store_calibration(self, calibration: Calibration) -> None:
        """Store a calibration, in place of an earlier one."""
        self._note(calibrations.CALIBRATION_KEY, calibrations.to_meta(calibration))

    def _learned(self) -> Json:
        return {"lookalike": versions.meta_for(self.meta(), self._registry)}

    def _note(self, key: str, block: Json) -> None:
        self._gateway.update_meta(
            self.alias, lambda meta: versions.with_block(meta, self._registry, key, block)
        )

    def begin_rebuild(self) -> str:
        """Create the next numbered index and write there until `promote`; return its name."""
        self._target = self._indices.make_next(*self._layout())
        return self._target

    def promote(self) -> None:
        """Point the alias at the index written to, write through it again, and keep the one before.

        All others are deleted, that of an interrupted rebuild among them.
        """
        self._indices.promote(self._target)
        self._target = self.alias

    def discard_rebuild(self) -> None:
        """Delete the index that was written to, and write through the alias again."""
        if self._target != self.alias:
            self._gateway.delete_index(self._target)
            self._target = self.alias

    def undo_rebuild(self) -> str:
        """Put the index before the last rebuild in service again; return its name.

        Undoing again puts the rebuilt one back. Raises NotFound where there is none, and
        ModelMismatch for one whose features are not ours.
        """
        name = self._indices.former()
        if not name:
            raise NotFound("there is nothing to undo: no index is kept of before a rebuild")
        held_features.check_features(self._gateway.index_meta(name)[name], self._registry)
        self._indices.exchange(name)
        return name

    def _layout(self) -> tuple[Json, Json]:
        """Return the mapping and the settings of a new index."""
        mapping = products.index_mapping(self._registry, self.fields)
        return mapping, products.index_settings(self._shards)

    def write(self, documents: Sequence[Json], *, refresh: bool = False) -> dict[str, str]:
        """Write product documents under their ids; return id → reason for those refused.

        Vectors travel packed (base64 of big-endian float32), which more than halves the time
        a load spends here. Raises EngineUnavailable, Busy or IndexBlocked after retries.
        """
        rows = [(str(document["id"]), self.packed(document)) for document in documents]
        # Without its alias, a write would make an index of that name with guessed fields.
        aliased = self._target == self.alias
        refused = self._gateway.bulk_index(self._target, rows, require_alias=aliased)
        if refresh:
            self.refresh()
        return refused

    def derived(self, document: Json) -> dict[str, Json]:
        """Return the fields that are stored beside a product's own, and made from them."""
        return {
            products.PHOTO_GROUP: photo_group(document),
            products.VARIANT_GROUP: variant_group(document),
            products.CARD_GROUP: card_group(document),
            **search_terms(document, self.fields.word_weights),
            **sale_fields(document),
        }

    def packed(self, document: Json) -> Json:
        """Return a product as it is stored, its vectors packed as text."""
        return {**self._vectors.pack_product(document), **self.derived(document)}

    def current(self, key: str) -> StoredDocument | None:
        """Return a product of the index written to as it is now, with its vectors, or None."""
        return self._gateway.documents(self._target).get_with_vectors(key)

    def replace(self, document: Json, stored: StoredDocument) -> bool:
        """Write a product over the state it was made from; False when it has changed since."""
        return (
            self._gateway.documents(self._target).replace(self.packed(document), stored) is not None
        )

    def states_in_service(self, ids: Sequence[str]) -> dict[str, StoredDocument]:
        """Return products of the index in service as they are now, with their vectors."""
        return self._gateway.documents(self.alias).get_many_with_vectors(ids)

    def states(self, ids: Sequence[str], *, vectors: bool = False) -> dict[str, StoredDocument]:
        """Return products of the index written to as they are now; unknown ones are left out."""
        documents = self._gateway.documents(self._target)
        return documents.get_many_with_vectors(ids) if vectors else documents.get_many(ids)

    def write_conditionally(
        self, writes: Sequence[ConditionalWrite], *, wait: bool = False
    ) -> dict[str, str]:
        """Carry out writes of packed products; return id → reason, '' for a conflict.

        With `wait`, they can be searched for on return. Raises EngineUnavailable, Busy or
        IndexBlocked.
        """
        documents = self._gateway.documents(self._target)
        # Without its alias, a write would make an index of that name with guessed fields.
        aliased = self._target == self.alias
        return documents.write_conditionally(writes, wait=wait, require_alias=aliased)

    def stored(self) -> StoredProducts:
        """Return the products of the index written to, to be compared with their source."""
        return StoredProducts(self._gateway, self._target, self.fields)

    def refresh(self) -> None:
        """Make everything written so far searchable."""
        self._gateway.refresh(self._target)

    def merge(self) -> None:
        """Merge the segments that a load left, and wait: a search walks one graph per segment.

        Takes some minutes at a million pictures.
        """
        self._gateway.merge(self._target, products.SEGMENT_MB * 1_000_000)

    def add_graphs(self) -> tuple[str, ...]:
        """Keep codes of vectors in graphs from now on (`mappings.catalogue.vector_graphs`)."""
        return add_graphs(self._gateway, self._target)

    def stored_pictures(self, ids: Sequence[str]) -> dict[str, dict[str, Json]]:
        """Return product id → picture key → the stored picture document with its vectors.

        The key is the image_id, for a region with its box: a picture has several.
        """
        found = self._gateway.documents_by_id(self._target, ids, vectors=True)
        key_of, field = products.picture_key, products.PICTURES
        return {
            key: {key_of(picture): picture for picture in source.get(field, [])}
            for key, source in found.items()
        }

    def products(self, ids: Sequence[str], *, vectors: bool = False) -> dict[str, Json]:
        """Return stored products by id, in the order asked; unknown ones are left out."""
        found = self._gateway.documents_by_id(self.alias, ids, vectors=vectors)
        return {key: found[key] for key in ids if key in found}

    def product(self, key: str, *, vectors: bool = False) -> dict[str, Json]:
        """Return one product as it is now, searchable yet or not; raises NotFound."""
        documents = self._gateway.documents(self.alias)
        stored = documents.get_with_vectors(key) if vectors else documents.get(key)
        if stored is None:
            raise NotFound(f"there is no product {key[:80]!r}")
        return dict(stored.source)

    def search(self, body: Json) -> Json:
        """Run one search body over the alias."""
        return self._gateway.search(self.alias, body)

    def search_many(self, bodies: Sequence[Json]) -> list[Json]:
        """Run several search bodies over the alias in one request; return the answers in order."""
        return self._gateway.search_many(self.alias, bodies, scores_by_name=True)

    def search_written(self, body: Json) -> Json:
        """Run one search body over the index written to, which a rebuild fills beside the alias."""
        return self._gateway.search(self._target, body)

    def health(self) -> str:
        """Return `green`, `yellow` or `red`; raises IndexMissing or EngineUnavailable."""
        return self._gateway.health(self.alias)

    def summary(self) -> dict[str, Any]:
        """Return what the index holds: products, pictures, bytes, features and versions.

        Parts of pictures, which a duplicate check compares on their own, are not counted.
        """
        return index_summary(self._gateway, self.alias)
