"""Made-up shoppers with known rates: their sessions, as sums over clients and as events.

A client looks in a few sessions at products of one category each. Whether an impression is clicked
and a session ends in a purchase depends on the variant, the category and the client's own taste,
which is the same before the experiment as in it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from app.experiments.assignment import assign
from app.experiments.experiment import Experiment
from app.experiments.statistics.moments import Moments
from app.experiments.traffic import NAMES, ExperimentTraffic
from features.base import Json

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

QUANTITIES = len(NAMES) // 2
CURRENCY = "EUR"
IMPRESSIONS = 3.0
"""Mean impressions of a session."""

SESSIONS = 4.0
"""Mean sessions of a client in the experiment, and of the time before times `before_share`."""


@dataclass(frozen=True)
class Rates:
    """Chances by variant and category: of a click per impression, of a purchase per session.

    Both have the shape (variants, categories). `taste` is the squared coefficient of variation of
    what clients' own taste multiplies their rates by.
    """

    click: Floats
    purchase: Floats
    taste: float = 0.25


@dataclass(frozen=True)
class Sessions:
    """What happened, an entry a session: numbers of client, category and day, counts and amounts.

    Days before the experiment are negative. `variants` is each client's variant by number.
    """

    experiment: Experiment
    clients: Sequence[str]
    variants: Integers
    client: Integers
    category: Integers
    day: Integers
    impressions: Integers
    clicks: Integers
    purchases: Integers
    amount: Floats = field(repr=False)

    @property
    def events(self) -> int:
        """How many events these sessions consist of."""
        return int((self.impressions + self.clicks + self.purchases).sum())

    def rows(self, until_day: int | None = None, category: int | None = None) -> Floats:
        """Return the quantities of every client, of shape (clients, len(NAMES))."""
        taken = np.ones(len(self.client), dtype=bool)
        if until_day is not None:
            taken &= self.day < until_day
        if category is not None:
            taken &= self.category == category
        rows = np.zeros((len(self.clients), len(NAMES)))
        counts = (self.impressions, self.clicks, self.purchases, self.amount, np.ones(len(taken)))
        for first, chosen in ((0, taken & (self.day >= 0)), (QUANTITIES, taken & (self.day < 0))):
            for place, values in enumerate(counts):
                totals = np.bincount(
                    self.client[chosen], values[chosen].astype(np.float64), len(self.clients)
                )
                rows[:, first + place] = totals
        return rows

    def moments(self, until_day: int | None = None, category: int | None = None) -> list[Moments]:
        """Return the sums over the clients of each variant who had a session in the experiment."""
        rows = self.rows(until_day, category)
        in_it = self.rows(until_day)[:, QUANTITIES - 1] > 0 if category is not None else None
        shown = rows[:, QUANTITIES - 1] > 0 if in_it is None else in_it & (rows.sum(axis=1) > 0)
        return [
            Moments.from_rows(NAMES, rows[shown & (self.variants == number)])
            for number in range(len(self.experiment.variants))
        ]

    def traffic(self, until_day: int | None = None) -> ExperimentTraffic:
        """Return the sums by variant, without categories, as they are read from events."""
        ids = [variant.id for variant in self.experiment.variants]
        return ExperimentTraffic(
            dict(zip(ids, self.moments(until_day), strict=True)), currency=CURRENCY
        )


def make_sessions(
    experiment: Experiment, rates: Rates, clients: int, seed: int, *, before_share: float = 0.3
) -> Sessions:
    """Return the sessions of so many clients; equal arguments, equal sessions."""
    random = np.random.default_rng(seed)
    names = [f"client-{seed}-{number}" for number in range(clients)]
    ids = [variant.id for variant in experiment.variants]
    variants = np.array([_variant(experiment, name, ids) for name in names])
    shape = 1 / rates.taste
    taste = random.gamma(shape, rates.taste, clients)
    days = (experiment.end - experiment.start).days
    earlier = random.poisson(SESSIONS * before_share, clients)
    during = 1 + random.poisson(SESSIONS - 1, clients)
    client = np.concatenate(
        [np.repeat(np.arange(clients), earlier), np.repeat(np.arange(clients), during)]
    )
    is_before = np.arange(len(client)) < earlier.sum()
    day = np.where(
        is_before,
        -random.integers(1, max(2, experiment.before.days), len(client)),
        random.integers(0, days, len(client)),
    )
    category = random.integers(0, rates.click.shape[1], len(client))
    impressions = 1 + random.poisson(IMPRESSIONS - 1, len(client))
    variant = np.where(is_before, 0, variants[client])
    own = taste[client]
    clicks = random.binomial(impressions, np.clip(rates.click[variant, category] * own, 0, 1))
    chance = np.clip(rates.purchase[variant, category] * own, 0, 1)
    purchases = random.binomial(1, chance)
    amount = np.round(random.lognormal(3.4, 0.6, len(client)), 2) * purchases
    return Sessions(
        experiment, names, variants, client, category, day, impressions, clicks, purchases, amount
    )


def _variant(experiment: Experiment, client: str, ids: Sequence[str]) -> int:
    assignment = assign([experiment], client, experiment.start)
    return ids.index(assignment.variant) if assignment else -1


def events_of(sessions: Sessions, categories: Sequence[str]) -> Iterator[tuple[str, Json]]:
    """Yield id and document of every event, in the form of User Behavior Insights 1.3.0."""
    experiment = sessions.experiment
    for number, client in enumerate(sessions.client.tolist()):
        day = int(sessions.day[number])
        at = experiment.start + timedelta(days=day, seconds=number % 80_000)
        name = f"s{number}"
        attributes: dict[str, Json] = {"category": categories[int(sessions.category[number])]}
        if day >= 0:
            variant = experiment.variants[int(sessions.variants[client])]
            attributes |= {"experiment": experiment.id, "variant": variant.id}
        shared = {"client_id": sessions.clients[client], "session_id": name, "query_id": name}
        for place in range(int(sessions.impressions[number])):
            yield _event(name, "impression", place, at, shared, attributes)
        for place in range(int(sessions.clicks[number])):
            yield _event(name, "click", place, at, shared, attributes)
        if sessions.purchases[number]:
            paid = {"price": float(sessions.amount[number]), "quantity": 1, "currency": CURRENCY}
            yield _event(name, "purchase", 0, at, shared, {**attributes, **paid})


def _event(
    session: str,
    action: str,
    place: int,
    at: datetime,
    shared: Mapping[str, Json],
    attributes: Mapping[str, Json],
) -> tuple[str, Json]:
    key = f"{session}-{action}-{place}"
    moment = at.isoformat(timespec="milliseconds")
    document = {
        "@timestamp": moment,
        "timestamp": moment,
        "event": {"id": key},
        "action_name": action,
        "user_query": "shoes",
        **shared,
        "event_attributes": {
            **attributes,
            "object": {"object_id": f"p{place}"},
            "position": {"ordinal": place + 1},
        },
    }
    return key, document
