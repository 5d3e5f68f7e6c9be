"""Sums over clients, which every statistic of an experiment is made of.

Sums can be added: those of two variants are those of all their clients. So Elasticsearch may sum
up, and no client's row leaves it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float64]


@dataclass(frozen=True)
class Moments:
    """How many clients there are, and what their quantities sum up to.

    `names` are k quantities. `sums`, of shape (k,), are their sums over clients; `products`, of
    shape (k, k), the sums of their products, symmetric.
    """

    names: tuple[str, ...]
    clients: int
    sums: Vector
    products: Vector

    @classmethod
    def from_rows(cls, names: Sequence[str], rows: Vector) -> "Moments":
        """Return the sums over rows of shape (clients, k)."""
        values = np.asarray(rows, dtype=np.float64).reshape(-1, len(names))
        return cls(tuple(names), len(values), values.sum(axis=0), values.T @ values)

    @classmethod
    def empty(cls, names: Sequence[str]) -> "Moments":
        """Return the sums of no clients."""
        return cls.from_rows(names, np.zeros((0, len(names))))

    def __add__(self, other: "Moments") -> "Moments":
        """Return the sums over the clients of both. Raises ValueError for other quantities."""
        if self.names != other.names:
            raise ValueError(f"sums of {self.names} and of {other.names} cannot be added")
        return Moments(
            self.names,
            self.clients + other.clients,
            self.sums + other.sums,
            self.products + other.products,
        )

    def total(self, name: str) -> float:
        """Return a quantity's sum over clients."""
        return float(self.sums[self.names.index(name)])

    def mean(self, name: str) -> float:
        """Return a quantity's mean over clients; 0 without clients."""
        return self.total(name) / self.clients if self.clients else 0.0

    def means(self, names: Sequence[str]) -> Vector:
        """Return the means of these quantities."""
        return np.array([self.mean(name) for name in names])

    def covariances(self, names: Sequence[str]) -> Vector:
        """Return the covariances of these quantities over clients, unbiased; 0 below 2 clients."""
        places = [self.names.index(name) for name in names]
        if self.clients < 2:
            return np.zeros((len(places), len(places)))
        sums = self.sums[places]
        centred = self.products[np.ix_(places, places)] - np.outer(sums, sums) / self.clients
        covariances: Vector = centred / (self.clients - 1)
        return covariances
