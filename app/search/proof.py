"""The labels that a hit's signals prove by themselves."""

from collections.abc import Iterable

from features.capabilities import Conclusive
from features.registry import Registry


def proven_labels(names: Iterable[str], registry: Registry) -> set[str]:
    """Return the labels (`same_file`, `same_photo`) that these features prove by having matched."""
    labels: set[str] = set()
    for name in names:
        feature = registry.get(name)
        if isinstance(feature, Conclusive):
            labels.add(feature.relation)
    return labels
