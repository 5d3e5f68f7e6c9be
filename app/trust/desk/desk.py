"""The review desk: hands out cases, takes decisions, and carries out their effects."""

import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from app.trust.desk import case_transitions, second_looks
from app.trust.desk.agreement import ReviewerAgreement, measure_agreement
from app.trust.desk.case import DECIDED, QUEUES, Case, CaseVersion
from app.trust.desk.case_policies import CasePolicies
from app.trust.desk.case_store import CaseStore, QueueState
from app.trust.desk.case_transitions import Actor, DecisionPreview
from app.trust.desk.decision import ACTIONS, Clock, Decision, decision_id, now
from app.trust.desk.decision_log import DecisionLog, LogFilter, LogPage
from app.trust.desk.decision_outbox import DecisionOutbox, Notify
from app.trust.desk.intake import CaseIntake, OpenedCases
from app.trust.desk.pair_verdicts import PairVerdictStore
from app.trust.desk.settings import DeskSettings
from app.trust.errors import CaseTaken
from app.trust.examination.evidence import ListingPicture
from core.errors import Busy, NotFound, UnknownName
from mappings.trust.desk import DeskIndex

CANDIDATE_CASES = 5
"""Cases read together to find the next one: another reviewer may take any of them meanwhile."""

TRIES = 100

ABANDONED = timedelta(minutes=1)
"""Age from which a pending action counts as left behind by a process that died."""

Action = Callable[[Case, Actor], tuple[Case, Decision | None]]


