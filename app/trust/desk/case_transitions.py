"""The actions of a reviewer on a case, as pure functions from the case before to the case after.

They raise CaseTaken where another reviewer was faster.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.trust.desk import decision as actions
from app.trust.desk.case import DECIDED, MERGED, OPEN, VERDICTS, WITHDRAWN, Case, CaseVersion
from app.trust.desk.case_policy import CasePolicy
from app.trust.desk.decision import Decision, decision_id
from app.trust.desk.representative import with_representative
from app.trust.errors import CaseTaken
from app.trust.examination.evidence import ListingPicture
from core.errors import InvalidQuery, UnknownName

MAX_COMMENT_LENGTH = 4000
"""Characters of a comment."""


@dataclass(frozen=True)
class Actor:
    """The reviewer who acts, when, under which policy, and how long a claim lasts."""

    reviewer: str
    at: datetime
    lease: timedelta
    policy: str

    def decision(self, action: str, case: Case, comment: str = "") -> Decision:
        """Return the log entry of an action on this case; raises InvalidQuery."""
        if len(comment) > MAX_COMMENT_LENGTH:
            raise InvalidQuery(f"a comment has at most {MAX_COMMENT_LENGTH} characters")
        return Decision(
            id=decision_id(case.id, self.at),
            at=self.at,
            reviewer=self.reviewer,
            action=action,
            policy=self.policy,
            case_id=case.id,
            queue=case.queue,
            comment=comment,
        )


@dataclass(frozen=True)
class DecisionPreview:
    """The effect of a decision: members and listings by verdict, and members without a verdict."""

    counts: Mapping[str, int]
    products: Mapping[str, tuple[str, ...]]
    undecided: tuple[ListingPicture, ...]


def claim(case: Case, actor: Actor) -> Case:
    """Give the case to the actor; one they claimed less than half a lease ago stays unchanged.

    Otherwise every view of a case would change the version that its open page was made from.
    """
    _refuse_decided(case)
    _refuse_claimed(case, actor)
    is_own = case.claimed_by == actor.reviewer
    if is_own and case.claimed_until and case.claimed_until - actor.at > actor.lease / 2:
        return case
    return _claim_for(case, actor)


def release(case: Case, actor: Actor) -> Case:
    """End the actor's claim, if there is one."""
    if case.state != OPEN or case.claimed_by != actor.reviewer:
        return case
    return replace(case, claimed_by=None, claimed_until=None)


def skip(case: Case, actor: Actor, comment: str) -> tuple[Case, Decision]:
    """Leave the case to other reviewers; this one is not given it before they take it back."""
    _refuse_decided(case)
    _refuse_claimed(case, actor)
    decision = actor.decision(actions.SKIPPED, case, comment)
    skipped = tuple(dict.fromkeys((*case.skipped_by, actor.reviewer)))
    released = replace(
        case, claimed_by=None, claimed_until=None, skipped_by=skipped, updated_at=actor.at
    )
    return (with_comment(released, actor, comment) if comment else released), decision


def comment(case: Case, actor: Actor, text: str) -> tuple[Case, Decision]:
    """Add a comment to a case, whoever has it, decided or not."""
    if not text.strip():
        raise InvalidQuery("the comment is empty")
    decision = actor.decision(actions.COMMENTED, case, text)
    after = with_comment(replace(case, updated_at=actor.at), actor, text)
    is_own = case.state == OPEN and case.claimed_by == actor.reviewer
    return (_claim_for(after, actor) if is_own else after), decision


def decide(
    case: Case, actor: Actor, verdicts: Mapping[str, str], version: CaseVersion, text: str
) -> tuple[Case, Decision]:
    """Give every member its verdict. Only the reviewer who has the case may, on its latest state.

    Raises InvalidQuery unless each member has a verdict, UnknownName for an unknown verdict.
    """
    _refuse_decided(case)
    if case.claimed_by != actor.reviewer:
        _refuse_claimed(case, actor)
        raise CaseTaken("you do not have this case (any more): open it again to decide it")
    if case.version != version:
        raise CaseTaken(
            "this case has changed since you opened it "
            f"(at {_format(case.updated_at)}); open it again",
            at=case.updated_at,
        )
    undecided = preview(case, verdicts).undecided
    if undecided:
        raise InvalidQuery(f"{len(undecided)} of {len(case.members)} members have no verdict yet")
    decision = replace(actor.decision(actions.DECIDED, case, text), verdicts=dict(verdicts))
    after = replace(
        case,
        state=DECIDED,
        members=tuple(replace(m, verdict=verdicts[m.picture.key]) for m in case.members),
        claimed_by=None,
        claimed_until=None,
        decided_by=actor.reviewer,
        decided_at=actor.at,
        policy=actor.policy,
        updated_at=actor.at,
    )
    return (with_comment(after, actor, text) if text else after), decision


