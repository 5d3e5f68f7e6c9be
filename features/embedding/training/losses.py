"""What training makes smaller: same product near, another product far.

Every loss takes unit vectors and integer labels, photos and catalogue pictures alike, and returns
one number that TensorFlow can differentiate. A row without a partner adds nothing.
"""

from collections.abc import Callable, Mapping
from typing import Any

import tensorflow as tf

TEMPERATURE = 0.1
"""Of both softmaxes, as in Khosla et al. 2020."""

MARGIN = 0.5
"""Euclidean distance of unit vectors: strangers are pushed to a cosine of 0.875 and below."""

LARGE = 1e4

Loss = Callable[[Any, Any], Any]
"""(n, k) unit vectors, (n,) labels → a scalar."""


def supervised_contrastive(vectors: Any, labels: Any) -> Any:
    """Return how unlikely each row's partners are among all other rows.

    Khosla et al. 2020, "Supervised Contrastive Learning", equation 2 (`L_out`).
    """
    near, partners = _pairs(vectors, labels)
    itself = tf.eye(tf.shape(near)[0])
    logits = near / TEMPERATURE - LARGE * itself
    chances = logits - tf.reduce_logsumexp(logits, axis=1, keepdims=True)
    return -_mean_of_rows(chances, partners)


def siamese(vectors: Any, labels: Any) -> Any:
    """Return d² for partners and max(0, margin − d)² for strangers, each kind's mean.

    Hadsell, Chopra and LeCun 2006, "Dimensionality Reduction by Learning an Invariant Mapping";
    each kind by itself, because strangers are hundreds of times as many.
    """
    near, partners = _pairs(vectors, labels)
    distance = _distance(near)
    strangers = 1 - partners - tf.eye(tf.shape(near)[0])
    together = tf.math.divide_no_nan(tf.reduce_sum(partners * distance**2), tf.reduce_sum(partners))
    shortfall = tf.nn.relu(MARGIN - distance) ** 2 * strangers
    # Of those that are too near, or the many that are not would hide them.
    return together + tf.math.divide_no_nan(
        tf.reduce_sum(shortfall), tf.reduce_sum(tf.cast(shortfall > 0, tf.float32))
    )


def triplet(vectors: Any, labels: Any) -> Any:
    """Return how much nearer than its farthest partner each row's nearest stranger is, plus margin.

    Schroff et al. 2015, "FaceNet", with the batch-hard choice of Hermans et al. 2017.
    """
    near, partners = _pairs(vectors, labels)
    distance = _distance(near)
    strangers = 1 - partners - tf.eye(tf.shape(near)[0])
    farthest = tf.reduce_max(distance * partners, axis=1)
    nearest = tf.reduce_min(distance + LARGE * (1 - strangers), axis=1)
    counted = tf.cast(
        (tf.reduce_sum(partners, 1) > 0) & (tf.reduce_sum(strangers, 1) > 0), tf.float32
    )
    short = tf.nn.relu(farthest - nearest + MARGIN) * counted
    return tf.math.divide_no_nan(tf.reduce_sum(short), tf.reduce_sum(counted))


def catalogue_softmax(photos: Any, labels: Any, catalogue: Any, catalogue_labels: Any) -> Any:
    """Return how unlikely each photo's own catalogue pictures are among all catalogue pictures.

    A softmax over the catalogue, which is just what a search is.
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
"""By the name a person asks for; each is joined by `catalogue_pairs` where there is a catalogue."""


def _pairs(vectors: Any, labels: Any) -> tuple[Any, Any]:
    """Return all cosines, and 1 where two different rows have one label."""
    near = tf.matmul(vectors, vectors, transpose_b=True)
    same = tf.cast(labels[:, tf.newaxis] == labels[tf.newaxis], tf.float32)
    return near, same - tf.eye(tf.shape(same)[0])


def _distance(near: Any) -> Any:
    # The root's slope at 0 is infinite; a millionth keeps equal pictures from breaking the sum.
    return tf.sqrt(tf.nn.relu(2 - 2 * near) + 1e-6)


def _mean_of_rows(values: Any, chosen: Any) -> Any:
    """Return the mean, over rows with anything chosen, of each row's mean over the chosen."""
    counts = tf.reduce_sum(chosen, axis=1)
    rows = tf.math.divide_no_nan(tf.reduce_sum(values * chosen, axis=1), counts)
    return tf.math.divide_no_nan(
        tf.reduce_sum(rows), tf.reduce_sum(tf.cast(counts > 0, tf.float32))
    )