class Desk:
    """Cases, decisions and their log. Thread-safe. The first use creates the indices.

    Every method raises EngineUnavailable and its kin; those that name a case raise NotFound.
    """

    def __init__(
        self,
        index: DeskIndex,
        settings: DeskSettings,
        *,
        notify: Notify | None = None,
        clock: Clock = now,
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._index = index
        self._preparing = threading.Lock()
        self._prepared = False
        self._cases = CaseStore(index.cases)
        self._pair_verdicts = PairVerdictStore(index.verdicts)
        self._log = DecisionLog(index.decisions)
        self._intake = CaseIntake(self._cases, clock)
        self.policies = CasePolicies(index, settings.case_policy, clock)
        self._outbox = DecisionOutbox(
            self._cases, self._pair_verdicts, self._log, settings.second_looks, notify
        )

    def prepare(self) -> None:
        """Create the indices that are missing, and finish what a dead process left pending."""
        with self._preparing:
            if self._prepared:
                return
            self._index.prepare()
            self._prepared = True
        self.finish_pending()

    def finish_pending(self) -> None:
        """Carry out decisions that have been pending for over a minute."""
        self._cases.refresh()
        for entry in self._cases.list_unfinished(self._clock() - ABANDONED):
            self._outbox.carry_out(self._cases.load(entry.case.id))

    def queue_states(self) -> Mapping[str, QueueState]:
        """Return the state of each queue, by name."""
        self.prepare()
        self._cases.refresh()
        return self._cases.queue_states(self._clock())

    def count_by_threshold(self, queue: str | None = None) -> list[tuple[float, int]]:
        """Return how many open cases (of one queue) have P(same photo) ≥ t, t = 0, .01 … 1."""
        self.prepare()
        self._cases.refresh()
        return self._cases.count_by_threshold(queue)

    def claim_next(self, queue: str, reviewer: str, *, min_probability: float = 0.0) -> Case | None:
        """Claim and return the oldest case available to this reviewer, or None.

        A case they have already comes again. Raises UnknownName for an unknown queue.
        """
        if queue not in QUEUES:
            raise UnknownName("queue", queue, QUEUES)
        self.prepare()
        for _ in range(TRIES):
            self._cases.refresh()
            at = self._clock()
            waiting = self._cases.list_waiting(
                queue, reviewer, at, min_probability, CANDIDATE_CASES
            )
            if not waiting:
                return None
            for entry in waiting:
                claimed = case_transitions.claim(entry.case, self._actor(reviewer, at))
                if claimed is entry.case:
                    return claimed
                if written := self._cases.write(claimed, entry):
                    return written.case
        raise Busy("too many reviewers are taking cases at this moment: try again")

    def case(self, case_id: str) -> Case:
        """Return a case as it is now."""
        self.prepare()
        return self._cases.load(case_id).case

    def claim(self, case_id: str, reviewer: str) -> Case:
        """Give a case to this reviewer; raises CaseTaken naming who has or decided it."""

        def act(case: Case, actor: Actor) -> tuple[Case, None]:
            self._refuse_own(case, reviewer)
            return case_transitions.claim(case, actor), None

        return self._act(case_id, reviewer, act)

    def release(self, case_id: str, reviewer: str) -> Case:
        """End this reviewer's claim on a case, if there is one."""
        return self._act(
            case_id, reviewer, lambda case, actor: (case_transitions.release(case, actor), None)
        )

    def skip(self, case_id: str, reviewer: str, comment: str = "") -> Case:
        """Leave a case to others; this reviewer is not given it again. Raises CaseTaken."""
        return self._act(
            case_id, reviewer, lambda case, actor: case_transitions.skip(case, actor, comment)
        )

    def comment(self, case_id: str, reviewer: str, text: str) -> Case:
        """Add a comment to a case; raises InvalidQuery for an empty or overlong one."""
        return self._act(
            case_id, reviewer, lambda case, actor: case_transitions.comment(case, actor, text)
        )

    def preview(self, case_id: str, verdicts: Mapping[str, str]) -> DecisionPreview:
        """Return the effect of these verdicts; raises InvalidQuery, UnknownName."""
        return case_transitions.preview(self.case(case_id), verdicts)

    def decide(
        self,
        case_id: str,
        reviewer: str,
        verdicts: Mapping[str, str],
        *,
        version: CaseVersion,
        comment: str = "",
    ) -> Case:
        """Decide a case in the state `version`; `verdicts` maps `ListingPicture.key` to a verdict.

        Raises CaseTaken where another reviewer has claimed, decided or changed it meanwhile;
        InvalidQuery unless each member has a verdict. The same decision sent twice counts once.
        """

        def act(case: Case, actor: Actor) -> tuple[Case, Decision | None]:
            given = {member.picture.key: member.verdict for member in case.members}
            if case.state == DECIDED and case.decided_by == reviewer and given == dict(verdicts):
                return case, None
            after, decision = case_transitions.decide(case, actor, verdicts, version, comment)
            first = second_looks.first_id(case)
            if first is not None:
                original = self._cases.load(first).case
                decision = replace(decision, disagrees=second_looks.disagrees(original, after))
            return after, decision

        return self._act(case_id, reviewer, act)

    def keep(self, case_id: str, reviewer: str, key: str) -> Case:
        """Have the picture of this `ListingPicture.key` represent a case; raises CaseTaken."""
        policy = self.policies.current()
        return self._act(
            case_id, reviewer, lambda case, actor: case_transitions.keep(case, actor, key, policy)
        )

    def undo(self, case_id: str, reviewer: str) -> Case:
        """Undo a decision, whoever made it: its verdicts are withdrawn, the case is open again.

        The reviewer who undid it has the case. Raises CaseTaken if it is open already.
        """
        return self._act(case_id, reviewer, case_transitions.undo)

    def record(self, action: str, reviewer: str, *, subject: str = "", comment: str = "") -> None:
        """Log an action outside any case, such as a change of a bank (`subject` is its entry)."""
        if action not in ACTIONS:
            raise UnknownName("action", action, ACTIONS)
        self.prepare()
        at = self._clock()
        key = decision_id(uuid4().hex, at)
        policy = self._settings.policy
        self._log.append(
            Decision(key, at, reviewer, action, policy, subject=subject, comment=comment)
        )

    def log_page(self, log_filter: LogFilter, size: int = 50, cursor: str | None = None) -> LogPage:
        """Return a page of the log, newest first; raises InvalidQuery for a foreign cursor."""
        self.prepare()
        return self._log.page(log_filter, size, cursor)

    def log_csv(self, log_filter: LogFilter) -> Iterator[str]:
        """Yield the log as lines of CSV, with a header."""
        self.prepare()
        return self._log.csv(log_filter)

    def agreement(self) -> list[ReviewerAgreement]:
        """Return how far each pair of reviewers agrees, measured on second looks."""
        self.prepare()
        self._cases.refresh()
        looks = list(self._cases.decided_cases(second_looks.QUEUE))
        first = {look.id: second_looks.first_id(look) or "" for look in looks}
        found = self._cases.load_many(sorted(first.values()))
        return measure_agreement(
            (found[first[look.id]].case, look) for look in looks if first[look.id] in found
        )

    def decided_pairs(
        self, pairs: Sequence[tuple[ListingPicture, ListingPicture]]
    ) -> set[frozenset[ListingPicture]]:
        """Return the pairs that have a verdict; no new case asks about them."""
        self.prepare()
        return self._pair_verdicts.decided_pairs(pairs)

    def last_rounds(self, representatives: Sequence[ListingPicture]) -> Mapping[str, int]:
        """Return the last decided round by `ListingPicture.key`; 0 where none was decided.

        A new case of that representative is `intake.case_id(representative, round + 1)`.
        """
        self.prepare()
        self.finish_pending()
        return self._intake.last_rounds(representatives)

    def verdicts_about(self, image_ids: Collection[str]) -> Mapping[frozenset[ListingPicture], str]:
        """Return every verdict on pairs with one of these pictures."""
        self.prepare()
        return self._pair_verdicts.verdicts_about(image_ids)

    def withdraw(
        self,
        case_id: str,
        reason: str,
        pictures: Collection[ListingPicture] | None = None,
        merged_into: str | None = None,
    ) -> None:
        """Take these pictures, or all, off an open case; `reason` is one of WITHDRAWALS."""
        self.prepare()
        self._intake.withdraw(case_id, reason, pictures, merged_into)

    def open_cases(self, cases: Sequence[Case]) -> OpenedCases:
        """Open cases, each once; an open one of the same id gets the members it lacks."""
        self.prepare()
        return self._intake.open_cases(cases)

    def _act(self, case_id: str, reviewer: str, act: Action) -> Case:
        """Apply an action to a case in whatever state it is by then."""
        self.prepare()
        for _ in range(TRIES):
            entry = self._cases.load(case_id)
            if entry.pending is not None:
                self._outbox.carry_out(entry)
                continue
            # Later than all before it on this case, also where two machines' clocks differ.
            at = max(self._clock(), entry.case.updated_at + timedelta(microseconds=1))
            after, decision = act(entry.case, self._actor(reviewer, at))
            if after is entry.case:
                return after
            if written := self._cases.write(after, entry, decision):
                return self._outbox.carry_out(written)
        raise Busy(f"the case {case_id} changes too often at this moment: try again")

    def _actor(self, reviewer: str, at: datetime) -> Actor:
        return Actor(reviewer, at, self._settings.lease, self._settings.policy)

    def _refuse_own(self, case: Case, reviewer: str) -> None:
        """Raise CaseTaken where a reviewer would take the second look at their own decision."""
        first = second_looks.first_id(case)
        if first is None:
            return
        try:
            original = self._cases.load(first).case
        except NotFound:
            return
        if original.decided_by == reviewer:
            raise CaseTaken(
                "this case needs another reviewer", original.decided_by, original.decided_at
            )
