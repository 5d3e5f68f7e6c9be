"""Intervals and p-values that stay right however often somebody looks.

People look daily, and stop when they like what they see; an interval for one look is then wrong
more often than it says. These are the asymptotic confidence sequence of Waudby-Smith, Arbour,
Sinha, Kennedy and Ramdas, "Time-uniform central limit theory and asymptotic confidence sequences"
(Annals of Statistics 2024, theorem 2.2), which is the normal mixture of the mSPRT of Johari,
Koomen, Pekelis and Walsh, "Always Valid Inference" (Operations Research 2022), with the variance
estimated.
"""

import math

from app.experiments.statistics.comparison import CONFIDENCE, Difference, Interval

PLANNED_CLIENTS = 5_000
"""Clients at which the interval is narrowest, where a plan names no number: GrowthBook's choice."""


def mixture(clients: int, planned: int, confidence: float = CONFIDENCE) -> float:
    """Return how wide the mixture is, in variances of the estimate: t rho² of the source.

    It makes the interval narrowest at `planned` clients (appendix B.2 of Waudby-Smith and others).
    """
    spend = -2 * math.log(1 - confidence)
    return (spend + math.log(spend + 1)) * clients / planned


def always_valid_interval(
    difference: Difference,
    clients: int,
    planned: int = PLANNED_CLIENTS,
    confidence: float = CONFIDENCE,
) -> Interval:
    """Return the interval that holds at every look at once; `clients` are those of both variants.

    Endless in both directions before there is a client.
    """
    if clients < 1 or difference.variance <= 0:
        return Interval(-math.inf, math.inf)
    wide = mixture(clients, planned, confidence)
    bound = 2 * (1 + wide) / wide * math.log(math.sqrt(1 + wide) / (1 - confidence))
    half = math.sqrt(difference.variance * bound)
    return Interval(difference.value - half, difference.value + half)


def always_valid_p(difference: Difference, clients: int, planned: int = PLANNED_CLIENTS) -> float:
    """Return the p-value that holds at every look: at most .05 where the interval leaves out 0.

    It is one over the mixture likelihood ratio (Johari and others, equation 6), at most 1.
    """
    if clients < 1 or difference.variance <= 0:
        return 1.0
    wide = mixture(clients, planned)
    log_p = 0.5 * math.log(1 + wide) - difference.z**2 / 2 * wide / (1 + wide)
    return math.exp(min(0.0, log_p))