def keep(case: Case, actor: Actor, key: str, policy: CasePolicy) -> tuple[Case, Decision]:
    """Have the picture of this `ListingPicture.key` represent the case; the actor must have it."""
    _refuse_decided(case)
    if case.claimed_by != actor.reviewer:
        _refuse_claimed(case, actor)
        raise CaseTaken("you do not have this case (any more): open it again to change it")
    if not case.is_representative_free:
        raise InvalidQuery("another picture cannot represent this case: compare it as it is")
    after = replace(with_representative(case, key, policy), updated_at=actor.at)
    picture = after.representative
    decision = replace(
        actor.decision(actions.REPRESENTATIVE_CHANGED, case), subject=picture.product_id
    )
    return _claim_for(after, actor), decision


def undo(case: Case, actor: Actor) -> tuple[Case, Decision]:
    """Withdraw the decision; the case is open again, claimed by the actor, in the same round."""
    if case.state != DECIDED or case.decided_at is None:
        raise CaseTaken(
            "there is nothing to undo: this case is open", case.claimed_by, case.updated_at
        )
    withdrawn = {m.picture.key: m.verdict for m in case.members if m.verdict is not None}
    decision = replace(
        actor.decision(actions.UNDONE, case),
        verdicts=withdrawn,
        undoes=decision_id(case.id, case.decided_at),
    )
    after = replace(
        case,
        state=OPEN,
        members=tuple(replace(m, verdict=None) for m in case.members),
        decided_by=None,
        decided_at=None,
        policy=None,
        updated_at=actor.at,
    )
    return _claim_for(after, actor), decision


def preview(case: Case, verdicts: Mapping[str, str]) -> DecisionPreview:
    """Return the effect of these verdicts, by `ListingPicture.key`.

    Raises InvalidQuery for a member that is not in the case, UnknownName for a verdict.
    """
    members = {member.picture.key: member.picture for member in case.members}
    for key, verdict in verdicts.items():
        if key not in members:
            raise InvalidQuery(f"{key[:120]!r} is not a member of this case")
        if verdict not in VERDICTS:
            raise UnknownName("verdict", verdict, VERDICTS)
    pictures = {
        verdict: [picture for key, picture in members.items() if verdicts.get(key) == verdict]
        for verdict in VERDICTS
    }
    return DecisionPreview(
        counts={verdict: len(chosen) for verdict, chosen in pictures.items()},
        products={
            verdict: tuple(dict.fromkeys(picture.product_id for picture in chosen))
            for verdict, chosen in pictures.items()
        },
        undecided=tuple(picture for key, picture in members.items() if key not in verdicts),
    )


def with_comment(case: Case, actor: Actor, text: str) -> Case:
    """Return the case with one more comment."""
    comment = {"reviewer": actor.reviewer, "at": actor.at.isoformat(), "text": text}
    return replace(case, comments=(*case.comments, comment))


def _claim_for(case: Case, actor: Actor) -> Case:
    """Give the case to the actor, who takes back an earlier skip by that."""
    return replace(
        case,
        claimed_by=actor.reviewer,
        claimed_until=actor.at + actor.lease,
        skipped_by=tuple(name for name in case.skipped_by if name != actor.reviewer),
    )


def _refuse_decided(case: Case) -> None:
    if case.state == DECIDED:
        detail = f"{case.decided_by} decided this case at {_format(case.decided_at)}"
        raise CaseTaken(detail, case.decided_by, case.decided_at)
    if case.state == WITHDRAWN:
        reason = (
            f"is part of the case {case.merged_into} now"
            if case.withdrawn_because == MERGED
            else "was withdrawn: nothing is left to ask"
        )
        raise CaseTaken(f"this case {reason}", at=case.updated_at)


def _refuse_claimed(case: Case, actor: Actor) -> None:
    if case.claimed_by in (None, actor.reviewer) or case.claimed_until is None:
        return
    if case.claimed_until > actor.at:
        since = case.claimed_until - actor.lease
        raise CaseTaken(
            f"{case.claimed_by} has been reviewing this case since {_format(since)}, "
            f"until {_format(case.claimed_until)} at the latest",
            case.claimed_by,
            since,
        )


def _format(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S %Z}" if at else "an unknown time"
