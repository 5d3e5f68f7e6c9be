"""What a reviewer may do to a case, as functions from the case before to the case after.

Nothing here reads or stores anything. Each act raises CaseTaken where somebody else came first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.trust.desk import decision as acted
from app.trust.desk.case import DECIDED, OPEN, VERDICTS, Case, CaseVersion
from app.trust.desk.decision import Decision, decision_id
from app.trust.errors import CaseTaken
from app.trust.examination.evidence import ListingPicture
from core.errors import InvalidQuery, UnknownName

MAX_COMMENT_LENGTH = 4000
"""Characters of a comment."""


@dataclass(frozen=True)
class Actor:
    """Who acts, when, under which policy, and how long a case then stays with them."""

    reviewer: str
    at: datetime
    lease: timedelta
    policy: str

    def decision(self, action: str, case: Case, comment: str = "") -> Decision:
        """Return the line of the log for an act on this case."""
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
    """What deciding so would mean: members and listings by verdict, and who would be left out."""

    counts: Mapping[str, int]
    products: Mapping[str, tuple[str, ...]]
    undecided: tuple[ListingPicture, ...]


def claim(case: Case, actor: Actor) -> Case:
    """Put the case on the actor's desk; one they have had for less than half a lease stays as is.

    Otherwise every look at a case would make the version a stranger to the page that shows it.
    """
    _refuse_decided(case)
    _refuse_held(case, actor)
    mine = case.claimed_by == actor.reviewer and case.claimed_until is not None
    if mine and case.claimed_until and case.claimed_until - actor.at > actor.lease / 2:
        return case
    return _held(case, actor)


def release(case: Case, actor: Actor) -> Case:
    """Take the case off the actor's desk; nothing where it is not there."""
    if case.state == DECIDED or case.claimed_by != actor.reviewer:
        return case
    return replace(case, claimed_by=None, claimed_until=None)


def skip(case: Case, actor: Actor, comment: str) -> tuple[Case, Decision]:
    """Leave the case to somebody else, for good."""
    _refuse_decided(case)
    _refuse_held(case, actor)
    decision = actor.decision(acted.SKIPPED, case, comment)
    skipped = tuple(dict.fromkeys((*case.skipped_by, actor.reviewer)))
    left = replace(
        case, claimed_by=None, claimed_until=None, skipped_by=skipped, updated_at=actor.at
    )
    return (with_comment(left, actor, comment) if comment else left), decision


def comment(case: Case, actor: Actor, text: str) -> tuple[Case, Decision]:
    """Add a remark, on whomever's desk the case lies, decided or not."""
    if not text.strip():
        raise InvalidQuery("a comment needs words")
    decision = actor.decision(acted.COMMENTED, case, text)
    after = with_comment(replace(case, updated_at=actor.at), actor, text)
    mine = case.state == OPEN and case.claimed_by == actor.reviewer
    return (_held(after, actor) if mine else after), decision


def decide(
    case: Case, actor: Actor, verdicts: Mapping[str, str], version: CaseVersion, text: str
) -> tuple[Case, Decision]:
    """Give every member its verdict; only who holds the case may, and as they were shown it.

    Raises InvalidQuery unless each member has one, UnknownName for a verdict nobody knows.
    """
    _refuse_decided(case)
    if case.claimed_by != actor.reviewer:
        _refuse_held(case, actor)
        raise CaseTaken("this case is not on your desk (any more); open it again to decide it")
    if case.version != version:
        raise CaseTaken(
            "this case has changed since it was shown to you "
            f"(at {_shown(case.updated_at)}); look at it again",
            at=case.updated_at,
        )
    left_out = preview(case, verdicts).undecided
    if left_out:
        raise InvalidQuery(f"{len(left_out)} of {len(case.members)} members have no verdict yet")
    decision = replace(actor.decision(acted.DECIDED, case, text), verdicts=dict(verdicts))
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


def undo(case: Case, actor: Actor) -> tuple[Case, Decision]:
    """Take the decision back; the case lies open on the actor's desk, in the round it had."""
    if case.state != DECIDED or case.decided_at is None:
        raise CaseTaken(
            "there is nothing to undo: this case is open", case.claimed_by, case.updated_at
        )
    said = {m.picture.key: m.verdict for m in case.members if m.verdict is not None}
    decision = replace(
        actor.decision(acted.UNDONE, case),
        verdicts=said,
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
    return _held(after, actor), decision


def preview(case: Case, verdicts: Mapping[str, str]) -> DecisionPreview:
    """Return what these verdicts, by `ListingPicture.key`, would mean.

    Raises InvalidQuery for a member that is not in the case, UnknownName for a verdict.
    """
    members = {member.picture.key: member.picture for member in case.members}
    for key, verdict in verdicts.items():
        if key not in members:
            raise InvalidQuery(f"{key[:120]!r} is no member of this case")
        if verdict not in VERDICTS:
            raise UnknownName("verdict", verdict, VERDICTS)
    said = {
        verdict: [members[key] for key in members if verdicts.get(key) == verdict]
        for verdict in VERDICTS
    }
    return DecisionPreview(
        counts={verdict: len(parties) for verdict, parties in said.items()},
        products={
            verdict: tuple(dict.fromkeys(party.product_id for party in parties))
            for verdict, parties in said.items()
        },
        undecided=tuple(party for key, party in members.items() if key not in verdicts),
    )


def with_comment(case: Case, actor: Actor, text: str) -> Case:
    """Return the case with one more comment."""
    remark = {"reviewer": actor.reviewer, "at": actor.at.isoformat(), "text": text}
    return replace(case, comments=(*case.comments, remark))


def _held(case: Case, actor: Actor) -> Case:
    return replace(case, claimed_by=actor.reviewer, claimed_until=actor.at + actor.lease)


def _refuse_decided(case: Case) -> None:
    if case.state == DECIDED:
        said = f"{case.decided_by} decided this case at {_shown(case.decided_at)}"
        raise CaseTaken(said, case.decided_by, case.decided_at)


def _refuse_held(case: Case, actor: Actor) -> None:
    if case.claimed_by in (None, actor.reviewer) or case.claimed_until is None:
        return
    if case.claimed_until > actor.at:
        since = case.claimed_until - actor.lease
        raise CaseTaken(
            f"{case.claimed_by} has had this case on the desk since {_shown(since)}, "
            f"until {_shown(case.claimed_until)} at the latest",
            case.claimed_by,
            since,
        )


def _shown(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S %Z}" if at else "an unknown time"
