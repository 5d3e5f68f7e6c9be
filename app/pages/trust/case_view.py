"""A case as its page shows it: who has it, its members, and the member compared."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from flask import request

from app.pages import language
from app.pages.figures import age, moment, percent
from app.pages.trust.comparison import Comparison, build_comparison
from app.pages.trust.facts import ListingView, load_listings
from app.pages.trust.seller_history import seller_history
from app.services import current_services
from app.trust.desk import second_looks
from app.trust.desk.case import OPEN, Case

MAX_CARDS = 120
"""Members shown on a page; a verdict without a selection applies to the others of a flood too."""


@dataclass(frozen=True)
class MemberCard:
    """One member of a group. `verdict` is the one chosen in its form so far, "" for none."""

    key: str
    number: int
    listing: ListingView
    label: str
    p_same_photo: str
    verdict: str
    is_shown: bool


@dataclass(frozen=True)
class CommentView:
    """One comment."""

    by: str
    at: str
    text: str


@dataclass(frozen=True)
class CaseView:
    """A case as one reviewer sees it.

    `status` is `mine`, `held` (another reviewer has it), `open` (nobody has it), `decided` or
    `withdrawn`.
    `is_skipped` says that this reviewer skipped it.
    """

    case: Case
    status: str
    can_undo: bool
    is_skipped: bool
    representative: ListingView
    cards: Sequence[MemberCard]
    more: int
    comparison: Comparison
    notes: Sequence[CommentView]
    age: str
    until: str
    decided_at: str

    @property
    def relatives(self) -> int:
        """How many other listings are on the representative's side."""
        listings = {member.picture.product_id for member in self.case.relatives}
        return len(listings)

    @property
    def is_group(self) -> bool:
        """Whether there is more than one member to decide about."""
        return len(self.case.members) > 1


def build_case_view(
    case: Case, reviewer: str, show: str, form_choices: Mapping[str, str] | None = None
) -> CaseView:
    """Return the case as `reviewer` sees it; the member with the key `show` is compared."""
    status = _status(case, reviewer)
    # In a stale tab, choices for another reviewer's case must not look like verdicts.
    choices = (form_choices or {}) if status == "mine" else {}
    reader = language.requested_language(request)
    members = case.members[:MAX_CARDS]
    compared = next(member for member in case.members if member.picture.key == show)
    other = case.other_picture(compared)
    pictures = [
        case.representative, other, compared.picture, *(member.picture for member in members)
    ]  # fmt: skip
    shared = current_services()
    known = load_listings(shared, pictures, reader)
    representative = known[case.representative]
    sellers = {known[picture].facts.get("seller_id") for picture in (other, compared.picture)}
    histories = {seller: seller_history(shared, seller) for seller in sellers if seller}
    return CaseView(
        case=case,
        status=status,
        can_undo=case.state != OPEN and case.decided_by == reviewer,
        is_skipped=case.queue != second_looks.QUEUE and reviewer in case.skipped_by,
        representative=representative,
        cards=[
            MemberCard(
                key=member.picture.key,
                number=number,
                listing=known[member.picture],
                label=member.finding.label,
                p_same_photo=percent(member.finding.p_same_photo, reader),
                verdict=choices.get(member.picture.key) or member.verdict or "",
                is_shown=member is compared,
            )
            for number, member in enumerate(members, 1)
        ],
        more=len(case.members) - len(members),
        comparison=build_comparison(
            case, compared, known[other], known[compared.picture], reader, histories
        ),
        notes=[
            CommentView(
                str(comment["reviewer"]),
                moment(datetime.fromisoformat(comment["at"]), reader),
                comment["text"],
            )
            for comment in case.comments
        ],
        age=age(case.opened_at, reader),
        until=moment(case.claimed_until, reader) if case.claimed_until else "",
        decided_at=moment(case.decided_at, reader) if case.decided_at else "",
    )


def _status(case: Case, reviewer: str) -> str:
    if case.state != OPEN:
        return case.state
    if (
        case.claimed_by is None
        or case.claimed_until is None
        or case.claimed_until <= datetime.now(UTC)
    ):
        return "open"
    return "mine" if case.claimed_by == reviewer else "held"
