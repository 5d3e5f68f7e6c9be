"""The signals of a pair of pictures, each in its own unit."""

from collections.abc import Iterable, Mapping

from app.trust.examination.compared_picture import ComparedPicture
from features.base import Json
from features.capabilities import Conclusive, Measurable
from features.geometry.alignment import Alignment
from features.registry import Registry


def measurable_features(registry: Registry) -> dict[str, Measurable]:
    """Return the features that can compare two values, by name."""
    return {name: feature for name, feature in registry.items() if isinstance(feature, Measurable)}


def file_proving_features(registry: Registry) -> tuple[str, ...]:
    """Return the names of the features whose equal values prove the same file."""
    return tuple(
        name
        for name, feature in registry.items()
        if isinstance(feature, Conclusive) and feature.relation == "same_file"
    )


def distances(
    examined: ComparedPicture, candidate: ComparedPicture, features: Mapping[str, Measurable]
) -> dict[str, float]:
    """Return ``<feature>_distance`` for each of the features with a value for both pictures."""
    measured: dict[str, float] = {}
    for name, feature in features.items():
        value, other = examined.values.get(name), candidate.values.get(name)
        if value is not None and other is not None:
            measured[f"{name}_distance"] = round(feature.distance(value, other), 6)
    return measured


def is_same_file(
    examined: ComparedPicture, candidate: ComparedPicture, proving: Iterable[str]
) -> bool:
    """Say whether one of the features named in `proving` has the same value for both."""
    return any(
        examined.values.get(name) is not None
        and examined.values[name] == candidate.values.get(name)
        for name in proving
    )


def alignment_signals(alignment: Alignment | None) -> dict[str, float]:
    """Return the signals of the geometric check; {} where the pictures can't be aligned."""
    if alignment is None:
        return {}
    return {
        "inliers": alignment.inliers,
        "matches": alignment.matches,
        "coverage": alignment.coverage,
        **alignment.details,
    }


def listing_signals(
    examined: Mapping[str, Json], candidate: Mapping[str, Json]
) -> dict[str, float]:
    """Return 1 for each field in which the two listings agree, 0 where they differ.

    A field that either listing lacks is left out. `price_ratio` is the lower price over the higher.
    """
    values: dict[str, float] = {}
    for name in ("title", "brand", "gtin", "seller_id"):
        text, other = examined.get(name), candidate.get(name)
        if text and other:
            values[f"same_{name}"] = float(str(text).casefold() == str(other).casefold())
    prices = [examined.get("price"), candidate.get("price")]
    same_currency = examined.get("currency") == candidate.get("currency")
    if all(prices) and same_currency:
        low, high = sorted(float(price) for price in prices if price)
        values["price_ratio"] = round(low / high, 4)
    return values
