"""How cases get onto the desk: opened once, joined by later members, never doubled."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from app.trust.desk.case import DECIDED, QUEUES, Case
from app.trust.desk.case_store import CaseStore
from app.trust.desk.decision import Clock
from app.trust.examination.evidence import ListingPicture
from core.errors import Busy

TRIES = 50


@dataclass(frozen=True)
class OpenedCases:
    """What became of the cases handed in: new ones, ones that grew, ones that were there."""

    opened: int = 0
    joined: int = 0
    unchanged: int = 0


def case_id(representative: ListingPicture, number: int = 1) -> str:
    """Return the id of the `number`-th case of this representative."""
    digest = hashlib.sha256(representative.key.encode("utf-8", "surrogatepass")).hexdigest()
    return f"{digest[:32]}-{number}"


class CaseIntake:
    """Opens cases. Any number of sweeps may do so at once."""

    def __init__(self, store: CaseStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def open_cases(self, cases: Sequence[Case]) -> OpenedCases:
        """Open the cases; one whose id is there gets the members it lacks.

        Members new to a case that is decided go to the next round's case, so that nothing is
        lost to a decision made since the caller asked for `rounds`.
        """
        return OpenedCases(**Counter(self._open(case) for case in cases))

    def last_rounds(self, representatives: Sequence[ListingPicture]) -> dict[str, int]:
        """Return, by `ListingPicture.key`, the last round that was decided; 0 where none was."""
        last = {one.key: 0 for one in representatives}
        asked = {one.key: one for one in representatives}
        while asked:
            ids = {key: case_id(one, last[key] + 1) for key, one in asked.items()}
            states = self._store.states(list(ids.values()))
            asked = {k: one for k, one in asked.items() if states.get(ids[k]) == DECIDED}
            for key in asked:
                last[key] += 1
        return last

    def _open(self, case: Case) -> str:
        for _ in range(TRIES):
            if self._store.create(case):
                return "opened"
            entry = self._store.load(case.id)
            there = entry.case
            known = {member.picture for member in there.members}
            added = tuple(m for m in case.members if m.picture not in known)
            if not added:
                return "unchanged"
            if there.state == DECIDED:
                following = there.round + 1
                key = case_id(case.representative, following)
                case = replace(case, id=key, round=following, members=added)
                continue
            joined = replace(
                there,
                members=there.members + added,
                queue=min(there.queue, case.queue, key=QUEUES.index),
                updated_at=max(self._clock(), there.updated_at),
            )
            if self._store.write(joined, entry, entry.pending):
                return "joined"
        raise Busy(f"the case {case.id} changes too often to be joined; try again")
