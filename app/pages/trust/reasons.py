"""Says in words how a member differs from the representative: its picture, and its listing."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from babel.dates import format_timedelta
from babel.numbers import format_percent

from app.pages.language import Language
from app.pages.trust.facts import ListingView
from app.trust.examination.evidence import PairFinding
from app.trust.examination.transformation import Transformation, name_transformations

SAME_MOMENT = timedelta(minutes=30)
"""Pictures added within this time came with one load of a feed: their order means nothing."""

EXACT_DAYS = 60
"""Days up to which a time is told to the day: "12 days", not "2 weeks"."""

LEAST_PRICE_CHANGE = 0.01
"""Share of the price below which a difference is a matter of rounding."""

WORD = re.compile(r"\w*\d\w*|[^\W\d_]{3,}")
"""What counts as a word read in a picture: three letters or more, or anything with a digit."""

MAX_WORDS = 6


@dataclass(frozen=True)
class Reason:
    """One thing to know about a pair. `kind` is `picture`, `listing`, or `apart`: no copy."""

    kind: str
    text: str


def build_reasons(
    finding: PairFinding, representative: ListingView, member: ListingView, language: Language
) -> list[Reason]:
    """Return the reasons in the order they are told: what speaks against a copy comes first."""
    reasons = [Reason("apart", text) for text in _apart(finding, language)]
    reasons += [
        Reason("picture", text) for text in _picture(finding, representative, member, language)
    ]
    reasons += [Reason("listing", text) for text in _listing(representative, member, language)]
    return reasons


def _apart(finding: PairFinding, language: Language) -> Iterator[str]:
    difference = finding.difference
    if difference is not None:
        key = f"trust.apart.{difference}"
        yield language.text(key) if language.has(key) else difference.replace("_", " ")


def _picture(
    finding: PairFinding, representative: ListingView, member: ListingView, language: Language
) -> Iterator[str]:
    if finding.label == "same_file":
        yield language.text("trust.reason.same_file")
        return
    if finding.alignment is None:
        yield language.text("trust.reason.unaligned")
        return
    done = name_transformations(finding.alignment)
    if not done and finding.label == "same_photo":
        yield language.text("trust.reason.unchanged")
    for transformation in done:
        yield _told(transformation, representative, member, language)


def _told(
    transformation: Transformation,
    representative: ListingView,
    member: ListingView,
    language: Language,
) -> str:
    name, amount = transformation.name, transformation.amount
    key = f"trust.done_to.{name}"
    if name == "turned":
        return language.text(key, degrees=language.number(amount or 0))
    if name == "overprinted" and (words := _added_words(representative.text, member.text)):
        return language.text(f"{key}.words", words=words)
    if amount is None:
        return language.text(key)
    return language.text(key, share=_whole_percent(amount, language))


def _added_words(before: str, after: str) -> str:
    """Return the words read in a picture that are not read in the other, in their order."""
    known = {word.casefold() for word in WORD.findall(before)}
    words = dict.fromkeys(word for word in WORD.findall(after) if word.casefold() not in known)
    return " ".join(list(words)[:MAX_WORDS])


def _listing(representative: ListingView, member: ListingView, language: Language) -> Iterator[str]:
    if representative.added_at and member.added_at:
        later = member.added_at - representative.added_at
        if abs(later) >= SAME_MOMENT:
            time = _span(abs(later), language)
            yield language.text(
                "trust.reason.later" if later > timedelta() else "trust.reason.earlier", time=time
            )
    if representative.seller and member.seller:
        is_same = representative.seller.casefold() == member.seller.casefold()
        yield language.text("trust.reason.own_seller" if is_same else "trust.reason.other_seller")
    if representative.price and member.price and representative.currency == member.currency:
        change = member.price / representative.price - 1
        if abs(change) >= LEAST_PRICE_CHANGE:
            share = _whole_percent(abs(change), language)
            yield language.text(
                "trust.reason.cheaper" if change < 0 else "trust.reason.dearer", share=share
            )


def _span(time: timedelta, language: Language) -> str:
    """Return how long a time is: to the day where that is of use, else in its largest unit."""
    if 2 <= time.days <= EXACT_DAYS:
        return language.count("trust.reason.days", time.days)
    return format_timedelta(time, locale=language.code)


def _whole_percent(share: float, language: Language) -> str:
    """Return a share without decimals, at least 1 %."""
    return format_percent(max(share, 0.01), format="#,##0%", locale=language.code)
