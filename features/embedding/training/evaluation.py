"""Measures retrieval accuracy: how often held-out photos find their own product."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from features.embedding.head import Array, Head
from features.embedding.training.labelled_vectors import LabelledVectors, Labels

DEPTH = 5
"""Labels considered per photo."""


@dataclass(frozen=True)
class RetrievalAccuracy:
    """Shares of photos whose label comes first, and is among the first five."""

    photos: int
    top1: float
    top5: float

    def facts(self) -> Mapping[str, float | int]:
        """Return the figures as they are stored in a head."""
        return {"photos": self.photos, "top1": round(self.top1, 4), "top5": round(self.top5, 4)}


def evaluate(
    head: Head, held_out: LabelledVectors, learned: LabelledVectors, view: int = 0
) -> RetrievalAccuracy:
    """Search the catalogue with the held-out photos and measure how often they find their label.

    `view` is the index of the vector used per picture. Without a catalogue the photos that were
    learned from are searched. Photos whose label is not among the searched pictures do not count.
    """
    if len(held_out.catalogue):
        candidates, labels = held_out.catalogue, held_out.catalogue_labels
    else:
        candidates, labels = learned.photos, learned.labels
    queries = head.transform_queries(held_out.photos[:, view])
    # Photos have the photos' mean even where they are searched.
    transform = head.transform_catalogue if len(held_out.catalogue) else head.transform_queries
    return measure_accuracy(queries, held_out.labels, transform(candidates[:, view]), labels)


def measure_accuracy(
    queries: Array, query_labels: Labels, candidates: Array, labels: Labels
) -> RetrievalAccuracy:
    """Measure how often unit vectors (n, k) find their label among `candidates` (m, k).

    A label ranks by the nearest of its pictures.
    """
    findable = np.isin(query_labels, labels)
    queries, query_labels = queries[findable], query_labels[findable]
    if not len(queries):
        return RetrievalAccuracy(0, 0.0, 0.0)
    names, numbers = np.unique(labels, return_inverse=True)
    nearest = np.full((len(queries), len(names)), -np.inf, np.float32)
    cosines = queries @ candidates.T
    for number in range(len(names)):
        nearest[:, number] = cosines[:, numbers == number].max(axis=1)
    order = names[np.argsort(-nearest, axis=1)[:, :DEPTH]]
    hit = order == query_labels[:, np.newaxis]
    return RetrievalAccuracy(len(queries), float(hit[:, 0].mean()), float(hit.any(axis=1).mean()))
