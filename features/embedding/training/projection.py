"""Learns a linear projection of a frozen backbone's vectors, in seconds on one core.

The projection starts as the principal components of the centred vectors, which lose almost
nothing. While it learns it is pulled back towards them, so that properties which no label concerns
are preserved.
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
"""Called after each epoch with its number, from 1, and its mean loss."""


@dataclass(frozen=True)
class ProjectionConfig:
    """How to learn. `pull` weighs the squared distance from the initial projection."""

    loss: str = "contrastive"
    dims: int = DIMS
    epochs: int = 60
    rate: float = 3e-3
    pull: float = 0.01
    seed: int = 1


def principal_components(vectors: Array, dims: int) -> Array:
    """Return (d, dims) orthonormal columns along which the centred rows (n, d) vary most."""
    values, directions = np.linalg.eigh(vectors.T @ vectors)
    order = np.argsort(values)[::-1][:dims]
    return np.ascontiguousarray(directions[:, order], np.float32)


def fit_projection(
    sample: LabelledVectors,
    config: ProjectionConfig,
    on_epoch: EpochCallback = lambda epoch, loss: None,
) -> Head:
    """Learn the means and the projection from all vectors and return them as a head."""
    catalogue_mean, query_mean = sample.means()
    photos, catalogue = (
        normalise_views(sample.photos) - query_mean,
        normalise_views(sample.catalogue) - catalogue_mean,
    )
    width = len(query_mean)
    vectors = np.concatenate([photos.reshape(-1, width), catalogue.reshape(-1, width)])
    first = principal_components(vectors, min(config.dims, width))
    start = tf.constant(first)
    weights = tf.Variable(first)
    optimizer = tf.keras.optimizers.Adam(
        tf.keras.optimizers.schedules.CosineDecay(
            config.rate, config.epochs * -(-len(photos) // BATCH)
        )
    )
    loss_of = LOSSES[config.loss]
    shop_labels = tf.constant(sample.catalogue_labels)

    def step(rows: Any, labels: Any, shop: Any) -> Any:
        with tf.GradientTape() as tape:
            photo_rows = tf.math.l2_normalize(tf.matmul(rows, weights), axis=1)
            shop_rows = tf.math.l2_normalize(tf.matmul(shop, weights), axis=1)
            loss = loss_of(
                tf.concat([photo_rows, shop_rows], 0), tf.concat([labels, shop_labels], 0)
            )
            if len(catalogue):
                loss += catalogue_softmax(photo_rows, labels, shop_rows, shop_labels)
            loss += config.pull * tf.reduce_sum((weights - start) ** 2)
        optimizer.apply_gradients([(tape.gradient(loss, weights), weights)])
        return loss

    traced = tf.function(step, reduce_retracing=True)
    rng = np.random.default_rng(config.seed)
    for epoch in range(config.epochs):
        order = rng.permutation(len(photos))
        losses = [
            float(
                traced(
                    tf.constant(_choose_views(photos[batch], rng)),
                    tf.constant(sample.labels[batch]),
                    tf.constant(_choose_views(catalogue, rng)),
                )
            )
            for batch in np.array_split(order, -(-len(order) // BATCH))
        ]
        on_epoch(epoch + 1, float(np.mean(losses)))
    return Head(catalogue_mean, query_mean, weights.numpy())


def _choose_views(vectors: Array, rng: np.random.Generator) -> Array:
    """Return one vector per picture, chosen at random: (n, v, d) to (n, d)."""
    return vectors[np.arange(len(vectors)), rng.integers(0, vectors.shape[1], len(vectors))]
