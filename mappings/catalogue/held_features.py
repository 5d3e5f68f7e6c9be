"""Compares what an index holds, by its `_meta`, with the features and fields in use here."""

from collections.abc import Iterable, Iterator

from core.errors import InvalidSetting
from features.base import Feature, Json
from features.capabilities import Relocatable
from features.fingerprint import fingerprint
from features.registry import Registry
from mappings.catalogue.errors import ModelMismatch
from mappings.catalogue.fields import ProductField, ProductFields
from mappings.catalogue.products import FORMAT
from mappings.catalogue.shop_fields import SETTING
from mappings.catalogue.versions import (
    ModelVersion,
    field_of,
    filling_version,
    is_version_of,
    stored_versions,
    with_field,
)


def fields_to_add(stored: Json, fields: ProductFields) -> dict[str, ProductField]:
    """Return the fields that an index lacks; raises InvalidSetting for one of another kind.

    `stored` is the index's `_meta`. A field that is no longer in use stays where it is.
    """
    check_format(stored)
    kinds = stored["lookalike"].get("fields", {})
    for name, entry in fields.items():
        if kinds.get(name, entry.kind) != entry.kind:
            raise InvalidSetting(
                f"{SETTING}: field {name!r} is a {kinds[name]} in the index and a {entry.kind} "
                "here: write its old kind, give the field another name, or load the feed again "
                "with --rebuild"
            )
    return {name: entry for name, entry in fields.items() if name not in kinds}


def check_features(stored: Json, registry: Registry) -> None:
    """Raise ModelMismatch unless the index holds every feature in the same version and field.

    A feature whose values are being filled in may be missing, or have an older version. `stored` is
    the index's `_meta`.
    """
    coming = filling_version((stored or {}).get("lookalike", {}))
    there = {(version.feature, version.field): version for version in _stored_versions(stored)}
    for name, feature in registry.items():
        was = there.get((name, field_of(feature)))
        if coming is not None and is_version_of(feature, coming):
            continue
        if was is None or was.fingerprint != fingerprint(feature):
            raise _mismatch(feature, was or next(_versions(stored, name), None))


def features_to_write(
    stored: Json, registry: Registry, spare: Iterable[Feature] = ()
) -> dict[str, Feature]:
    """Return what to store of every picture: one feature per field, each version the index holds.

    `spare` are further loaded versions. Raises ModelMismatch where a version that the index holds
    isn't loaded: a document written without it would look complete and never be filled in. Also
    where the index lacks a feature of `registry`. A feature whose values are being filled in is
    written where it is loaded, and otherwise filled in later.
    """
    spares = tuple(spare)
    coming = filling_version((stored or {}).get("lookalike", {}))
    written: dict[str, Feature] = {}
    for version in _stored_versions(stored):
        loaded = [f for f in (*registry.values(), *spares) if f.name == version.feature]
        same = [feature for feature in loaded if is_version_of(feature, version)]
        if coming is not None and coming.feature == version.feature:
            same = [one for one in loaded if is_version_of(one, coming)] or same
        if not same:
            raise _not_loaded(version, loaded)
        feature = same[0]
        written[version.field] = with_field(feature, version.field)
    if coming is not None:
        for feature in (*registry.values(), *spares):
            if is_version_of(feature, coming):
                written[coming.field] = feature
    for name, feature in registry.items():
        if name not in {written_feature.name for written_feature in written.values()}:
            raise _mismatch(feature, None)
    return written


def check_format(stored: Json) -> None:
    """Raise ModelMismatch unless an index's `_meta` is of the format this version reads."""
    found = (stored or {}).get("lookalike", {}).get("format")
    if found != FORMAT:
        raise ModelMismatch(
            f"the index has format {found}, this version needs {FORMAT}; "
            "load the feed again with --rebuild"
        )


def _stored_versions(stored: Json) -> tuple[ModelVersion, ...]:
    check_format(stored)
    return tuple(stored_versions(stored["lookalike"]))


def _versions(stored: Json, name: str) -> Iterator[ModelVersion]:
    return (version for version in _stored_versions(stored) if version.feature == name)


def _mismatch(feature: Feature, was: ModelVersion | None) -> ModelMismatch:
    cure = (
        "change its model with `python -m indexer swap-model`"
        if was is not None and isinstance(feature, Relocatable)
        else f"fill its values in with `python -m indexer backfill {feature.name}`"
    )
    return ModelMismatch(
        f"the index was built with {feature.name} = {was.fingerprint if was else None}, "
        f"and here it is {fingerprint(feature)}; use the settings the index was built with, "
        f"{cure}, or load the feed again with --rebuild"
    )


def _not_loaded(version: ModelVersion, loaded: Iterable[Feature]) -> ModelMismatch:
    """Return why a version that an index holds can't be written here."""
    feature = next(iter(loaded), None)
    if feature is None:
        return ModelMismatch(
            f"the index also holds {version.feature}; to leave it out, load with --rebuild"
        )
    if version.in_service:
        return _mismatch(feature, version)
    return ModelMismatch(
        f"the index also holds {version.feature} by {version.name!r}, which is not loaded here: "
        f"set LOOKALIKE_NEXT_{version.feature.upper()}_* to that model, "
        "or end the change with `python -m indexer swap-model finish`"
    )
