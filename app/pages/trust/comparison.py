"""A member beside the representative, as a page shows it: pictures, facts, and why it matched."""

from collections.abc import Sequence
from dataclasses import dataclass

from app.pages.language import Language
from app.pages.trust.facts import FactRow, ListingView, compare_facts
from app.pages.trust.figures import log_odds, percent
from app.trust.desk.case import Case, Member
from app.trust.examination.evidence import Finding

HALF_WIDTH = 50.0
"""Half the width of a contribution's bar chart, in its own units."""


@dataclass(frozen=True)
class SignalBar:
    """One signal: what it measured and what it said, for (right) or against (left).

    `x` and `width` place its bar between -WIDEST and WIDEST; a signal that the verdict does not
    use has none, and no `log_odds`.
    """

    name: str
    value: str
    log_odds: str = ""
    x: float = 0.0
    width: float = 0.0
    against: bool = False


@dataclass(frozen=True)
class Comparison:
    """One comparison. `number` counts members from 1."""

    member: Member
    number: int
    left: ListingView
    right: ListingView
    rows: Sequence[FactRow]
    bars: Sequence[SignalBar]
    p_same_photo: str
    p_same_product: str

    @property
    def is_mirrored(self) -> bool:
        """Whether the member's picture is the other way round."""
        alignment = self.member.finding.alignment
        return alignment is not None and alignment.mirrored


def build_comparison(
    case: Case, member: Member, left: ListingView, right: ListingView, language: Language
) -> Comparison:
    """Return the comparison of one of the case's members."""
    finding = member.finding
    return Comparison(
        member=member,
        number=case.members.index(member) + 1,
        left=left,
        right=right,
        rows=compare_facts(left, right),
        bars=signal_bars(finding, language),
        p_same_photo=percent(finding.p_same_photo, language),
        p_same_product=percent(finding.p_same_product, language),
    )


def signal_bars(finding: Finding, language: Language) -> list[SignalBar]:
    """Return every signal once: those that contributed, weightiest first, then the others."""
    most = max((abs(c.log_odds) for c in finding.contributions), default=0.0) or 1.0
    found = []
    for one in finding.contributions:
        width = HALF_WIDTH * abs(one.log_odds) / most
        found.append(
            SignalBar(
                name=_name(one.signal, language),
                value=_value(one.signal, one.value, language),
                log_odds=log_odds(one.log_odds, language),
                x=round(-width if one.log_odds < 0 else 0.0, 2),
                width=round(width, 2),
                against=one.log_odds < 0,
            )
        )
    used = {one.signal for one in finding.contributions}
    found += [
        SignalBar(_name(name, language), _value(name, value, language))
        for name, value in finding.signals.items()
        if name not in used
    ]
    return found


def _name(signal: str, language: Language) -> str:
    """Return a signal's name in words; one nobody has named yet is shown by its own."""
    key = f"trust.signal.{signal}"
    return language.text(key) if language.has(key) else signal.replace("_", " ")


def _value(signal: str, value: float, language: Language) -> str:
    """Return a signal's value in its own unit."""
    key = f"trust.value.{signal}"
    number = language.number(round(value, 3) + 0.0)
    return language.text(key, value=number) if language.has(key) else number
