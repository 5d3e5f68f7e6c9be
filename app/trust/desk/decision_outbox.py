"""Carries out the effects of an action: pair verdicts, a log entry, a second look, a message.

An action is one compare-and-set of its case, which stores the decision on the case as `pending`.
The effects come after it. Each is safe to repeat, and the last one clears `pending`. If a process
dies in between, the next one that reads the case carries out what is missing.
"""

from collections.abc import Callable
from dataclasses import replace

from app.trust.desk import second_looks
from app.trust.desk.case import Case
from app.trust.desk.case_store import CaseStore, StoredCase
from app.trust.desk.decision import DECIDED, UNDONE, Decision
from app.trust.desk.decision_log import DecisionLog
from app.trust.desk.decision_message import message
from app.trust.desk.pair_verdicts import PairVerdictStore
from features.base import Json

Notify = Callable[[Json], None]
"""Sends a message out; returns at once and never raises."""


class DecisionOutbox:
    """Carries out the pending decision of a case."""

    def __init__(
        self,
        cases: CaseStore,
        pair_verdicts: PairVerdictStore,
        log: DecisionLog,
        second_looks_share: float,
        notify: Notify | None,
    ) -> None:
        self._cases = cases
        self._pair_verdicts = pair_verdicts
        self._log = log
        self._share = second_looks_share
        self._notify = notify

    def carry_out(self, entry: StoredCase) -> Case:
        """Carry out the pending decision of a case, if any, and return the case as it is then."""
        decision = entry.pending
        if decision is None:
            return entry.case
        if entry.case.queue != second_looks.QUEUE:
            self._apply(entry.case, decision)
        self._log.append(decision)
        while entry.pending is not None and entry.pending.id == decision.id:
            cleared = self._cases.write(entry.case, entry)
            entry = cleared or self._cases.load(entry.case.id)
        return entry.case

    def _apply(self, case: Case, decision: Decision) -> None:
        """Store and announce a decision; second looks are only compared, and skip this."""
        if decision.action == DECIDED:
            self._pair_verdicts.save(case, decision)
            if second_looks.is_chosen(case.id, self._share):
                self._open_second_look(second_looks.second_look(case, decision.at))
        elif decision.action == UNDONE:
            self._pair_verdicts.withdraw(case, decision)
        if self._notify is not None and decision.action in (DECIDED, UNDONE):
            self._notify(message(case, decision))

    def _open_second_look(self, look: Case) -> None:
        """Open a second look; one from before an undo is not given to this reviewer either."""
        while not self._cases.create(look):
            entry = self._cases.load(look.id)
            skipped = tuple(dict.fromkeys((*entry.case.skipped_by, *look.skipped_by)))
            if skipped == entry.case.skipped_by or self._cases.write(
                replace(entry.case, skipped_by=skipped), entry, entry.pending
            ):
                return
