"""Questions for sets of products that the feed describes alike: a kind, a colour, a brand.

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
class ProductSet:
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
    noun = last[:-2] if last.endswith(("xes", "ches")) else last.removesuffix("s")
    noun = {"scarve": "scarf", "dishe": "dish", "t-shirt": "t-shirt"}.get(noun, noun)
    return " ".join([*words[:-1], noun])


def product_sets(listings: Sequence[Listing], count: int, seed: int) -> list[ProductSet]:
    """Return up to `count` questions that mean at least one product."""
    dice = random.Random(seed)
    makers: tuple[Callable[[Listing], ProductSet], ...] = (
        lambda listing: _kind(listing, listings),
        lambda listing: _coloured(listing, listings, dice),
        lambda listing: _shade(listing, listings),
        lambda listing: _brand(listing, listings),
        lambda listing: _brand_kind(listing, listings),
        lambda listing: _size(listing, listings),
    )
    made: dict[str, ProductSet] = {}
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
) -> ProductSet:
    may = possible or sure
    return ProductSet(
        text, sum(map(sure, listings)), sum(sure(other) or may(other) for other in listings)
    )


def _is_kind(listing: Listing, kind: str) -> bool:
    words = set(plain_words(singular(kind)))
    return listing.kind == kind or words <= set(listing.title_words)


def _kind(listing: Listing, listings: Sequence[Listing]) -> ProductSet:
    kind = listing.kind
    return _count(
        singular(kind),
        listings,
        lambda other: other.kind == kind,
        lambda other: _is_kind(other, kind),
    )


def _coloured(listing: Listing, listings: Sequence[Listing], dice: random.Random) -> ProductSet:
    kind = listing.kind
    basic = dice.choice(ACCEPTED.get(listing.text("color"), ("red",)))
    return _count(
        f"{basic} {singular(kind)}",
        listings,
        lambda other: other.kind == kind and is_surely(other.text("color"), basic),
        lambda other: _is_kind(other, kind) and is_called(other.text("color"), basic),
    )


def _shade(listing: Listing, listings: Sequence[Listing]) -> ProductSet:
    kind, shade = listing.kind, listing.text("color")
    return _count(
        f"{shade.lower()} {singular(kind)}",
        listings,
        lambda other: other.kind == kind and other.text("color") == shade,
        lambda other: _is_kind(other, kind) and shade.lower() in other.words,
    )


def _brand(listing: Listing, listings: Sequence[Listing]) -> ProductSet:
    brand = listing.text("brand")
    return _count(brand.upper(), listings, lambda other: other.text("brand") == brand)


def _brand_kind(listing: Listing, listings: Sequence[Listing]) -> ProductSet:
    kind, brand = listing.kind, listing.text("brand")
    return _count(
        f"{brand.lower()} {singular(kind)}s",
        listings,
        lambda other: other.text("brand") == brand and other.kind == kind,
        lambda other: other.text("brand") == brand and _is_kind(other, kind),
    )


def _size(listing: Listing, listings: Sequence[Listing]) -> ProductSet:
    kind, size = listing.kind, listing.text("size")
    if not size:
        return ProductSet("", 0, 0)
    return _count(
        f"{singular(kind)} {size.replace(' ', '')}",
        listings,
        lambda other: other.kind == kind and other.text("size") == size,
        lambda other: (
            _is_kind(other, kind) and size in f"{other.text('size')} {other.text('description')}"
        ),
    )
