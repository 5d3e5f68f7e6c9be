"""Losses that bring pictures of one product together and move other products apart.

Every loss takes unit vectors and integer labels of photos and catalogue pictures, and returns a
differentiable scalar. Rows of the same label are partners; a row without a partner adds nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

TEMPERATURE = 0.1
"""Temperature of both softmaxes, as in Khosla et al. 2020."""

MARGIN = 0.5
"""Euclidean distance of unit vectors; other labels are pushed to a cosine below 0.875."""

LARGE = 1e4

Loss = Callable[[Any, Any], Any]
"""(n, k) unit vectors, (n,) labels → a scalar."""


def supervised_contrastive(vectors: Any, labels: Any) -> Any:
    """Return the mean negative log-probability of each row's partners among all other rows.

    Khosla et al. 2020, "Supervised Contrastive Learning", equation 2 (`L_out`).
    """
    near, partners = _pairs(vectors, labels)
    itself = tf.eye(tf.shape(near)[0])
    logits = near / TEMPERATURE - LARGE * itself
    chances = logits - tf.reduce_logsumexp(logits, axis=1, keepdims=True)
    return -_mean_of_rows(chances, partners)


def siamese(vectors: Any, labels: Any) -> Any:
    """Return the mean d² of partners plus the mean max(0, margin − d)² of other labels.

    Hadsell, Chopra and LeCun 2006, "Dimensionality Reduction by Learning an Invariant Mapping".
    The means are taken separately, because pairs of other labels are hundreds of times as many.
    """
    near, partners = _pairs(vectors, labels)
    distance = _distance(near)
    others = 1 - partners - tf.eye(tf.shape(near)[0])
    together = tf.math.divide_no_nan(tf.reduce_sum(partners * distance**2), tf.reduce_sum(partners))
    shortfall = tf.nn.relu(MARGIN - distance) ** 2 * others
    # The mean over pairs within the margin only, which the many other pairs would hide.
    return together + tf.math.divide_no_nan(
        tf.reduce_sum(shortfall), tf.reduce_sum(tf.cast(shortfall > 0, tf.float32))
    )


def triplet(vectors: Any, labels: Any) -> Any:
    """Return the mean of max(0, farthest partner − nearest other label + margin) over the rows.

    Schroff et al. 2015, "FaceNet", with the batch-hard choice of Hermans et al. 2017.
    """
    near, partners = _pairs(vectors, labels)
    distance = _distance(near)
    others = 1 - partners - tf.eye(tf.shape(near)[0])
    farthest = tf.reduce_max(distance * partners, axis=1)
    nearest = tf.reduce_min(distance + LARGE * (1 - others), axis=1)
    included = tf.cast(
        (tf.reduce_sum(partners, 1) > 0) & (tf.reduce_sum(others, 1) > 0), tf.float32
    )
    short = tf.nn.relu(farthest - nearest + MARGIN) * included
    return tf.math.divide_no_nan(tf.reduce_sum(short), tf.reduce_sum(included))


def catalogue_softmax(photos: Any, labels: Any, catalogue: Any, catalogue_labels: Any) -> Any:
    """Return the mean negative log-probability of a photo's own pictures among the catalogue's.

    A softmax over the whole catalogue, as in a search.
    """
    near = tf.matmul(photos, catalogue, transpose_b=True) / TEMPERATURE
    own = tf.cast(labels[:, tf.newaxis] == catalogue_labels[tf.newaxis], tf.float32)
    chances = near - tf.reduce_logsumexp(near, axis=1, keepdims=True)
    return -_mean_of_rows(chances, own)


LOSSES: Mapping[str, Loss] = {
    "contrastive": supervised_contrastive,
    "siamese": siamese,
    "triplet": triplet,
}
"""Losses by their names in settings; with a catalogue, `catalogue_softmax` is added to each."""


def _pairs(vectors: Any, labels: Any) -> tuple[Any, Any]:
    """Return all cosines, and 1 where two different rows have one label."""
    near = tf.matmul(vectors, vectors, transpose_b=True)
    same = tf.cast(labels[:, tf.newaxis] == labels[tf.newaxis], tf.float32)
    return near, same - tf.eye(tf.shape(same)[0])


def _distance(near: Any) -> Any:
    # The root's slope at 0 is infinite, so a millionth is added for equal vectors.
    return tf.sqrt(tf.nn.relu(2 - 2 * near) + 1e-6)


def _mean_of_rows(values: Any, chosen: Any) -> Any:
    """Return the mean, over rows with anything chosen, of each row's mean over the chosen."""
    counts = tf.reduce_sum(chosen, axis=1)
    rows = tf.math.divide_no_nan(tf.reduce_sum(values * chosen, axis=1), counts)
    return tf.math.divide_no_nan(
        tf.reduce_sum(rows), tf.reduce_sum(tf.cast(counts > 0, tf.float32))
    )
