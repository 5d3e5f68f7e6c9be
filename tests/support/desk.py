"""A trust desk on the real engine, a clock that stands still, and cases made by hand."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from app.trust.desk.case import Case, CaseVersion, Member
from app.trust.desk.decision_log import LogFilter
from app.trust.desk.decision_outbox import Notify
from app.trust.desk.desk import Desk
from app.trust.desk.intake import case_id
from app.trust.desk.settings import DeskSettings
from app.trust.examination.evidence import Contribution, ListingPicture, PairFinding
from features.base import Json
from features.geometry.alignment import Alignment
from mappings.engine.gateway import Gateway
from mappings.trust.desk import DeskIndex

START = datetime(2026, 11, 1, 9, 30, 0, 123456, UTC)
LAID = Alignment((1.0, 0.0, 3.5, 0.0, 1.0, 2.0), (640, 480), (600, 480), 93, 120, 0.8, 0.9, 0.1)


@dataclass
class Clock:
    """Tells the time it was set to; every look at it costs a microsecond."""

    at: datetime = START

    def __call__(self) -> datetime:
        """Return the time."""
        self.at += timedelta(microseconds=1)
        return self.at

    def pass_by(self, **time: float) -> None:
        """Let time pass, as `timedelta` takes it."""
        self.at += timedelta(**time)


@dataclass
class Office:
    """A desk with its clock, its index, and what it told the world."""

    desk: Desk
    clock: Clock
    index: DeskIndex
    told: list[Json] = field(default_factory=list)

    def opened(self, *cases: Case) -> tuple[Case, ...]:
        """Open the cases and return them."""
        self.desk.open_cases(cases)
        return cases

    def decided(self, case: Case, reviewer: str, verdict: str = "duplicate") -> Case:
        """Claim a case and decide it, the same for all members."""
        held = self.desk.claim(case.id, reviewer)
        return self.desk.decide(case.id, reviewer, verdicts(held, verdict), version=version(held))


def office(gateway: Gateway, prefix: str, tell: Notify | None = None, **settings: Any) -> Office:
    """Return a desk whose index names begin with `prefix`; no second looks unless asked for."""
    told: list[Json] = []
    clock, index = Clock(), DeskIndex(gateway, prefix)
    chosen = replace(DeskSettings(index=prefix, second_looks=0.0), **settings)
    return Office(Desk(index, chosen, notify=tell or told.append, clock=clock), clock, index, told)


def party(product_id: str) -> ListingPicture:
    """Return a listing with a picture of its own."""
    return ListingPicture(product_id, secrets.token_hex(32))


def finding(
    whose: ListingPicture, probability: float = 0.9, label: str = "same_photo"
) -> PairFinding:
    """Return evidence of every kind."""
    signals = {"pdq_distance": 12.0, "cosine": 0.93}
    why = (Contribution("pdq_distance", 12.0, 3.2), Contribution("cosine", 0.93, -0.4))
    return PairFinding(whose, label, probability, 0.97, signals, why, LAID)


def case(
    *members: ListingPicture,
    representative: ListingPicture | None = None,
    queue: str = "same_photo",
    probability: float = 0.9,
    opened_at: datetime = START,
    number: int = 1,
) -> Case:
    """Return an open case; without members, of one."""
    first = representative or party("first")
    others = members or (party("second"),)
    return Case(
        id=case_id(first, number),
        queue=queue,
        representative=first,
        members=tuple(Member(finding(one, probability)) for one in others),
        opened_at=opened_at,
        updated_at=opened_at,
        round=number,
    )


def verdicts(asked: Case, verdict: str = "duplicate") -> Mapping[str, str]:
    """Return the same verdict for every member."""
    return {member.picture.key: verdict for member in asked.members}


def version(held: Case) -> CaseVersion:
    """Return the state of a case that came from the engine."""
    assert held.version is not None
    return held.version


def actions(at_work: Office, case_id: str) -> list[str]:
    """Return what was done with a case, the first act first."""
    entries = at_work.desk.log_page(LogFilter(case_id=case_id)).entries
    return [entry.action for entry in reversed(entries)]
