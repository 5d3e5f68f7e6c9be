"""Claims and skips of a reviewer as a whole: given up when they leave, or gone through again."""

from app.trust.desk.case import Case
from app.trust.desk.case_search import CaseSearch
from app.trust.desk.desk import Desk
from app.trust.desk.second_looks import first_id
from app.trust.errors import CaseTaken
from core.errors import NotFound


def release_claims(desk: Desk, search: CaseSearch, reviewer: str) -> int:
    """Put every case that this reviewer has back into its queue; return how many there were."""
    claimed = search.claimed_by(reviewer)
    for case in claimed:
        desk.release(case.id, reviewer)
    return len(claimed)


def skipped_cases(desk: Desk, search: CaseSearch, reviewer: str, queue: str) -> list[Case]:
    """Return the open cases of a queue that this reviewer skipped and may still decide."""
    return [
        case for case in search.skipped_by(reviewer, queue) if not _is_own(desk, case, reviewer)
    ]


def resume_skipped(desk: Desk, search: CaseSearch, reviewer: str, queue: str) -> int:
    """Take back this reviewer's skips in a queue; return how many cases wait for them again.

    A case that another reviewer has meanwhile stays skipped.
    """
    resumed = 0
    for case in skipped_cases(desk, search, reviewer, queue):
        try:
            # Whoever takes a case has not skipped it.
            desk.claim(case.id, reviewer)
        except CaseTaken:
            continue
        desk.release(case.id, reviewer)
        resumed += 1
    return resumed


def _is_own(desk: Desk, case: Case, reviewer: str) -> bool:
    """Say whether a case is the second look at this reviewer's own decision."""
    first = first_id(case)
    if first is None:
        return False
    try:
        return desk.case(first).decided_by == reviewer
    except NotFound:
        return False
