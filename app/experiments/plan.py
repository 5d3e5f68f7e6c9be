"""What an experiment will be able to find, from what clients did in a time as long before it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from app.experiments.experiment import Experiment
from app.experiments.metrics import RATIOS
from app.experiments.statistics.moments import Moments
from app.experiments.statistics.power import detectable_effect
from app.experiments.statistics.ratio import client_variance, estimate_ratio
from app.experiments.traffic import EVERYONE, NAMES, Search, read_everyone


@dataclass(frozen=True)
class RatioPlan:
    """What is found in one ratio, of one variant against the control.

    `effect` is the smallest true change found with a power of .8, as a share of `value`; None
    where nothing was measured before.
    """

    ratio: str
    variant: str
    value: float
    effect: float | None


@dataclass(frozen=True)
class ExperimentPlan:
    """`clients` is how many are expected in all variants; `days` the time they were counted in.

    `currency` is what revenue is in, "" where no event says so.
    """

    experiment: Experiment
    days: int
    clients: int
    ratios: tuple[RatioPlan, ...]
    currency: str = ""


def plan_experiment(search: Search, experiment: Experiment, now: datetime) -> ExperimentPlan:
    """Return what the experiment can find; raises what `search` does.

    The time before its start, or before now where that is earlier, is taken for what is to come:
    as many clients, with as many sessions each.
    """
    length = max(timedelta(days=1), experiment.end - experiment.start)
    until = min(now, experiment.start)
    traffic = read_everyone(search, until - length, until)
    everyone = traffic.variants.get(EVERYONE, Moments.empty(NAMES))
    return ExperimentPlan(
        experiment,
        length.days,
        round(everyone.clients * experiment.share),
        tuple(_ratios(experiment, everyone)),
        traffic.currency,
    )


def _ratios(experiment: Experiment, everyone: Moments) -> Iterator[RatioPlan]:
    clients = everyone.clients * experiment.share
    total = sum(experiment.weights())
    for ratio in RATIOS:
        value = estimate_ratio(everyone, ratio).value
        variance = client_variance(everyone, ratio)
        for variant in experiment.variants[1:]:
            effect = detectable_effect(
                variance,
                clients * experiment.control.weight / total,
                clients * variant.weight / total,
            )
            is_known = value > 0 and math.isfinite(effect)
            yield RatioPlan(ratio.name, variant.id, value, effect / value if is_known else None)
