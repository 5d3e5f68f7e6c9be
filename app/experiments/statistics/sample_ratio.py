"""Whether clients came into the variants as they should have: the sample-ratio test.

A mismatch means that something is broken (a redirect that loses people, a robot, an event that is
not sent), and then no figure of the experiment can be trusted. Fabijan and others, "Diagnosing
Sample Ratio Mismatch in Online Controlled Experiments", KDD 2019.
"""

from collections.abc import Sequence

import numpy as np
from scipy.stats import chisquare

ALARM_P = 0.001
LEAST_CLIENTS = 8
"""Clients a variant needs for the test: GrowthBook's number, below which chi-square is no help."""


def sample_ratio_p(clients: Sequence[int], weights: Sequence[float]) -> float | None:
    """Return the p-value of the chi-square test that clients came by these weights.

    None where a variant should have fewer than `LEAST_CLIENTS`.
    """
    shares = np.asarray(weights, dtype=np.float64)
    expected = sum(clients) * shares / shares.sum()
    if expected.min() < LEAST_CLIENTS:
        return None
    return float(chisquare(np.asarray(clients), expected).pvalue)


def is_mismatch(p: float | None) -> bool:
    """Say whether a p-value of the test is an alarm."""
    return p is not None and p < ALARM_P
