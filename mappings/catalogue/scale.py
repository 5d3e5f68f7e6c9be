"""Converts the engine's score to the score people see.

The engine ranks by a weighted mean of signals in [0, 1]. What people see rises with it, so that
ranking, pages and a lowest score are the engine's own: `similarity` is the mean itself,
`probability` the logistic of a line over it (Platt, Advances in Large Margin Classifiers, 1999),
whose numbers an index's calibration gives (`mappings.catalogue.calibration`).
"""

import math
from dataclasses import dataclass
from typing import Literal

ScoreKind = Literal["similarity", "probability", "estimate"]
"""What a score means: an order; P(relevant), measured on labelled photos; or P(relevant) measured
on the catalogue's own further pictures, for pictures like those."""


@dataclass(frozen=True)
class Scale:
    """What the score of one request means.

    `total` is by how much log-odds rise from a mean of 0 to one of 1, and the sum of weights that
    the mean is taken over; `bias` are the log-odds at 0. `confident_from` is the score from which
    a best hit is no mere guess; None where nobody measured it.
    """

    kind: ScoreKind = "similarity"
    bias: float = 0.0
    total: float | None = None
    confident_from: float | None = None

    def displayed_score(self, engine: float) -> float:
        """Return the score people see, 0 to 1."""
        if self.total is None:
            return min(1.0, max(0.0, engine))
        odds = self.bias + self.total * engine
        return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0

    def engine_score(self, score: float) -> float:
        """Return the engine's score of a score that people see; it may lie outside [0, 1]."""
        if self.total is None:
            return score
        score = min(max(score, 1e-12), 1 - 1e-12)
        return (math.log(score / (1 - score)) - self.bias) / self.total


UNCALIBRATED = Scale()
