"""Takes cases onto the desk: each is opened once, and later members join it."""

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
    """Counts of cases handed in: newly opened, joined by members, and unchanged."""

    opened: int = 0
    joined: int = 0
    unchanged: int = 0


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
            known = {member.picture for member in existing.members}
            added = tuple(m for m in case.members if m.picture not in known)
            if not added:
                return "unchanged"
            if existing.state == DECIDED:
                following = existing.round + 1
                key = case_id(case.representative, following)
                case = replace(case, id=key, round=following, members=added)
                continue
            joined = replace(
                existing,
                members=existing.members + added,
                queue=min(existing.queue, case.queue, key=QUEUES.index),
                updated_at=max(self._clock(), existing.updated_at),
            )
            if self._store.write(joined, entry, entry.pending):
                return "joined"
        raise Busy(f"the case {case.id} changes too often to be joined: try again")
