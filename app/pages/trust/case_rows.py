"""Cases as lines of a list: their listings, state, and who has or decided them."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from app.pages.figures import moment, percent
from app.pages.language import Language
from app.pages.trust.facts import ListingView, load_listings
from app.services import Services
from app.trust.desk.case import DECIDED, OPEN, VERDICTS, Case
from app.trust.desk.case_search import CLAIMED, WAITING
from app.trust.examination.evidence import ListingPicture


@dataclass(frozen=True)
class CaseRow:
    """One case of a list.

    `state` is one of `app.trust.desk.case_search.STATES`, `reviewer` whoever has or decided the
    case. `verdicts` counts the members by verdict, where it is decided.
    """

    case: Case
    representative: ListingView
    member: ListingView
    more: int
    state: str
    reviewer: str
    changed_at: datetime
    changed: str
    p_same_photo: str
    verdicts: Mapping[str, int]


def build_rows(
    shared: Services, cases: Sequence[Case], language: Language, at: datetime
) -> list[CaseRow]:
    """Return a row for each case, with one request for all their listings."""
    pictures = [
        picture for case in cases for picture in (case.representative, case.members[0].picture)
    ]
    known = load_listings(shared, pictures, language)
    return [_row(case, known[case.representative], known, language, at) for case in cases]


def case_state(case: Case, at: datetime) -> str:
    """Return whether a case waits, is claimed at that time, is decided or withdrawn."""
    if case.state != OPEN:
        return case.state
    is_claimed = case.claimed_until is not None and case.claimed_until > at
    return CLAIMED if is_claimed and case.claimed_by else WAITING


def _row(
    case: Case,
    representative: ListingView,
    known: Mapping[ListingPicture, ListingView],
    language: Language,
    at: datetime,
) -> CaseRow:
    state = case_state(case, at)
    reviewer = {DECIDED: case.decided_by, CLAIMED: case.claimed_by}.get(state)
    counts = Counter(member.verdict for member in case.members if member.verdict)
    return CaseRow(
        case=case,
        representative=representative,
        member=known[case.members[0].picture],
        more=len(case.members) - 1,
        state=state,
        reviewer=reviewer or "",
        changed_at=case.updated_at,
        changed=moment(case.updated_at, language),
        p_same_photo=percent(case.probability, language),
        verdicts={verdict: counts[verdict] for verdict in VERDICTS if counts[verdict]},
    )
