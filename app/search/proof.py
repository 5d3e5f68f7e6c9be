"""What a hit's signals prove by themselves."""

from collections.abc import Iterable

from features.capabilities import Conclusive
from features.registry import Registry


def proven_labels(names: Iterable[str], registry: Registry) -> set[str]:
    """Return the rungs that the features of these names prove by having matched."""
    rungs: set[str] = set()
    for name in names:
        feature = registry.get(name)
        if isinstance(feature, Conclusive):
            rungs.add(feature.relation)
    return rungs
