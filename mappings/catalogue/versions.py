"""Which version of a feature an index holds in which field, and which of them is in service.

An index holds one version of every feature, and for as long as a model is being changed a second
one of one feature, `beside` it, in a field of its own. Its `_meta.lookalike` says so:

    features   name → fingerprint of the version in service
    fields     product field → kind (`mappings.catalogue.fields`); a bank has none
    placed     name → {field, name}, for features that do not lie in the field of their own name
    beside     {feature, field, name, fingerprint, previous, learned}

Everything else there was learned of the index as it answers with the versions in service. A switch
exchanges both together, so what was measured of one model is never used with the other. Field names
count up and are never used twice: what lies in an old one keeps its meaning.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from features.base import Feature, Json
from features.capabilities import Identified, Relocatable
from features.registry import Registry

STRUCTURE_KEYS = frozenset({"format", "features", "fields", "placed", "beside"})


@dataclass(frozen=True)
class ModelVersion:
    """The values of one model in an index.

    `name` is what people call it by. `previous` says that a version beside the one in service was
    in service before it.
    """

    feature: str
    field: str
    name: str
    fingerprint: Mapping[str, Json]
    in_service: bool = True
    was_in_service: bool = False


def fingerprint(feature: Feature) -> dict[str, Any]:
    """Return what two sides must share for this feature's values to be comparable."""
    identity = feature.identity() if isinstance(feature, Identified) else None
    return {"version": feature.version, **({"identity": identity} if identity else {})}


def field_of(feature: Feature) -> str:
    """Return the field a feature owns within a picture's document."""
    return feature.field if isinstance(feature, Relocatable) else feature.name


def with_field(feature: Feature, field: str) -> Feature:
    """Return a feature with its values in a field; one that cannot move stays where it is."""
    return feature.with_field(field) if isinstance(feature, Relocatable) else feature


def models_tag(registry: Registry) -> str:
    """Return a short name for the models of a registry: the same for the same fingerprints."""
    models = {name: fingerprint(f) for name, f in registry.items() if isinstance(f, Relocatable)}
    plain = json.dumps(models, sort_keys=True).encode()
    return hashlib.sha256(plain).hexdigest()[:12] if models else ""


def first_model_name(registry: Registry) -> str:
    """Return the model's own name of the first feature that can be held twice; '' without one."""
    models = (model_label(fingerprint(f)) for f in registry.values() if isinstance(f, Relocatable))
    return next(models, "")


def stored_versions(meta: Mapping[str, Json]) -> Iterator[ModelVersion]:
    """Yield every version that `_meta.lookalike` tells of; the one beside comes last."""
    for feature, mark in meta.get("features", {}).items():
        placed = meta.get("placed", {}).get(feature, {})
        name = placed.get("name") or model_label(mark) or feature
        yield ModelVersion(feature, placed.get("field", feature), name, mark)
    if aside := standby_version(meta):
        yield aside


def standby_version(meta: Mapping[str, Json]) -> ModelVersion | None:
    """Return the second version of a feature, if the index holds one."""
    one = meta.get("beside")
    if not one:
        return None
    return ModelVersion(
        one["feature"], one["field"], one["name"], one["fingerprint"], False, one["previous"]
    )


def version_in_service(meta: Mapping[str, Json], feature: str) -> ModelVersion:
    """Return a feature's version in service; KeyError for one the index does not hold."""
    found = {one.feature: one for one in stored_versions(meta) if one.in_service}
    return found[feature]


def model_label(mark: Mapping[str, Json]) -> str:
    """Return the model's own name out of a fingerprint; '' where there is none."""
    return str((mark.get("identity") or {}).get("model", ""))


def features_in_service(
    registry: Registry, spare: Iterable[Feature], meta: Mapping[str, Json]
) -> Registry:
    """Return the features as they are in service: that very version, in its field.

    `spare` are further versions that can be had here; where none is the one in service, the
    feature stays as it was.
    """
    loaded = (*registry.values(), *spare)
    for version in stored_versions(meta):
        same = [
            one for one in loaded if one.name == version.feature and is_version_of(one, version)
        ]
        if version.in_service and same and version.feature in registry:
            registry = registry.with_feature(with_field(same[0], version.field))
    return registry


