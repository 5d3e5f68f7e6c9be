"""Questions that mean a set of products, by what the feed says of them: a kind, a colour, a brand.

The right total lies between the products that are surely meant and those that may be: a teal mug
may be called green or blue. A word of a kind also means products that have it in their title.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from bench.words.demo_colours import ACCEPTED, is_called, is_surely
from bench.words.listing import Listing, plain_words

TOLERANCE = 0.1
"""Share by which a total may be off."""


@dataclass(frozen=True)
class MeantSet:
    """Words, and how many products they mean at least and at most."""

    text: str
    least: int
    most: int

    def holds(self, total: int) -> bool:
        """Return whether a total is right within the tolerance, rounded to whole products."""
        low = self.least - max(0, round(TOLERANCE * self.least))
        return low <= total <= self.most + max(0, round(TOLERANCE * self.most))


def singular(kind: str) -> str:
    """Return the word for one product of a kind: ``tote bag`` of ``Tote Bags``."""
    words = plain_words(kind.partition("&")[0])
    last = words[-1] if words else ""
    one = last[:-2] if last.endswith(("xes", "ches")) else last.removesuffix("s")
    one = {"scarve": "scarf", "dishe": "dish", "t-shirt": "t-shirt"}.get(one, one)
    return " ".join([*words[:-1], one])


def meant_sets(listings: Sequence[Listing], count: int, seed: int) -> list[MeantSet]:
    """Return up to `count` questions that mean at least one product."""
    dice = random.Random(seed)
    makers: tuple[Callable[[Listing], MeantSet], ...] = (
        lambda one: _kind(one, listings),
        lambda one: _coloured(one, listings, dice),
        lambda one: _shade(one, listings),
        lambda one: _brand(one, listings),
        lambda one: _brand_kind(one, listings),
        lambda one: _size(one, listings),
    )
    made: dict[str, MeantSet] = {}
    for _ in range(20 * count):
        question = dice.choice(makers)(dice.choice(listings))
        if question.least and question.text.strip():
            made.setdefault(question.text, question)
        if len(made) == count:
            break
    return list(made.values())


def _count(
    text: str,
    listings: Sequence[Listing],
    sure: Callable[[Listing], bool],
    possible: Callable[[Listing], bool] | None = None,
) -> MeantSet:
    may = possible or sure
    return MeantSet(text, sum(map(sure, listings)), sum(sure(x) or may(x) for x in listings))


def _is_kind(one: Listing, kind: str) -> bool:
    words = set(plain_words(singular(kind)))
    return one.kind == kind or words <= set(one.title_words)


def _kind(one: Listing, listings: Sequence[Listing]) -> MeantSet:
    kind = one.kind
    return _count(singular(kind), listings, lambda x: x.kind == kind, lambda x: _is_kind(x, kind))


def _coloured(one: Listing, listings: Sequence[Listing], dice: random.Random) -> MeantSet:
    kind = one.kind
    basic = dice.choice(ACCEPTED.get(one.text("color"), ("red",)))
    return _count(
        f"{basic} {singular(kind)}",
        listings,
        lambda x: x.kind == kind and is_surely(x.text("color"), basic),
        lambda x: _is_kind(x, kind) and is_called(x.text("color"), basic),
    )


def _shade(one: Listing, listings: Sequence[Listing]) -> MeantSet:
    kind, shade = one.kind, one.text("color")
    return _count(
        f"{shade.lower()} {singular(kind)}",
        listings,
        lambda x: x.kind == kind and x.text("color") == shade,
        lambda x: _is_kind(x, kind) and shade.lower() in x.words,
    )


def _brand(one: Listing, listings: Sequence[Listing]) -> MeantSet:
    brand = one.text("brand")
    return _count(brand.upper(), listings, lambda x: x.text("brand") == brand)


def _brand_kind(one: Listing, listings: Sequence[Listing]) -> MeantSet:
    kind, brand = one.kind, one.text("brand")
    return _count(
        f"{brand.lower()} {singular(kind)}s",
        listings,
        lambda x: x.text("brand") == brand and x.kind == kind,
        lambda x: x.text("brand") == brand and _is_kind(x, kind),
    )


def _size(one: Listing, listings: Sequence[Listing]) -> MeantSet:
    kind, size = one.kind, one.text("size")
    if not size:
        return MeantSet("", 0, 0)
    return _count(
        f"{singular(kind)} {size.replace(' ', '')}",
        listings,
        lambda x: x.kind == kind and x.text("size") == size,
        lambda x: _is_kind(x, kind) and size in f"{x.text('size')} {x.text('description')}",
    )
