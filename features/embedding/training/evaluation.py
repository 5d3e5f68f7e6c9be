"""How well vectors find: of photos nobody learned from, how many meet their own first."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.embedding.head import Array, Head
from features.embedding.training.labelled_vectors import LabelledVectors, Labels

DEPTH = 5


@dataclass(frozen=True)
class RetrievalAccuracy:
    """Shares of photos whose label is that of the nearest, and among the nearest five."""

    photos: int
    top1: float
    top5: float

    def facts(self) -> Mapping[str, float | int]:
        """Return the figures as a head keeps them."""
        return {"photos": self.photos, "top1": round(self.top1, 4), "top5": round(self.top5, 4)}


def evaluate(
    head: Head, judged: LabelledVectors, learned: LabelledVectors, look: int = 0
) -> RetrievalAccuracy:
    """Return how `judged`'s photos find their label among its catalogue pictures, by one look.

    Without a catalogue they search the photos that were learned from, as somebody who looks for
    a picture of the same kind does. A photo whose label is nowhere to be found is not counted.
    """
    if len(judged.catalogue):
        shown, labels = judged.catalogue, judged.catalogue_labels
    else:
        shown, labels = learned.photos, learned.labels
    queries = head.transform_queries(judged.photos[:, look])
    # Photos that are searched by photos are photos: both sides have the same mean.
    kept = head.transform_catalogue if len(judged.catalogue) else head.transform_queries
    return measure_accuracy(queries, judged.labels, kept(shown[:, look]), labels)


def measure_accuracy(
    queries: Array, wanted: Labels, shown: Array, labels: Labels
) -> RetrievalAccuracy:
    """Return the figures of unit vectors; a label counts once, by its nearest picture."""
    findable = np.isin(wanted, labels)
    queries, wanted = queries[findable], wanted[findable]
    if not len(queries):
        return RetrievalAccuracy(0, 0.0, 0.0)
    names, numbers = np.unique(labels, return_inverse=True)
    near = np.full((len(queries), len(names)), -np.inf, np.float32)
    cosines = queries @ shown.T
    for number in range(len(names)):
        near[:, number] = cosines[:, numbers == number].max(axis=1)
    order = names[np.argsort(-near, axis=1)[:, :DEPTH]]
    hit = order == wanted[:, np.newaxis]
    return RetrievalAccuracy(len(queries), float(hit[:, 0].mean()), float(hit.any(axis=1).mean()))
