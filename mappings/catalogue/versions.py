"""The versions of each feature that an index holds, their fields, and which is in service.

An index holds one version of every feature. While a model is being changed it holds a second
version of one feature, on standby, in a field of its own (`beside` in `_meta.lookalike`):

    features   name → fingerprint of the version in service
    fields     product field → kind (`mappings.catalogue.fields`); a bank has none
    placed     name → {field, name}, for features that do not lie in the field of their own name
    beside     {feature, field, name, fingerprint, previous, learned}
    filling    {feature, fingerprint}, while a feature's values are being filled in: it is written
               where it is loaded, and searched by nobody

Everything else there was measured on the index with the versions in service. A switch exchanges
both together, so what was measured with one model is never used with the other. Field names count
up and are never reused, so an old field's values keep their meaning.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from features.base import Feature, Json
from features.capabilities import Relocatable
from features.fingerprint import fingerprint
from features.registry import Registry

STRUCTURE_KEYS = frozenset({"format", "features", "fields", "placed", "beside", "filling"})


@dataclass(frozen=True)
class ModelVersion:
    """The values of one model in an index.

    `name` is what people call it. `was_in_service` says that a version on standby was in service
    before the present one.
    """

    feature: str
    field: str
    name: str
    fingerprint: Mapping[str, Json]
    in_service: bool = True
    was_in_service: bool = False


def field_of(feature: Feature) -> str:
    """Return the field a feature owns within a picture's document."""
    return feature.field if isinstance(feature, Relocatable) else feature.name


def with_field(feature: Feature, field: str) -> Feature:
    """Return a feature with its values in this field; a feature that can't move is unchanged."""
    return feature.with_field(field) if isinstance(feature, Relocatable) else feature


def models_tag(registry: Registry) -> str:
    """Return a short hash of a registry's models: equal for equal fingerprints, '' without any."""
    models = {name: fingerprint(f) for name, f in registry.items() if isinstance(f, Relocatable)}
    plain = json.dumps(models, sort_keys=True).encode()
    return hashlib.sha256(plain).hexdigest()[:12] if models else ""


def first_model_name(registry: Registry) -> str:
    """Return the model's name of the first relocatable feature; '' without one."""
    models = (model_label(fingerprint(f)) for f in registry.values() if isinstance(f, Relocatable))
    return next(models, "")


def stored_versions(meta: Mapping[str, Json]) -> Iterator[ModelVersion]:
    """Yield every version that `_meta.lookalike` names, the one on standby last."""
    for feature, mark in meta.get("features", {}).items():
        placed = meta.get("placed", {}).get(feature, {})
        name = placed.get("name") or model_label(mark) or feature
        yield ModelVersion(feature, placed.get("field", feature), name, mark)
    if standby := standby_version(meta):
        yield standby


def standby_version(meta: Mapping[str, Json]) -> ModelVersion | None:
    """Return the version on standby, if the index holds one."""
    block = meta.get("beside")
    if not block:
        return None
    return ModelVersion(
        block["feature"],
        block["field"],
        block["name"],
        block["fingerprint"],
        False,
        block["previous"],
    )


def filling_version(meta: Mapping[str, Json]) -> ModelVersion | None:
    """Return the version whose values are being filled in, in the field of its feature's name."""
    block = meta.get("filling")
    if not block:
        return None
    name, mark = block["feature"], block["fingerprint"]
    return ModelVersion(name, name, model_label(mark) or name, mark, in_service=False)


def without_filling(registry: Registry, meta: Mapping[str, Json]) -> Registry:
    """Return the features that can be searched by: a feature has too few values while filled in."""
    coming = filling_version(meta)
    if coming is None:
        return registry
    return Registry(feature for name, feature in registry.items() if name != coming.feature)


def with_filling(meta: Mapping[str, Json], feature: Feature) -> dict[str, Json]:
    """Return `_meta.lookalike` with a feature whose values are being filled in."""
    return {**meta, "filling": {"feature": feature.name, "fingerprint": fingerprint(feature)}}


def with_filled(meta: Mapping[str, Json]) -> dict[str, Json]:
    """Return `_meta.lookalike` with the feature that is filled in among those in service."""
    block = meta["filling"]
    features = {**meta["features"], block["feature"]: block["fingerprint"]}
    others = {name: value for name, value in meta.items() if name != "filling"}
    return {**others, "features": dict(sorted(features.items()))}


def version_in_service(meta: Mapping[str, Json], feature: str) -> ModelVersion:
    """Return a feature's version in service; KeyError for a feature the index doesn't hold."""
    return {v.feature: v for v in stored_versions(meta) if v.in_service}[feature]


