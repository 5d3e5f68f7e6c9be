"""One change of model over the products' index and the banks': begin, switch, undo, finish.

What the products' index has in service decides; the banks hold the same versions in the same
fields, so that the trust desk goes on comparing like with like whichever is in service.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.errors import InvalidSetting
from features.base import Feature
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
    """`indices` are all that hold pictures, the products' first; those that do not exist do not."""

    def __init__(self, indices: Sequence[ModelSwap]) -> None:
        self._products, *others = indices
        self._others = [one for one in others if one.exists]

    @property
    def indices(self) -> list[ModelSwap]:
        """The indices there are, the products' last: what they say is what everybody goes by."""
        return [*self._others, self._products]

    def begin(
        self, feature: Feature, registry: Registry, spare: Iterable[Feature], name: str = ""
    ) -> ModelVersion:
        """Make room for a version in every index, beside the one in service; nothing is filled in.

        Begun already, it goes on from there. Raises ModelMismatch where the index holds other
        models than are loaded here, has a second version already, or this one in service.
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
        found = self._products.version_of(feature)
        assert found is not None, "it was just begun"
        return found

    def versions(self) -> list[VersionStatus]:
        """Return the versions of the feature that is being changed, that in service first."""
        aside = self._products.standby()
        if aside is None:
            return []
        return [
            VersionStatus(version, sum(index.count_lacking(version) for index in self.indices))
            for version in self._products.versions()
            if version.feature == aside.feature
        ]

    def switch(self, *, allow_missing: bool = False) -> ModelVersion:
        """Put the new version in service; return it. Raises ModelMismatch while pictures lack it.

        With `allow_missing`, those are found again only by what else is known of them.
        """
        new = self._standby(previous=False)
        lacking = sum(index.count_lacking(new) for index in self.indices)
        if lacking and not allow_missing:
            raise ModelMismatch(
                f"{lacking} pictures lack what {new.name!r} sees: fill them in with `python -m "
                "indexer swap-model begin`, or leave them out with `switch --even-so`"
            )
        self._exchange()
        return new

    def undo(self) -> ModelVersion:
        """Put the version in service that was so before the switch; return it."""
        old = self._standby(previous=True)
        self._exchange()
        return old

    def finish(self) -> ModelVersion:
        """Let go of the version that is not in service; return it. Its values are still there."""
        gone = self._products.standby()
        if gone is None:
            raise ModelMismatch("the index holds one version of every model: nothing to finish")
        self._products.remove_standby()
        for index in self._others:
            self._align(index)
            index.remove_standby()
        return gone

    def _exchange(self) -> None:
        self._products.exchange()
        for index in self._others:
            self._align(index)

    def _align(self, index: ModelSwap) -> None:
        """Have an index put in service what the products' index has; also after a broken run."""
        aside = index.standby()
        serving = [one for one in self._products.versions() if one.in_service]
        if aside is not None and (aside.feature, aside.field) in {
            (one.feature, one.field) for one in serving
        }:
            index.exchange()

    def _standby(self, *, previous: bool) -> ModelVersion:
        aside = self._products.standby()
        if aside is None:
            raise ModelMismatch(
                "the index holds one version of every model; "
                "`python -m indexer swap-model begin` adds another"
            )
        if aside.was_in_service != previous:
            raise ModelMismatch(
                f"{aside.name!r} was in service before; `python -m indexer swap-model undo` puts "
                "it there again"
                if aside.was_in_service
                else f"nothing was switched yet: {aside.name!r} is only held beside"
            )
        return aside

    def _is_only(self, version: ModelVersion) -> bool:
        return version.in_service and self._products.standby() is None

    def _name(self, feature: Feature) -> str:
        """Return the model's own name, or where that is taken, one that nobody else has."""
        mark = versions.fingerprint(feature)
        name = versions.model_label(mark) or feature.name
        taken = {one.name for one in self._products.versions()}
        return (
            name if name not in taken else f"{name}-{versions.models_tag(Registry([feature]))[:6]}"
        )


def choose_feature(coming: Sequence[Feature], name: str = "") -> Feature:
    """Return the feature to change; raises InvalidSetting where the settings leave it open."""
    wanted = [feature for feature in coming if name in ("", feature.name)]
    if not wanted:
        which = (name or "embedding").upper()
        raise InvalidSetting(
            f"no next model is set: set LOOKALIKE_NEXT_{which}_MODEL, or what else of "
            f"LOOKALIKE_{which}_* is to be another, with NEXT_ in front; for the web server too"
        )
    if len(wanted) > 1:
        names = ", ".join(feature.name for feature in wanted)
        raise InvalidSetting(f"next models are set of {names}: say which, with --feature")
    return wanted[0]
