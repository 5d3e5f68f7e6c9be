"""Clients made up for tests of the statistics: those with many impressions click more, too."""

import numpy as np
from numpy.typing import NDArray

from app.experiments.statistics.moments import Moments
from app.experiments.statistics.ratio import Ratio

CTR = Ratio("ctr", "clicks", "impressions")
NAMES = ("clicks", "impressions")
WITH_BEFORE = (*NAMES, "before_clicks", "before_impressions")


def rows(clients: int, rate: float, seed: int, *, before: bool = False) -> NDArray[np.float64]:
    """Return clicks and impressions by client; with `before`, also those of the time before."""
    random = np.random.default_rng(seed)
    impressions = 1 + random.negative_binomial(2, 0.1, clients)
    taste = np.clip(rate * random.gamma(2, 0.5, clients), 0, 1)
    columns = [random.binomial(impressions, taste), impressions]
    if before:
        earlier = 1 + random.negative_binomial(2, 0.1, clients)
        columns += [random.binomial(earlier, taste), earlier]
    return np.column_stack(columns).astype(np.float64)


def moments(clients: int, rate: float, seed: int, *, before: bool = False) -> Moments:
    """Return the sums over such clients."""
    names = WITH_BEFORE if before else NAMES
    return Moments.from_rows(names, rows(clients, rate, seed, before=before))
