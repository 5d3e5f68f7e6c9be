"""What two pictures say about each other: every signal's value, in its own units."""

from collections.abc import Mapping

from app.trust.side import Side
from features.base import Json, Measurable, Proving
from features.geometry.alignment import Alignment
from features.registry import Registry

FROM_ALIGNMENT = (
    "inliers", "matches", "residual", "spread", "coverage", "agreement", "exactness",
    "exactness_low", "exactness_coarse", "disagreement", "disagreement_coarse",
    "disagreement_weight", "blob", "drawn_in_both", "drawn_in_one", "overlap_colour",
    "colour_blob", "colour_share", "tint", "tint_shift", "tint_gain", "tint_grey", "drawn",
)  # fmt: skip
"""Signals the geometric check gives; absent where one picture can't be laid over the other."""


def distances(examined: Side, candidate: Side, registry: Registry) -> dict[str, float]:
    """Return ``<feature>_distance`` for every feature that can compare and saw both pictures."""
    found: dict[str, float] = {}
    for name, feature in registry.items():
        ours, theirs = examined.values.get(name), candidate.values.get(name)
        if ours is None or theirs is None or not isinstance(feature, Measurable):
            continue
        found[f"{name}_distance"] = round(feature.distance(ours, theirs), 6)
    return found


def is_proved_same_file(examined: Side, candidate: Side, registry: Registry) -> bool:
    """Say whether a feature that proves `same_file` holds the same value for both."""
    return any(
        isinstance(feature, Proving)
        and feature.proves == "same_file"
        and examined.values.get(name) is not None
        and examined.values[name] == candidate.values.get(name)
        for name, feature in registry.items()
    )


def aligned(alignment: Alignment | None) -> dict[str, float]:
    """Return the signals of the geometric check; {} without an alignment."""
    if alignment is None:
        return {}
    whole: Mapping[str, float] = {
        **alignment.details,
        "inliers": alignment.inliers,
        "matches": alignment.matches,
        "coverage": alignment.coverage,
    }
    return {name: whole[name] for name in FROM_ALIGNMENT if name in whole}


def context(examined: Mapping[str, Json], candidate: Mapping[str, Json]) -> dict[str, float]:
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
