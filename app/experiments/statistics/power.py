"""What an experiment can find, said before it starts.

The z-test for two independent estimates, as in Kohavi, Tang and Xu, "Trustworthy Online Controlled
Experiments" (2020), chapter 17; the variance of one client is by the delta method.
"""

import math

from scipy.stats import norm

from app.experiments.statistics.comparison import CONFIDENCE

POWER = 0.8


def detectable_effect(
    client_variance: float,
    control: float,
    variant: float,
    power: float = POWER,
    confidence: float = CONFIDENCE,
) -> float:
    """Return the smallest true difference that is found with this power.

    `control` and `variant` are clients, `client_variance` what one of them adds to the variance
    (`app.experiments.statistics.ratio.client_variance`). Infinite without clients.
    """
    if control <= 0 or variant <= 0:
        return math.inf
    return _distance(power, confidence) * math.sqrt(client_variance * (1 / control + 1 / variant))


def _distance(power: float, confidence: float) -> float:
    return float(norm.ppf((1 + confidence) / 2) + norm.ppf(power))
