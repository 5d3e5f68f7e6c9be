"""Replaces a model in the products' index and the banks together: begin, switch, undo, finish.

The products' index decides which version is in service. The banks hold the same versions in the
same fields, so that the trust desk always compares values of one model.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import InvalidSetting
from features.base import Feature
from features.fingerprint import fingerprint
from features.registry import Registry
from mappings.catalogue import versions
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.model_swap import ModelSwap
from mappings.catalogue.versions import ModelVersion


@dataclass(frozen=True)
class VersionStatus:
    """A version in the products' index, and how many pictures of all indices lack its value."""

    version: ModelVersion
    lacking: int


class SwapCoordinator:
    """Replaces a model in all `indices`, the products' first; ignores those that do not exist."""

    def __init__(self, indices: Sequence[ModelSwap]) -> None:
        self._products, *others = indices
        self._others = [index for index in others if index.exists]

    @property
    def indices(self) -> list[ModelSwap]:
        """The existing indices, the products' last, because it decides what is in service."""
        return [*self._others, self._products]

    def begin(
        self, feature: Feature, registry: Registry, spare: Iterable[Feature], name: str = ""
    ) -> ModelVersion:
        """Add a standby version to every index, without values, and return it.

        Continues if it was begun before. Raises ModelMismatch if an index holds models that are
        not loaded, has another standby version, or has this version in service.
        """
        spares = list(spare)
        for index in self.indices:
            index.check_loadable(registry, spares)
        known = [version for index in self.indices if (version := index.version_of(feature))]
        field = (
            known[0].field
            if known
            else versions.next_field_name(
                feature.name, [f for i in self.indices for f in i.fields()]
            )
        )
        for index in self.indices:
            present = index.version_of(feature)
            if present is None or (index is self._products and self._is_only(present)):
                index.add_standby(feature, field, name or self._name(feature))
        version = self._products.version_of(feature)
        assert version is not None, "it was just added"
        return version

    def versions(self) -> list[VersionStatus]:
        """Return the versions of the feature being replaced, that in service first, or []."""
        standby = self._products.standby()
        if standby is None:
            return []
        return [
            VersionStatus(version, sum(index.count_lacking(version) for index in self.indices))
            for version in self._products.versions()
            if version.feature == standby.feature
        ]

    def switch(self, *, allow_missing: bool = False) -> ModelVersion:
        """Put the next version in service and return it.

        Raises ModelMismatch while pictures lack its value, unless `allow_missing`: then those
        pictures are found by their other features only.
        """
        new = self._standby(previous=False)
        lacking = sum(index.count_lacking(new) for index in self.indices)
        if lacking and not allow_missing:
            raise ModelMismatch(
                f"{lacking} pictures lack a value by {new.name!r}: fill them in with `python -m "
                "indexer swap-model begin`, or switch without them by `switch --even-so`"
            )
        self._exchange()
        return new

    def undo(self) -> ModelVersion:
        """Put the previous version back in service and return it."""
        old = self._standby(previous=True)
        self._exchange()
        return old

    def finish(self) -> ModelVersion:
        """Remove the standby version and return it; its values remain until they are cleared."""
        removed = self._products.standby()
        if removed is None:
            raise ModelMismatch("the index holds one version of every model: nothing to finish")
        self._products.remove_standby()
        for index in self._others:
            self._align(index)
            index.remove_standby()
        return removed

    def _exchange(self) -> None:
        self._products.exchange()
        for index in self._others:
            self._align(index)

    def _align(self, index: ModelSwap) -> None:
        """Put in service what the products' index has in service, also after an interrupted run."""
        standby = index.standby()
        in_service = [one for one in self._products.versions() if one.in_service]
        if standby is not None and (standby.feature, standby.field) in {
            (one.feature, one.field) for one in in_service
        }:
            index.exchange()

    def _standby(self, *, previous: bool) -> ModelVersion:
        standby = self._products.standby()
        if standby is None:
            raise ModelMismatch(
                "the index holds one version of every model; "
                "`python -m indexer swap-model begin` adds another"
            )
        if standby.was_in_service != previous:
            raise ModelMismatch(
                f"{standby.name!r} is the previous version; `python -m indexer swap-model undo` "
                "puts it back in service"
                if standby.was_in_service
                else f"nothing to undo: {standby.name!r} has not been in service yet"
            )
        return standby

    def _is_only(self, version: ModelVersion) -> bool:
        return version.in_service and self._products.standby() is None

    def _name(self, feature: Feature) -> str:
        """Return the model's own name, with a suffix if it is taken."""
        mark = fingerprint(feature)
        name = versions.model_label(mark) or feature.name
        taken = {one.name for one in self._products.versions()}
        return (
            name if name not in taken else f"{name}-{versions.models_tag(Registry([feature]))[:6]}"
        )


def choose_feature(coming: Sequence[Feature], name: str = "") -> Feature:
    """Return the feature to replace. Raises InvalidSetting unless the settings name exactly one."""
    matching = [feature for feature in coming if name in ("", feature.name)]
    if not matching:
        which = (name or "embedding").upper()
        raise InvalidSetting(
            f"no next model is set: set LOOKALIKE_NEXT_{which}_MODEL, or any other setting of "
            f"LOOKALIKE_{which}_* that changes, with NEXT_ in it, here and for the web servers"
        )
    if len(matching) > 1:
        names = ", ".join(feature.name for feature in matching)
        raise InvalidSetting(f"next models are set for {names}: choose with --feature")
    return matching[0]
