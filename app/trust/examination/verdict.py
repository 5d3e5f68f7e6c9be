"""The verdict model: turns the signals of a pair into calibrated, explained probabilities.

It has two small sets of boosted trees, one for "same photo" and one for "same product", fitted by
`python -m bench calibrate`. They are stored as JSON beside this file, with the name of their data
and their reliability on other pictures. Each signal may move the probability one way only (more
agreement never lowers P(same photo)), so the model can't learn a quirk of its examples. A signal
without a value is treated as missing, never as zero.
"""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import Any

from app.trust.examination.evidence import Contribution
from features.base import Json

MODEL_FILE = "verdict.json"
MAX_LOG_ODDS = 30.0
"""Log-odds are limited to ± this, so that no probability is exactly 0 or 1."""


@dataclass(frozen=True)
class Tree:
    """One regression tree. Every node has a `value`, in log-odds; `left_child` is −1 at a leaf."""

    signal: Sequence[int]
    threshold: Sequence[float]
    left_child: Sequence[int]
    right_child: Sequence[int]
    missing_left: Sequence[bool]
    value: Sequence[float]

    def follow(self, row: Sequence[float | None], shares: list[float]) -> float:
        """Return the leaf's value; add to `shares` how far each signal on the way moved it."""
        signal, threshold, left, right, missing_left, value = self._nodes[0]
        while left >= 0:
            split, before, reading = signal, value, row[signal]
            goes_left = missing_left if reading is None else reading <= threshold
            node = self._nodes[left if goes_left else right]
            signal, threshold, left, right, missing_left, value = node
            shares[split] += value - before
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Tree":
        """Return one tree of a model's file."""
        return cls(
            signal=value["signal"],
            threshold=value["threshold"],
            left_child=value["left"],
            right_child=value["right"],
            missing_left=value["missing_left"],
            value=value["value"],
        )

    @cached_property
    def _nodes(self) -> list[tuple[int, float, int, int, bool, float]]:
        """The nodes as tuples: a sweep follows millions, and this is the quickest to read."""
        children = self.left_child, self.right_child
        columns = self.signal, self.threshold, *children, self.missing_left, self.value
        return list(zip(*columns, strict=True))


@dataclass(frozen=True)
class BoostedTrees:
    """A sum of trees, calibrated by a line in log-odds (Platt, 1999)."""

    baseline: float
    trees: tuple[Tree, ...]
    slope: float
    intercept: float

    def log_odds(self, row: Sequence[float | None]) -> tuple[float, list[float]]:
        """Return the calibrated log-odds, and how each signal moved them from the average case."""
        shares = [0.0] * len(row)
        raw = self.baseline + sum(tree.follow(row, shares) for tree in self.trees)
        return self.slope * raw + self.intercept, [self.slope * share for share in shares]

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "BoostedTrees":
        """Return the trees that `bench calibrate` wrote."""
        trees = tuple(Tree.from_json(tree) for tree in value["trees"])
        return cls(value["baseline"], trees, value["slope"], value["intercept"])


@dataclass(frozen=True)
class PairProbabilities:
    """Probabilities from 0 to 1, and the contributions of signals, the strongest first."""

    p_same_photo: float
    p_same_product: float
    contributions: tuple[Contribution, ...]


@dataclass(frozen=True)
class VerdictModel:
    """Predicts how pairs are related. `facts` name its data and its reliability."""

    signals: tuple[str, ...]
    photo: BoostedTrees
    product: BoostedTrees
    same_photo_from: float
    same_product_from: float
    facts: Mapping[str, Json]

    @classmethod
    def load(cls) -> "VerdictModel":
        """Return the model that comes with this version."""
        return cls.from_json(
            json.loads(files("app.trust.examination").joinpath(MODEL_FILE).read_text("utf-8"))
        )

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "VerdictModel":
        """Return the model of a file's JSON."""
        return cls(
            tuple(value["signals"]),
            BoostedTrees.from_json(value["photo"]),
            BoostedTrees.from_json(value["product"]),
            value["same_photo_from"],
            value["same_product_from"],
            value["facts"],
        )

    @property
    def features(self) -> frozenset[str]:
        """The features whose distances it judges by; those of others are shown and ignored."""
        suffix = "_distance"
        return frozenset(s.removesuffix(suffix) for s in self.signals if s.endswith(suffix))

    def predict(self, signals: Mapping[str, float]) -> PairProbabilities:
        """Return how probable it is that two pictures show the same photo, the same product."""
        row = [signals.get(name) for name in self.signals]
        photo, shares = self.photo.log_odds(row)
        product, _ = self.product.log_odds(row)
        p_photo = probability(photo)
        contributions = (
            Contribution(name, round(reading, 6), round(share, 4))
            for name, reading, share in zip(self.signals, row, shares, strict=True)
            if reading is not None and abs(share) >= 0.005
        )
        return PairProbabilities(
            p_photo,
            # The same photo shows the same product.
            max(p_photo, probability(product)),
            tuple(sorted(contributions, key=lambda each: -abs(each.log_odds))),
        )

    def label(self, prediction: PairProbabilities) -> str:
        """Return the label for these probabilities: `same_photo`, `same_product` or `none`."""
        if prediction.p_same_photo >= self.same_photo_from:
            return "same_photo"
        return "same_product" if prediction.p_same_product >= self.same_product_from else "none"


def probability(log_odds: float) -> float:
    """Return 1 / (1 + e^-x)."""
    return round(1 / (1 + math.exp(-min(MAX_LOG_ODDS, max(-MAX_LOG_ODDS, log_odds)))), 6)
