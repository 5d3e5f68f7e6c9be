"""What two pictures say about each other: every signal's value, in its own units."""

from collections.abc import Iterable, Mapping

from app.trust.examination.compared_picture import ComparedPicture
from features.base import Json
from features.capabilities import Conclusive, Measurable
from features.geometry.alignment import Alignment
from features.registry import Registry


def measurable_features(registry: Registry) -> dict[str, Measurable]:
    """Return the features that can compare two values, by name."""
    return {name: one for name, one in registry.items() if isinstance(one, Measurable)}


def file_proving_features(registry: Registry) -> tuple[str, ...]:
    """Return the names of the features whose equal values prove the same file."""
    return tuple(
        name
        for name, one in registry.items()
        if isinstance(one, Conclusive) and one.relation == "same_file"
    )


def distances(
    examined: ComparedPicture, candidate: ComparedPicture, features: Mapping[str, Measurable]
) -> dict[str, float]:
    """Return ``<feature>_distance`` for each of the features that saw both pictures."""
    found: dict[str, float] = {}
    for name, feature in features.items():
        ours, theirs = examined.values.get(name), candidate.values.get(name)
        if ours is not None and theirs is not None:
            found[f"{name}_distance"] = round(feature.distance(ours, theirs), 6)
    return found


def is_same_file(
    examined: ComparedPicture, candidate: ComparedPicture, proving: Iterable[str]
) -> bool:
    """Say whether one of the features named holds the same value for both."""
    return any(
        examined.values.get(name) is not None
        and examined.values[name] == candidate.values.get(name)
        for name in proving
    )


def alignment_signals(alignment: Alignment | None) -> dict[str, float]:
    """Return the signals of the geometric check: what keypoints say, and every further measure.

    {} where one picture can't be laid over the other.
    """
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
    """Return what the two listings' own words say: 1 where they agree, 0 where they differ.

    A field either leaves out says nothing. `price_ratio` is the lower price over the higher.
    """
    found: dict[str, float] = {}
    for name in ("title", "brand", "gtin", "seller_id"):
        ours, theirs = examined.get(name), candidate.get(name)
        if ours and theirs:
            found[f"same_{name}"] = float(str(ours).casefold() == str(theirs).casefold())
    prices = [examined.get("price"), candidate.get("price")]
    same_currency = examined.get("currency") == candidate.get("currency")
    if all(prices) and same_currency:
        low, high = sorted(float(price) for price in prices if price)
        found["price_ratio"] = round(low / high, 4)
    return found
