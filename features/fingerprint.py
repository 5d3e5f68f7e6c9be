"""What two programs must share for a feature's values to be comparable."""

from typing import Any

from features.base import Feature
from features.capabilities import Identified


def fingerprint(feature: Feature) -> dict[str, Any]:
    """Return the feature's version and, where it depends on one, its model's identity; JSON."""
    identity = feature.identity() if isinstance(feature, Identified) else None
    return {"version": feature.version, **({"identity": identity} if identity else {})}
