"""Learns a linear projection of a frozen backbone's vectors: seconds on one core.

It starts as the principal components of the centred vectors, which lose next to nothing, and is
pulled back to them while it learns, so that what no label speaks of stays where it was.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import tensorflow as tf

from features.embedding.head import Array, Head
from features.embedding.training.labelled_vectors import LabelledVectors, normalise_views
from features.embedding.training.losses import LOSSES, catalogue_softmax

DIMS = 256
BATCH = 512

EpochCallback = Callable[[int, float], None]
"""Called with the number of the epoch that ended and its mean loss."""


@dataclass(frozen=True)
class ProjectionConfig:
    """How to learn. `pull` is how strongly the projection is held to where it began."""

    loss: str = "contrastive"
    dims: int = DIMS
    epochs: int = 60
    rate: float = 3e-3
    pull: float = 0.01
    seed: int = 1


def principal_components(vectors: Array, dims: int) -> Array:
    """Return (d, dims) orthonormal columns along which the centred rows differ most."""
    values, directions = np.linalg.eigh(vectors.T @ vectors)
    order = np.argsort(values)[::-1][:dims]
    return np.ascontiguousarray(directions[:, order], np.float32)


def fit_projection(
    sample: LabelledVectors,
    recipe: ProjectionConfig,
    told: EpochCallback = lambda epoch, loss: None,
) -> Head:
    """Return a head with means and projection learned from all of the sample."""
    catalogue_mean, query_mean = sample.means()
    photos, catalogue = (
        normalise_views(sample.photos) - query_mean,
        normalise_views(sample.catalogue) - catalogue_mean,
    )
    width = len(query_mean)
    every = np.concatenate([photos.reshape(-1, width), catalogue.reshape(-1, width)])
    first = principal_components(every, min(recipe.dims, width))
    start = tf.constant(first)
    weights = tf.Variable(first)
    optimizer = tf.keras.optimizers.Adam(
        tf.keras.optimizers.schedules.CosineDecay(
            recipe.rate, recipe.epochs * -(-len(photos) // BATCH)
        )
    )
    loss_of = LOSSES[recipe.loss]
    shop_labels = tf.constant(sample.catalogue_labels)

    def step(rows: Any, labels: Any, shop: Any) -> Any:
        with tf.GradientTape() as tape:
            seen = tf.math.l2_normalize(tf.matmul(rows, weights), axis=1)
            shown = tf.math.l2_normalize(tf.matmul(shop, weights), axis=1)
            loss = loss_of(tf.concat([seen, shown], 0), tf.concat([labels, shop_labels], 0))
            if len(catalogue):
                loss += catalogue_softmax(seen, labels, shown, shop_labels)
            loss += recipe.pull * tf.reduce_sum((weights - start) ** 2)
        optimizer.apply_gradients([(tape.gradient(loss, weights), weights)])
        return loss

    traced = tf.function(step, reduce_retracing=True)
    chance = np.random.default_rng(recipe.seed)
    for epoch in range(recipe.epochs):
        order = chance.permutation(len(photos))
        losses = [
            float(
                traced(
                    tf.constant(_choose_views(photos[some], chance)),
                    tf.constant(sample.labels[some]),
                    tf.constant(_choose_views(catalogue, chance)),
                )
            )
            for some in np.array_split(order, -(-len(order) // BATCH))
        ]
        told(epoch + 1, float(np.mean(losses)))
    return Head(catalogue_mean, query_mean, weights.numpy())


def _choose_views(vectors: Array, chance: np.random.Generator) -> Array:
    """Return one of each picture's looks, at random: (n, v, d) to (n, d)."""
    return vectors[np.arange(len(vectors)), chance.integers(0, vectors.shape[1], len(vectors))]
