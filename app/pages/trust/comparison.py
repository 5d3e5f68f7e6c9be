"""A member compared with the representative, as a page shows it: pictures, facts and signals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from app.pages.figures import log_odds, percent
from app.pages.language import Language
from app.pages.trust.facts import FactRow, ListingView, compare_facts
from app.pages.trust.reasons import Reason, build_reasons
from app.pages.trust.seller_history import SellerHistory
from app.trust.desk.case import Case, Member
from app.trust.examination.evidence import PairFinding

HALF_WIDTH = 50.0
"""Half the width of a contribution's bar chart, in its own units."""


@dataclass(frozen=True)
class SignalBar:
    """One signal: its value, and how far it speaks for (right) or against (left) the same photo.

    `x` and `width` place its bar between -HALF_WIDTH and HALF_WIDTH; a signal that the verdict does
    not use has no bar and no `log_odds`.
    """

    name: str
    value: str
    log_odds: str = ""
    x: float = 0.0
    width: float = 0.0
    against: bool = False


@dataclass(frozen=True)
class Comparison:
    """One comparison. `number` counts members from 1.

    `representative` is what the member is compared with: the case's representative, or, unless
    `is_with_representative`, another of its pictures.

    The histories are those of the listings' sellers, None where a listing names none.
    """

    member: Member
    number: int
    is_with_representative: bool
    representative: ListingView
    member_listing: ListingView
    rows: Sequence[FactRow]
    bars: Sequence[SignalBar]
    p_same_photo: str
    p_same_product: str
    representative_history: SellerHistory | None
    member_history: SellerHistory | None
    reasons: Sequence[Reason]

    @property
    def is_mirrored(self) -> bool:
        """Whether the member's picture is mirrored."""
        alignment = self.member.finding.alignment
        return alignment is not None and alignment.mirrored


def build_comparison(
    case: Case,
    member: Member,
    representative: ListingView,
    member_listing: ListingView,
    language: Language,
    histories: Mapping[str, SellerHistory],
) -> Comparison:
    """Return the comparison of one of the case's members; `histories` are those of sellers."""
    finding = member.finding
    return Comparison(
        member=member,
        number=case.members.index(member) + 1,
        is_with_representative=case.other_picture(member) == case.representative,
        representative=representative,
        member_listing=member_listing,
        rows=compare_facts(representative, member_listing),
        bars=signal_bars(finding, language),
        p_same_photo=percent(finding.p_same_photo, language),
        p_same_product=percent(finding.p_same_product, language),
        representative_history=histories.get(representative.seller),
        member_history=histories.get(member_listing.seller),
        reasons=build_reasons(finding, representative, member_listing, language),
    )


def signal_bars(finding: PairFinding, language: Language) -> list[SignalBar]:
    """Return every signal once: contributing ones by weight, then the others."""
    most = max((abs(c.log_odds) for c in finding.contributions), default=0.0) or 1.0
    result = []
    for contribution in finding.contributions:
        width = HALF_WIDTH * abs(contribution.log_odds) / most
        result.append(
            SignalBar(
                name=_name(contribution.signal, language),
                value=_value(contribution.signal, contribution.value, language),
                log_odds=log_odds(contribution.log_odds, language),
                x=round(-width if contribution.log_odds < 0 else 0.0, 2),
                width=round(width, 2),
                against=contribution.log_odds < 0,
            )
        )
    used = {one.signal for one in finding.contributions}
    result += [
        SignalBar(_name(name, language), _value(name, value, language))
        for name, value in finding.signals.items()
        if name not in used
    ]
    return result


def _name(signal: str, language: Language) -> str:
    """Return a signal's name in the reader's language; without a translation, its own name."""
    key = f"trust.signal.{signal}"
    return language.text(key) if language.has(key) else signal.replace("_", " ")


def _value(signal: str, value: float, language: Language) -> str:
    """Return a signal's value in its own unit."""
    key = f"trust.value.{signal}"
    number = language.number(round(value, 3) + 0.0)
    return language.text(key, value=number) if language.has(key) else number
