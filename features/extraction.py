"""Extracts the values of all features that are fast enough for a live request."""

from collections.abc import Mapping

from features.base import Feature, Json, Picture
from features.capabilities import Conclusive, Deferred, QueryExpanding, QueryPhotoAware
from features.registry import Registry

SAME_FILE = "same_file"
"""What a feature proves that compares files and not pixels."""


def quick_features(registry: Registry) -> Registry:
    """Return the features that are not deferred."""
    return Registry(one for one in registry.values() if not isinstance(one, Deferred))


def candidate_features(weights: Mapping[str, float], registry: Registry) -> list[str]:
    """Return the features whose matches a duplicate check examines.

    Those that propose candidates and are quick, except where their weight is set to 0.
    """
    return [
        name
        for name, feature in quick_features(registry).items()
        if feature.proposes_candidates and weights[name] > 0
    ]


def compared_features(fields: Mapping[str, Feature]) -> dict[str, Feature]:
    """Return the features that a part of a picture is compared by.

    They propose candidates from pixels: a part has no file that could be equal.
    """
    return {
        field: one
        for field, one in fields.items()
        if one.proposes_candidates
        and not isinstance(one, Deferred)
        and not (isinstance(one, Conclusive) and one.relation == SAME_FILE)
    }


def extract_stored(picture: Picture, fields: Mapping[str, Feature]) -> dict[str, Json]:
    """Return the values to store of a picture, by field; absent signals are left out.

    `fields` are the features by the field that holds their values.
    """
    quick = {field: one for field, one in fields.items() if not isinstance(one, Deferred)}
    return _present({field: one.extract([picture])[0] for field, one in quick.items()})


def extract_query(picture: Picture, registry: Registry) -> dict[str, Json]:
    """Return the values to search with, by feature; absent signals are left out."""
    return _present(
        {name: extract_query_value(one, picture) for name, one in quick_features(registry).items()}
    )


def extract_query_value(feature: Feature, picture: Picture) -> Json | None:
    """Return the value to search with: a richer one than is stored, where the feature has one."""
    extract = feature.extract_query if isinstance(feature, QueryExpanding) else feature.extract
    (value,) = extract([picture])
    return value


def extract_photo_value(
    feature: Feature, picture: Picture, *, accurate: bool = False
) -> Json | None:
    """Return the value to search with for a shopper's photo, which may be no catalogue picture."""
    if not isinstance(feature, QueryPhotoAware):
        return extract_query_value(feature, picture)
    (value,) = feature.extract_photo([picture], accurate=accurate)
    return value


def _present(values: dict[str, Json | None]) -> dict[str, Json]:
    return {name: value for name, value in values.items() if value is not None}
