"""Second looks: a share of decided cases is asked again of somebody else, who is not told.

The second verdict overrules nothing. It goes to the log, marked where it contradicts the first,
and is what agreement between reviewers is measured on.
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
    """Return the case that asks again, blind: no verdict, no comment, no word of a first time.

    Whoever decided first counts as having skipped it, so they are not asked.
    """
    asked = tuple(name for name in (case.decided_by,) if name is not None)
    members = tuple(Member(member.finding) for member in case.members)
    return Case(
        id=case.id + SUFFIX,
        queue=QUEUE,
        representative=case.representative,
        members=members,
        opened_at=at,
        updated_at=at,
        skipped_by=asked,
        round=case.round,
    )


def first_id(case: Case) -> str | None:
    """Return the id of the case that this one asks about again; None when it is none such."""
    return case.id.removesuffix(SUFFIX) if case.queue == QUEUE else None


def disagrees(first: Case, second: Case) -> bool | None:
    """Say whether the verdicts contradict each other; None where nothing was said twice."""
    pairs = verdict_pairs(first, second)
    return any(a != b for a, b in pairs) if pairs else None


def verdict_pairs(first: Case, second: Case) -> list[tuple[str, str]]:
    """Return what the first and the second reviewer said, for each member both spoke of."""
    before = {member.picture: member.verdict for member in first.members}
    said = ((before.get(member.picture), member.verdict) for member in second.members)
    return [(a, b) for a, b in said if a is not None and b is not None]
