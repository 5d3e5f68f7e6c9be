"""Adds a second version of a feature to a live index, puts it in service, and removes one.

Adding the field, switching and undoing each take one request that changes `_meta`. Searches go on:
their services read every few seconds what the index holds (see `versions`). Documents are written
over the state they were read from, so a load that runs meanwhile loses nothing.
"""

from collections.abc import Iterable, Iterator

from features.base import Feature, Json
from features.fingerprint import fingerprint
from features.registry import Registry
from mappings.catalogue import held_features, versions
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.picture_index import PictureIndex, having_pictures
from mappings.catalogue.products import PICTURES
from mappings.catalogue.versions import ModelVersion
from mappings.engine.stored_document import StoredDocument


class ModelSwap(PictureIndex):
    """The model versions of the index behind an alias."""

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
        held_features.features_to_write(self._meta(), registry, spare)

    def add_standby(self, feature: Feature, field: str, name: str) -> ModelVersion:
        """Add the empty field of another version, on standby.

        Raises ModelMismatch where one is on standby already, or the version is in service.
        """
        block = self._meta()["lookalike"]
        if coming := versions.filling_version(block):
            raise ModelMismatch(
                f"the values of {coming.feature!r} are being filled in: end that first with "
                f"`python -m indexer backfill {coming.feature}`"
            )
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
        extended = versions.with_standby(block, feature, field, name)
        self._put_block(extended, {field: feature.mapping()})
        standby = versions.standby_version(extended)
        assert standby is not None
        return standby

    def exchange(self) -> None:
        """Swap the version on standby and the one in service, in one request."""
        self._put_block(versions.with_versions_exchanged(self._meta()["lookalike"]))

    def remove_standby(self) -> None:
        """Remove the version on standby: it is no longer searched or written."""
        self._put_block(versions.without_standby(self._meta()["lookalike"]))

    def count_lacking(self, version: ModelVersion) -> int:
        """Return how many pictures have another version's value but not this version's."""
        return self._count(self._lacks(version))

    def products_lacking(self, version: ModelVersion) -> Iterator[list[StoredDocument]]:
        """Yield the products with such pictures, by id, page by page, with all their vectors."""
        yield from self.pages(having_pictures(self._lacks(version)))

    def products_having(self, field: str) -> Iterator[list[StoredDocument]]:
        """Yield the products whose pictures have a value in a field, as `products_lacking` does."""
        yield from self.pages(having_pictures({"exists": {"field": f"{PICTURES}.{field}"}}))

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
