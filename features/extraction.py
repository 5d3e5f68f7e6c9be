"""What every feature that answers while somebody waits sees in a picture."""

from collections.abc import Mapping

from features.base import Feature, Json, Picture
from features.capabilities import Deferred, QueryExpanding, QueryPhotoAware
from features.registry import Registry


def quick_features(registry: Registry) -> Registry:
    """Return the features that nobody has to wait for."""
    return Registry(one for one in registry.values() if not isinstance(one, Deferred))


def extract_stored(picture: Picture, fields: Mapping[str, Feature]) -> dict[str, Json]:
    """Return by field what an index keeps of the picture; absent signals are left out.

    `fields` are the features by the field that keeps their values, as in a registry or otherwise.
    """
    quick_ones = {name: one for name, one in fields.items() if not isinstance(one, Deferred)}
    return _present({name: one.extract([picture])[0] for name, one in quick_ones.items()})


def extract_query(picture: Picture, registry: Registry) -> dict[str, Json]:
    """Return by feature what the picture is asked with; absent signals are left out."""
    return _present(
        {name: extract_query_value(one, picture) for name, one in quick_features(registry).items()}
    )


def extract_query_value(feature: Feature, picture: Picture) -> Json | None:
    """Return what a feature asks with: a richer value than it stores, where it has one."""
    extract = feature.extract_query if isinstance(feature, QueryExpanding) else feature.extract
    (value,) = extract([picture])
    return value


def extract_photo_value(
    feature: Feature, picture: Picture, *, accurate: bool = False
) -> Json | None:
    """Return what a feature asks with for a shopper's photo, which may be no catalogue picture."""
    if not isinstance(feature, QueryPhotoAware):
        return extract_query_value(feature, picture)
    (value,) = feature.extract_photo([picture], accurate=accurate)
    return value


def _present(values: dict[str, Json | None]) -> dict[str, Json]:
    return {name: value for name, value in values.items() if value is not None}