def model_label(mark: Mapping[str, Json]) -> str:
    """Return the model's name from a fingerprint; '' where there is none."""
    return str((mark.get("identity") or {}).get("model", ""))


def features_in_service(
    registry: Registry, spare: Iterable[Feature], meta: Mapping[str, Json]
) -> Registry:
    """Return the features with the version in service of each, in its field.

    `spare` are further loaded versions. A feature whose version in service isn't loaded stays as
    it is; one whose values are being filled in is left out.
    """
    registry = without_filling(registry, meta)
    loaded = (*registry.values(), *spare)
    for version in stored_versions(meta):
        same = [feature for feature in loaded if is_version_of(feature, version)]
        if version.in_service and same and version.feature in registry:
            registry = registry.with_feature(with_field(same[0], version.field))
    return registry


def is_version_of(feature: Feature, version: ModelVersion) -> bool:
    """Say whether a feature produces a version's values."""
    return feature.name == version.feature and fingerprint(feature) == version.fingerprint


def meta_for(meta: Mapping[str, Json], registry: Registry) -> Mapping[str, Json]:
    """Return `_meta.lookalike` for searches with these features.

    With the version on standby, that is what was measured with it.
    """
    return with_versions_exchanged(meta) if _has_standby_features(meta, registry) else meta


def with_block(
    meta: Mapping[str, Json], registry: Registry, key: str, block: Json
) -> dict[str, Json]:
    """Return `_meta.lookalike` with what was measured on the index with these features.

    Measured with the version on standby, it is kept with that version until a switch.
    """
    if not _has_standby_features(meta, registry):
        return {**meta, key: block}
    standby = meta["beside"]
    return {**meta, "beside": {**standby, "learned": {**standby["learned"], key: block}}}


def _has_standby_features(meta: Mapping[str, Json], registry: Registry) -> bool:
    standby = standby_version(meta)
    feature = registry.get(standby.feature) if standby else None
    return bool(
        standby
        and feature
        and is_version_of(feature, standby)
        and field_of(feature) == standby.field
    )


def feature_names_by_field(registry: Registry) -> dict[str, str]:
    """Return for each field of a picture's document the name of the feature that owns it."""
    return {field_of(feature): name for name, feature in registry.items()}


def values_by_feature(picture: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    """Return a stored picture's document with every value under its feature's name.

    `names` are those of the features in use, by field. Values of other models are left out,
    so they are never compared by mistake.
    """
    elsewhere = set(names.values()) - set(names)
    return {
        names.get(field, field): value for field, value in picture.items() if field not in elsewhere
    }


def with_standby(
    meta: Mapping[str, Json], feature: Feature, field: str, name: str
) -> dict[str, Json]:
    """Return `_meta.lookalike` with a version on standby."""
    standby = {
        "feature": feature.name,
        "field": field,
        "name": name,
        "fingerprint": fingerprint(feature),
        "previous": False,
        "learned": {},
    }
    return {**meta, "beside": standby}


def with_versions_exchanged(meta: Mapping[str, Json]) -> dict[str, Json]:
    """Return `_meta.lookalike` with the versions on standby and in service exchanged.

    Exchanging twice restores the original.
    """
    standby = meta["beside"]
    feature = standby["feature"]
    now = version_in_service(meta, feature)
    learned = {name: value for name, value in meta.items() if name not in STRUCTURE_KEYS}
    return {
        "format": meta["format"],
        "features": {**meta["features"], feature: standby["fingerprint"]},
        **({"fields": meta["fields"]} if "fields" in meta else {}),
        "placed": {
            **meta.get("placed", {}),
            feature: {"field": standby["field"], "name": standby["name"]},
        },
        "beside": {
            "feature": feature,
            "field": now.field,
            "name": now.name,
            "fingerprint": now.fingerprint,
            "previous": not standby["previous"],
            "learned": learned,
        },
        **standby["learned"],
    }


def without_standby(meta: Mapping[str, Json]) -> dict[str, Json]:
    """Return `_meta.lookalike` without the version on standby and what was measured with it."""
    return {name: value for name, value in meta.items() if name != "beside"}


def next_field_name(feature: str, fields: Iterable[str]) -> str:
    """Return a field name for another version of a feature: `embedding_2`, `embedding_3` …"""
    numbers = [
        int(number)
        for name in fields
        if name.startswith(f"{feature}_") and (number := name.removeprefix(f"{feature}_")).isdigit()
    ]
    return f"{feature}_{max(numbers, default=1) + 1}"
