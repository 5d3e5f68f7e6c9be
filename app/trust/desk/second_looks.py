"""Second looks: another reviewer decides a share of the decided cases again, without knowing.

The second verdict overrules nothing. It goes to the log, marked if it contradicts the first, and
agreement between reviewers is measured on it.
"""

import hashlib
from datetime import datetime

from app.trust.desk.case import Case, Member

QUEUE = "second_look"
SUFFIX = "-second"


def is_chosen(case_id: str, share: float) -> bool:
    """Say whether a decided case gets a second look; the same answer for a case every time."""
    digest = hashlib.sha256(f"second look at {case_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64 < share


def second_look(case: Case, at: datetime) -> Case:
    """Return the case to decide again, blind: without verdicts, comments or a mention of the first.

    The first reviewer counts as having skipped it, and is not given it.
    """
    skipped = tuple(name for name in (case.decided_by,) if name is not None)
    members = tuple(
        Member(member.finding, compared_with=member.compared_with) for member in case.members
    )
    return Case(
        id=case.id + SUFFIX,
        queue=QUEUE,
        representative=case.representative,
        members=members,
        relatives=case.relatives,
        owners=case.owners,
        opened_at=at,
        updated_at=at,
        skipped_by=skipped,
        round=case.round,
    )


def first_id(case: Case) -> str | None:
    """Return the id of the case that a second look repeats; None for other cases."""
    return case.id.removesuffix(SUFFIX) if case.queue == QUEUE else None


def disagrees(first: Case, second: Case) -> bool | None:
    """Say whether the verdicts contradict each other; None if no member has two."""
    pairs = verdict_pairs(first, second)
    return any(a != b for a, b in pairs) if pairs else None


def verdict_pairs(first: Case, second: Case) -> list[tuple[str, str]]:
    """Return the first and the second verdict of each member that has both."""
    before = {member.picture: member.verdict for member in first.members}
    pairs = ((before.get(member.picture), member.verdict) for member in second.members)
    return [(a, b) for a, b in pairs if a is not None and b is not None]
