"""Simulated shoppers: what a visit asks, sees and does. A rule and a seed, no data of people.

A shopper looks at the first results more than at later ones (1 / rank ** .7 looks on), clicks what
attracts, and sometimes buys, then often what belongs to it. Rates are round numbers in the range
that shops publish: about every eighth result list is clicked per place, every twelfth visit buys.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from app.experiments.assignment import assign
from app.experiments.experiment import Experiment
from features.base import Json
from mappings.events.ubi_documents import Exposure, ShopQuery, query_document, zoned
from ops.demo_experiment import PICTURES

APPLICATION = "demo-traffic"
"""The label of everything that is simulated."""

PAGE = 24
LOOK_DECAY = 0.7
CLICK, CART, PURCHASE, COMPANION = 0.22, 0.25, 0.5, 0.5
PICTURES_APPEAL = 1.25
"""How much more is clicked where pictures count too, by our own rule: it is no finding."""

SEARCHES = (1, 1, 1, 2, 2, 3)
"""How many searches a visit has, each as likely."""

BUSY_HOURS = (9, 12, 13, 18, 19, 20, 20, 21, 21, 22)
"""Hours of the day (UTC) in which visits begin."""


@dataclass(frozen=True)
class DemoSearch:
    """A search that shoppers make, with its real answer: product ids, the best first."""

    words: str
    hits: tuple[str, ...]
    plan: str = ""
    model: str = ""
    picture: Json = None
    is_picture: bool = False


@dataclass(frozen=True)
class Traffic:
    """What is to be simulated: visits over `days` that end at `until`.

    `experiment` is the one that searches by words take part in.
    """

    visits: int
    days: int
    until: datetime
    seed: int = 7
    experiment: Experiment | None = None


def simulate(
    traffic: Traffic, searches: Sequence[DemoSearch], companions: Mapping[str, str]
) -> Iterator[Json]:
    """Yield queries' documents and events, each event after its query.

    `companions` is product → what is often bought with it. Deterministic but for the dates.
    """
    for number in range(traffic.visits):
        # Each visit has its own chance, so that more visits change none of the earlier ones.
        chance = random.Random(f"{traffic.seed}-{number}")  # noqa: S311
        yield from _visit(traffic, number, chance, searches, companions)


def _visit(
    traffic: Traffic,
    number: int,
    chance: random.Random,
    searches: Sequence[DemoSearch],
    companions: Mapping[str, str],
) -> Iterator[Json]:
    label = f"demo-{traffic.seed}-{number}"
    # Later visits are mostly of browsers that came before.
    client = f"demo-client-{traffic.seed}-{int(number * chance.random())}"
    at = _begin(traffic, chance)
    events = 0
    # A visit stays with one interest: its searches are neighbours in the list.
    interest = int(len(searches) * chance.random() ** 1.5)
    for turn in range(chance.choice(SEARCHES)):
        search = searches[(interest + turn) % len(searches)]
        exposure = _exposure(traffic, search, client, at)
        query = ShopQuery(
            id=f"{label}-q{turn}",
            at=at,
            application=APPLICATION,
            words=search.words,
            pictures=int(search.is_picture),
            picture=search.picture,
            plan=search.plan,
            model=search.model,
            total=len(search.hits),
            hits=search.hits,
            client_id=client,
            session_id=label,
            exposure=exposure,
        )
        yield query_document(query)
        appeal = PICTURES_APPEAL if exposure and exposure.variant == PICTURES else 1.0
        for action, product, place, seconds in _acts(chance, search, companions, appeal):
            at += timedelta(seconds=seconds)
            events += 1
            yield {
                "event_id": f"{label}-e{events}",
                "action_name": action,
                "timestamp": zoned(min(at, traffic.until)),
                "application": APPLICATION,
                "query_id": query.id,
                "client_id": client,
                "session_id": label,
                "event_attributes": {
                    "object": {"object_id": product},
                    "position": {"ordinal": place},
                },
            }
        at += timedelta(seconds=chance.uniform(10, 60))


def _exposure(traffic: Traffic, search: DemoSearch, client: str, at: datetime) -> Exposure | None:
    """Return the variant that answers a search by words; None outside the experiment."""
    declared = [traffic.experiment] if traffic.experiment and not search.is_picture else []
    assignment = assign(declared, client, at)
    return Exposure(assignment.experiment, assignment.variant) if assignment else None


def _acts(
    chance: random.Random, search: DemoSearch, companions: Mapping[str, str], appeal: float
) -> Iterator[tuple[str, str, int, float]]:
    """Yield action, product, place (0 for no list) and seconds since the act before.

    `appeal` is how much more a product is clicked than usual.
    """
    for place, product in enumerate(search.hits[:PAGE], 1):
        if chance.random() > place**-LOOK_DECAY:
            continue
        yield "impression", product, place, 1.2
        # Products differ in what they promise, the same for everybody.
        charm = 0.5 + random.Random(f"charm-{product}").random()  # noqa: S311
        if chance.random() > CLICK * charm * appeal:
            continue
        yield "click", product, place, 2.0
        yield "view", product, place, 0.5
        if chance.random() > CART:
            continue
        bought = [product]
        if product in companions and chance.random() < COMPANION:
            bought.append(companions[product])
            yield "view", companions[product], 0, 6.0
        for item in bought:
            yield "add_to_cart", item, 0, 8.0
        if chance.random() < PURCHASE:
            for item in bought:
                yield "purchase", item, 0, 30.0


def _begin(traffic: Traffic, chance: random.Random) -> datetime:
    day = traffic.until.astimezone(UTC) - timedelta(days=chance.randrange(1, traffic.days + 1))
    return day.replace(
        hour=chance.choice(BUSY_HOURS), minute=chance.randrange(60), second=chance.randrange(60)
    )
