"""What clients did in an experiment, by variant and category: sums, read from their events."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from app.experiments.experiment import Experiment
from app.experiments.statistics.cuped import BEFORE
from app.experiments.statistics.moments import Moments
from features.base import Json
from mappings.events.experiment_sums import (
    QUANTITIES,
    ClientSums,
    ExperimentWindow,
    read_sums,
    read_survey,
    sums_bodies,
    survey_body,
)

NAMES = (*QUANTITIES, *(f"{BEFORE}{name}" for name in QUANTITIES))

EVERYONE = "everyone"

Search = Callable[[Json], Json]
"""Runs a search over the events of shoppers."""


@dataclass(frozen=True)
class ExperimentTraffic:
    """Sums over clients by variant, and by category and variant. A missing variant had no client.

    `mixed_clients` were in several variants, as after weights were changed while the experiment
    ran; they count nowhere else. `currency` is what revenue is in, "" where no event says so.
    `events` is how many were read.
    """

    variants: Mapping[str, Moments] = field(default_factory=dict)
    categories: Mapping[str, Mapping[str, Moments]] = field(default_factory=dict)
    mixed_clients: int = 0
    currency: str = ""
    events: int = 0


def read_traffic(search: Search, experiment: Experiment, now: datetime) -> ExperimentTraffic:
    """Return what was done up to now; raises what `search` does."""
    names = tuple(variant.id for variant in experiment.variants)
    start, end = experiment.start, min(experiment.end, max(now, experiment.start))
    window = ExperimentWindow(experiment.id, names, start - experiment.before, start, end)
    return _read(search, window)


def read_everyone(search: Search, since: datetime, until: datetime) -> ExperimentTraffic:
    """Return what all clients did in a time, as the variant EVERYONE; raises what `search` does."""
    window = ExperimentWindow("", (EVERYONE,), since, since, until, everyone=True)
    return _read(search, window)


def _read(search: Search, window: ExperimentWindow) -> ExperimentTraffic:
    names = window.variants
    events, currency = read_survey(search(survey_body(window)))
    variants: dict[str, Moments] = {}
    categories: dict[str, dict[str, Moments]] = {}
    mixed = 0
    for body in sums_bodies(window, events, currency):
        for row in read_sums(search(body), names):
            if row.variant is None:
                mixed += 0 if row.category else row.clients
                continue
            target = categories.setdefault(row.category, {}) if row.category else variants
            before = target.get(row.variant, Moments.empty(NAMES))
            target[row.variant] = before + _moments(row)
    return ExperimentTraffic(variants, categories, mixed, currency, events)


def _moments(row: ClientSums) -> Moments:
    sums = np.asarray(row.sums, dtype=np.float64)
    products = np.asarray(row.products, dtype=np.float64).reshape(len(NAMES), len(NAMES))
    return Moments(NAMES, row.clients, sums, products)
