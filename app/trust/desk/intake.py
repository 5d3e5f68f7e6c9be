"""Takes cases onto the desk and off it: each is opened once, and later members join it."""

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from app.trust.desk.case import DECIDED, OPEN, QUEUES, WITHDRAWN, Case, Member
from app.trust.desk.case_store import CaseStore
from app.trust.desk.decision import Clock
from app.trust.examination.evidence import ListingPicture
from core.errors import Busy

TRIES = 50


@dataclass(frozen=True)
class OpenedCases:
    """Counts of cases handed in: newly opened, joined by members, and unchanged."""

    opened: int = 0
    joined: int = 0
    unchanged: int = 0

    def __add__(self, other: "OpenedCases") -> "OpenedCases":
        """Return the sum of both."""
        return OpenedCases(
            self.opened + other.opened,
            self.joined + other.joined,
            self.unchanged + other.unchanged,
        )


ALIKE = "-alike"
"""The end of the id of a case about look-alikes."""


def case_id(representative: ListingPicture, number: int = 1) -> str:
    """Return the id of the `number`-th case of this representative."""
    digest = hashlib.sha256(representative.key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{digest[:32]}-{number}"


class CaseIntake:
    """Opens cases. Several sweeps may do so at the same time."""

    def __init__(self, store: CaseStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def open_cases(self, cases: Sequence[Case]) -> OpenedCases:
        """Open the cases; an existing case gets the members it lacks.

        Members new to a decided case go to the next round, so that none is lost to a decision
        made since the caller asked for `last_rounds`.
        """
        return OpenedCases(**Counter(self._open(case) for case in cases))

    def last_rounds(self, representatives: Sequence[ListingPicture]) -> dict[str, int]:
        """Return the last decided round by `ListingPicture.key`; 0 where none was decided."""
        last = {picture.key: 0 for picture in representatives}
        open_keys = {picture.key: picture for picture in representatives}
        while open_keys:
            ids = {key: case_id(picture, last[key] + 1) for key, picture in open_keys.items()}
            states = self._store.states(list(ids.values()))
            open_keys = {
                key: picture
                for key, picture in open_keys.items()
                if states.get(ids[key]) == DECIDED
            }
            for key in open_keys:
                last[key] += 1
        return last

    def _open(self, case: Case) -> str:
        for _ in range(TRIES):
            if self._store.create(case):
                return "opened"
            entry = self._store.load(case.id)
            existing = entry.case
            if existing.state == WITHDRAWN:
                again = replace(case, comments=(*existing.comments, *case.comments))
                if self._store.write(again, entry, entry.pending):
                    return "opened"
                continue
            added = _new_members(existing, case)
            if not added and (existing.state == DECIDED or not _is_moved(existing, case)):
                return "unchanged"
            if existing.state == DECIDED:
                following = existing.round + 1
                suffix = ALIKE if case.id.endswith(ALIKE) else ""
                key = case_id(case.representative, following) + suffix
                case = replace(case, id=key, round=following, members=added)
                continue
            joined = replace(
                _joined(existing, case), updated_at=max(self._clock(), existing.updated_at)
            )
            if self._store.write(joined, entry, entry.pending):
                return "joined"
        raise Busy(f"the case {case.id} changes too often to be joined: try again")

    def withdraw(
        self,
        case_id: str,
        reason: str,
        pictures: Collection[ListingPicture] | None,
        merged_into: str | None,
    ) -> None:
        """Take members, or all, off an open case; without any, the case is withdrawn.

        A case that was decided meanwhile stays as it is. Raises NotFound and Busy.
        """
        for _ in range(TRIES):
            entry = self._store.load(case_id)
            case = entry.case
            if case.state != OPEN:
                return
            members = tuple(m for m in case.members if pictures and m.picture not in pictures)
            after = replace(case, updated_at=max(self._clock(), case.updated_at))
            if members:
                after = replace(after, members=members)
            else:
                after = replace(
                    after,
                    state=WITHDRAWN,
                    withdrawn_because=reason,
                    merged_into=merged_into,
                    claimed_by=None,
                    claimed_until=None,
                )
            if self._store.write(after, entry, entry.pending):
                return
        raise Busy(f"the case {case_id} changes too often to be withdrawn: try again")


def _joined(existing: Case, case: Case) -> Case:
    """Return an open case with what another one about the same dispute adds.

    If the other has an older representative, its order of comparing counts, unless a reviewer
    fixed the representative meanwhile.
    """
    members, relatives = existing.members, case.relatives or existing.relatives
    representative = existing.representative
    if case.representative == representative or existing.is_representative_fixed:
        members += _new_members(existing, case)
    else:
        representative = case.representative
        members = case.members + tuple(
            member for member in existing.members if member.picture not in case.pictures
        )
    return replace(
        existing,
        representative=representative,
        members=members,
        relatives=relatives,
        owners={**existing.owners, **case.owners},
        queue=min(existing.queue, case.queue, key=QUEUES.index),
    )


def _is_moved(existing: Case, case: Case) -> bool:
    """Say whether the dispute has a representative that the open case lacks, or lost its own."""
    members = {member.picture for member in existing.members}
    is_known = case.representative in {existing.representative, *members}
    return not is_known or existing.representative not in case.pictures


def _new_members(existing: Case, case: Case) -> tuple[Member, ...]:
    """Return the members that only the second case has."""
    known = {existing.representative, *(member.picture for member in existing.members)}
    return tuple(member for member in case.members if member.picture not in known)
