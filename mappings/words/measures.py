"""Find sizes and quantities in text and write each one way: 0.5 l and 500 ml are one term."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

UNITS: dict[str, tuple[str, Fraction]] = {
    name: (base, Fraction(factor))
    for base, factors in {
        "ml": {
            "ml cc ミリリットル": "1", "cl": "10", "dl デシリットル": "100",
            "l lt ltr litre litres liter liters リットル": "1000",
        },
        "mm": {
            "mm ミリ ミリメートル": "1", "cm センチ センチメートル": "10",
            "m metre metres meter meters メートル": "1000",
            "inch inches インチ": "25.4", "ft foot feet フィート": "304.8",
        },
        "g": {
            "mg": "0.001", "g gr gram grams gramme grammes グラム": "1",
            "kg kgs kilo kilos キロ キログラム": "1000",
            "oz ounce ounces オンス": "28.349523125", "lb lbs pound pounds ポンド": "453.59237",
        },
        "w": {"w watt watts ワット": "1"},
    }.items()
    for names, factor in factors.items()
    for name in names.split()
}  # fmt: skip
"""Unit → base unit and how many of it; feet and pounds as the 1959 agreement defines them."""

CLOTHING = {
    "xxs": "xxs", "2xs": "xxs", "xs": "xs", "s": "s", "small": "s", "m": "m", "medium": "m",
    "l": "l", "large": "l", "xl": "xl", "extralarge": "xl", "xxl": "xxl", "2xl": "xxl",
    "xxxl": "xxxl", "3xl": "xxxl", "4xl": "xxxxl", "xxxxl": "xxxxl",
}  # fmt: skip
"""Clothing sizes and their other spellings."""

NUMBER = r"\d+(?:[.,]\d+)?(?:\s\d/\d)?"
_UNIT_NAMES = "|".join(sorted(map(re.escape, UNITS), key=len, reverse=True))
MEASURE = re.compile(
    rf"(?<![\w.,/])(?P<number>{NUMBER})"
    rf"(?:(?:\s?-?(?P<unit>{_UNIT_NAMES})|(?P<inch>in))(?![a-z])|(?P<quote>\"|''))?(?![a-z\d/])"
)


SIDE = rf"{NUMBER}(?:\s?(?:{_UNIT_NAMES}))?"
DIMENSIONS = re.compile(rf"(?<![\w.,/]){SIDE}(?:\s?[x×*]\s?{SIDE}){{1,2}}(?![a-z\d/])")
"""Two or three sides, as in 50 x 70 cm."""

_SIDE = re.compile(rf"(?P<number>{NUMBER})(?:\s?(?P<unit>{_UNIT_NAMES}))?")


@dataclass(frozen=True)
class Measure:
    """A number in a text, from `start` to `end`, with `term`, the one way to write it.

    With a unit the term is in the base unit (`500ml`, `270mm`); without, the bare number (`42.5`).
    `others` are further ways to find it, each terms that must all be there: dimensions are found
    without their unit (`50x70`), and by their sides.
    """

    start: int
    end: int
    term: str
    has_unit: bool
    others: tuple[tuple[str, ...], ...] = ()


def find_measures(text: str) -> Iterator[Measure]:
    """Yield the numbers of a folded text, left to right, with their units."""
    end = 0
    for dimensions in DIMENSIONS.finditer(text):
        yield from _numbers(text, end, dimensions.start())
        yield _dimensions(dimensions)
        end = dimensions.end()
    yield from _numbers(text, end, len(text))


def _dimensions(match: re.Match[str]) -> Measure:
    sides = list(_SIDE.finditer(match[0]))
    numbers = [_value(side["number"]) for side in sides]
    bare = "x".join(map(_written, numbers))
    last = sides[-1]["unit"]
    if last is None:
        return Measure(match.start(), match.end(), bare, has_unit=False)
    units = [UNITS[side["unit"] or last] for side in sides]
    written = [_written(n * factor) for n, (_, factor) in zip(numbers, units, strict=True)]
    base = units[-1][0]
    each = tuple(f"{side}{base}" for side in written)
    return Measure(
        match.start(), match.end(), "x".join(written) + base, True, others=((bare,), each)
    )


def _numbers(text: str, start: int, end: int) -> Iterator[Measure]:
    for match in MEASURE.finditer(text, start, end):
        value = _value(match["number"])
        unit = match["unit"] or ("inch" if match["inch"] or match["quote"] else None)
        if unit is None:
            yield Measure(match.start(), match.end(), _written(value), has_unit=False)
        else:
            base, factor = UNITS[unit]
            yield Measure(match.start(), match.end(), _written(value * factor) + base, True)


def clothing_size(word: str) -> str | None:
    """Return the usual spelling of a clothing size, or None for any other word."""
    return CLOTHING.get(word.replace("-", "").replace(" ", ""))


def _value(number: str) -> Fraction:
    whole, _, part = number.partition(" ")
    # A comma before three digits separates thousands; before one or two it is a decimal point.
    if re.fullmatch(r"\d{1,3},\d{3}", whole):
        whole = whole.replace(",", "")
    value = Fraction(Decimal(whole.replace(",", ".")))
    if part and not part.endswith("/0"):
        value += Fraction(part)
    return value


def _written(value: Fraction) -> str:
    return f"{float(value):.2f}".rstrip("0").rstrip(".")
