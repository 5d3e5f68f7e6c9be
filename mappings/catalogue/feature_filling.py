"""A feature that an index lacks, or holds in an older version, while its values are filled in.

From `begin` to `finish` the index says so in its `_meta` (`mappings.catalogue.versions`): processes
that have the feature loaded write it and do not search by it yet, the others go on without it.
"""

from collections.abc import Callable, Iterator, Sequence

from features.base import Feature, Json
from features.capabilities import Relocatable
from features.fingerprint import fingerprint
from mappings.catalogue import versions
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.picture_index import PictureIndex, having_pictures
from mappings.catalogue.products import PENDING, PICTURES
from mappings.engine.gateway import Gateway
from mappings.engine.stored_document import StoredDocument


class FeatureFilling(PictureIndex):
    """The filling of features in the index behind an alias.

    `derive` returns the fields that are stored beside a document's own and made from them.
    """

    def __init__(
        self, gateway: Gateway, name: str, derive: Callable[[Json], Json] | None = None
    ) -> None:
        super().__init__(gateway, name)
        self._derive = derive or (lambda document: {})

    def replace_products(self, changes: Sequence[tuple[Json, StoredDocument]]) -> dict[str, str]:
        """Write changed documents, and what is made from their fields, over what was read.

        Returns id → reason for those refused, '' for a conflict.
        """
        return super().replace_products(
            [(self._with_derived(source, over), over) for source, over in changes]
        )

    def _with_derived(self, source: Json, over: StoredDocument) -> Json:
        before = self._derive(over.source)
        own = {name: value for name, value in source.items() if name not in before}
        return {**own, **self._derive(source)}

    def is_filling(self, feature: Feature) -> bool:
        """Say whether this feature's values are being filled in."""
        coming = versions.filling_version(self._block())
        return coming is not None and versions.is_version_of(feature, coming)

    def is_complete(self, feature: Feature) -> bool:
        """Say whether the index holds this very version in service."""
        held = self._block()["features"].get(feature.name)
        return bool(held == fingerprint(feature))

    def is_newer(self, feature: Feature) -> bool:
        """Say whether the index holds another version, whose values are replaced."""
        return feature.name in self._block()["features"] and not self.is_complete(feature)

    def begin(self, feature: Feature) -> None:
        """Add the feature's field, and say that its values are being filled in.

        Goes on where that was begun before. Raises ModelMismatch for another model of a feature
        that can be held twice, while another feature is being filled in or a model is being
        changed, and EngineRefused where the field cannot hold the new values.
        """
        block = self._block()
        if self.is_filling(feature):
            return
        name = feature.name
        if coming := versions.filling_version(block):
            raise ModelMismatch(
                f"the values of {coming.feature!r} are being filled in: end that first, with "
                f"the settings it was begun with, by `python -m indexer backfill {coming.feature}`"
            )
        if standby := versions.standby_version(block):
            raise ModelMismatch(
                f"the index holds {standby.name!r} beside the model in service: end that first "
                "with `python -m indexer swap-model finish`"
            )
        if self.is_newer(feature) and isinstance(feature, Relocatable):
            held = versions.version_in_service(block, name)
            raise ModelMismatch(
                f"the index holds {name} by {held.name!r}: to change its model, set "
                f"LOOKALIKE_NEXT_{name.upper()}_MODEL and use `python -m indexer swap-model`"
            )
        self._put_block(versions.with_filling(block, feature), {name: feature.mapping()})

    def finish(self) -> None:
        """Put the feature that is filled in into service: from now on it is searched by."""
        self._put_block(versions.with_filled(self._block()))

    def count(self, after: str = "") -> int:
        """Return how many documents there are behind an id, as far as is searchable."""
        body = {"size": 0, "track_total_hits": True, "query": {"range": {"id": {"gt": after}}}}
        return int(self._gateway.search(self.name, body)["hits"]["total"]["value"])

    def pages_from(self, after: str) -> Iterator[list[StoredDocument]]:
        """Yield all documents by id from behind `after`, page by page."""
        return self.pages({"match_all": {}}, after)

    def pages_pending(self, feature: Feature) -> Iterator[list[StoredDocument]]:
        """Yield the documents with a picture that still waits for a slow feature."""
        return self.pages(having_pictures({"term": {f"{PICTURES}.{PENDING}": feature.name}}))

    def _block(self) -> Json:
        return self._meta()["lookalike"]