def is_version_of(feature: Feature, version: ModelVersion) -> bool:
    """Say whether a feature gives a version's values."""
    return feature.name == version.feature and fingerprint(feature) == version.fingerprint


def meta_for(meta: Mapping[str, Json], registry: Registry) -> Mapping[str, Json]:
    """Return `_meta.lookalike` as it is where these features answer.

    What was learned of the version beside is told to whoever sees with that one.
    """
    return with_versions_exchanged(meta) if _sees_beside(meta, registry) else meta


def with_block(
    meta: Mapping[str, Json], registry: Registry, key: str, block: Json
) -> dict[str, Json]:
    """Return `_meta.lookalike` with what was learned of the index as these features answer.

    Learned of the version beside, it lies with that one until a switch.
    """
    if not _sees_beside(meta, registry):
        return {**meta, key: block}
    aside = meta["beside"]
    return {**meta, "beside": {**aside, "learned": {**aside["learned"], key: block}}}


def _sees_beside(meta: Mapping[str, Json], registry: Registry) -> bool:
    aside = standby_version(meta)
    feature = registry.get(aside.feature) if aside else None
    return bool(
        aside and feature and is_version_of(feature, aside) and field_of(feature) == aside.field
    )


def feature_names_by_field(registry: Registry) -> dict[str, str]:
    """Return for each field of a picture's document the name of the feature that owns it."""
    return {field_of(feature): name for name, feature in registry.items()}


def values_by_feature(picture: Mapping[str, Json], names: Mapping[str, str]) -> dict[str, Json]:
    """Return a stored picture's document with every value under its feature's name.

    `names` are those of the features it is seen with. What another model of a feature put there
    is left out: it is never compared by mistake.
    """
    elsewhere = set(names.values()) - set(names)
    return {
        names.get(field, field): value for field, value in picture.items() if field not in elsewhere
    }


def with_standby(
    meta: Mapping[str, Json], feature: Feature, field: str, name: str
) -> dict[str, Json]:
    """Return `_meta.lookalike` with a version beside the one in service."""
    aside = {
        "feature": feature.name,
        "field": field,
        "name": name,
        "fingerprint": fingerprint(feature),
        "previous": False,
        "learned": {},
    }
    return {**meta, "beside": aside}


def with_versions_exchanged(meta: Mapping[str, Json]) -> dict[str, Json]:
    """Return `_meta.lookalike` with the version beside put in service, and the other beside it.

    Twice is as before.
    """
    aside = meta["beside"]
    feature = aside["feature"]
    now = version_in_service(meta, feature)
    learned = {name: value for name, value in meta.items() if name not in STRUCTURE_KEYS}
    return {
        "format": meta["format"],
        "features": {**meta["features"], feature: aside["fingerprint"]},
        **({"fields": meta["fields"]} if "fields" in meta else {}),
        "placed": {
            **meta.get("placed", {}),
            feature: {"field": aside["field"], "name": aside["name"]},
        },
        "beside": {
            "feature": feature,
            "field": now.field,
            "name": now.name,
            "fingerprint": now.fingerprint,
            "previous": not aside["previous"],
            "learned": learned,
        },
        **aside["learned"],
    }


def without_standby(meta: Mapping[str, Json]) -> dict[str, Json]:
    """Return `_meta.lookalike` without the version beside, and what was learned of it."""
    return {name: value for name, value in meta.items() if name != "beside"}


def next_field_name(feature: str, fields: Iterable[str]) -> str:
    """Return a field name for another version of a feature: `embedding_2`, `embedding_3` …"""
    numbers = [
        int(number)
        for name in fields
        if name.startswith(f"{feature}_") and (number := name.removeprefix(f"{feature}_")).isdigit()
    ]
    return f"{feature}_{max(numbers, default=1) + 1}"
