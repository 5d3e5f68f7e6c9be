"""What can be checked of a plug-in before it is used: a line for each broken promise.

`features.conformance` tests all of the contract; this is the part that costs nothing, and that a
plug-in made for another version of it would break.
"""

import json
import math
import re

from features.base import Feature, RegionFinder
from features.capabilities import Conclusive, Confident, Faceted, Measurable

NAME_PATTERN = re.compile(r"[a-z][a-z0-9_]*")

RELATIONS = ("same_file", "same_photo")

MAX_WEIGHT = 1000.0

RESERVED_NAMES = frozenset(
    {
        "image_id",
        "url",
        "width",
        "height",
        "source",
        "box",
        "part",
        "added_at",
        "expires_at",
        "pending",
    }
) | frozenset({"text", "words", "mean", "unlike"})
"""Fields of a picture's document that are no feature's, and names that signals bear."""


def name_violations(plug_in: object, name: str) -> list[str]:
    """Return what is wrong with the name of a plug-in whose entry point bears `name`."""
    own = getattr(plug_in, "name", None)
    if own != name:
        return [f"its name is {own!r}, and its entry point's {name!r}"]
    if not NAME_PATTERN.fullmatch(name):
        return [f"the name {name!r} is not {NAME_PATTERN.pattern}"]
    return []


def feature_violations(feature: object, name: str) -> list[str]:
    """Return what a feature, built by the entry point of this name, breaks of the contract."""
    parts = (*Feature.__annotations__, "mapping", "extract", "clause")
    if missing := [part for part in parts if not hasattr(feature, part)]:
        return [f"it is no feature: it lacks {', '.join(missing)}"]
    assert isinstance(feature, Feature)
    broken = name_violations(feature, name)
    field = getattr(feature, "field", feature.name)
    broken += [f"the name {own!r} is reserved" for own in {name, field} & RESERVED_NAMES]
    if not (isinstance(feature.version, int) and feature.version >= 1):
        broken.append(f"version is {feature.version!r}, not a whole number from 1")
    if not _is_number(feature.default_weight, MAX_WEIGHT):
        broken.append(f"default_weight is {feature.default_weight!r}, not a number from 0 to 1000")
    if not isinstance(feature.proposes_candidates, bool):
        broken.append(f"proposes_candidates is {feature.proposes_candidates!r}, not a bool")
    return [*broken, *_mapping_violations(feature), *_capability_violations(feature)]


def region_finder_violations(finder: object, name: str) -> list[str]:
    """Return what a region finder, built by the entry point of this name, breaks."""
    if not isinstance(finder, RegionFinder):
        return ["it is no region finder: it lacks name or find_regions"]
    return name_violations(finder, name)


def _mapping_violations(feature: Feature) -> list[str]:
    mapping = feature.mapping()
    if not isinstance(mapping, dict) or not mapping:
        return [f"mapping() returns {mapping!r}, not the mapping of a field"]
    if mapping is feature.mapping():
        return ["mapping() returns the same dict twice, not a fresh one"]
    try:
        json.dumps(mapping, allow_nan=False)
    except (TypeError, ValueError) as error:
        return [f"mapping() is no JSON: {error}"]
    return []


def _capability_violations(feature: Feature) -> list[str]:
    broken = []
    if hasattr(feature, "query_from_text") and not isinstance(
        getattr(feature, "is_lexical", None), bool
    ):
        broken.append("it can be searched with text, and is_lexical is not a bool")
    if isinstance(feature, Conclusive) and feature.relation not in RELATIONS:
        broken.append(f"relation is {feature.relation!r}, not one of {', '.join(RELATIONS)}")
    if isinstance(feature, Confident) and not _is_number(feature.confident_score, 1):
        broken.append(f"confident_score is {feature.confident_score!r}, not a number from 0 to 1")
    if isinstance(feature, Measurable) and not (feature.measures and _are_names(feature.measures)):
        broken.append(f"measures is {feature.measures!r}, not a tuple of names")
    if isinstance(feature, Faceted):
        field = feature.mapping().get("properties", {}).get(feature.facet, {})
        if field.get("type") != "keyword":
            broken.append(f"its mapping has no keyword {feature.facet!r}, which is its facet")
    return broken


def _is_number(value: object, most: float) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and math.isfinite(value)
        and 0 <= value <= most
    )


def _are_names(values: object) -> bool:
    return isinstance(values, tuple) and all(isinstance(value, str) for value in values)
